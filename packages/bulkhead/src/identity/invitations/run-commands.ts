/** What `bulkhead invite …` does; loaded when one of them runs. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { withTenantStatements } from '../../isolation/index.ts';
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { kernelError } from '../../kernel/error-codes.ts';
import type { Progress } from '../../kernel/terminal/index.ts';
import { createAccountsConnection } from '../accounts/accounts-query.ts';
import { type IdentityConfig, identitySection } from '../config.ts';
import { identityError } from '../errors.ts';
import { mailLinks } from '../mail/links.ts';
import { createMail, type MailRoom } from '../mail/mail.ts';
import { createInvitationTokens } from './invitation-token.ts';
import {
  type Invitation,
  type InvitationPorts,
  invitationCreate,
  invitationExport,
  invitationImport,
  invitationList,
  invitationResend,
  invitationRevoke,
} from './operations.ts';

export function createInvitation(
  io: CommandIo,
  {
    tenant,
    email,
    role,
    name,
    node,
  }: {
    tenant: string;
    email: string;
    role: string;
    name?: string | undefined;
    node?: string | undefined;
  },
): Promise<ExitCode> {
  const input = {
    email,
    role,
    ...(name !== undefined && { name }),
    ...(node !== undefined && { node }),
  };
  return withInvitations(io, tenant, async (ports) =>
    show(io, await invitationCreate.run(ports, input), 'invited'),
  );
}

export function listInvitations(
  io: CommandIo,
  {
    tenant,
    csv,
    status,
    after,
    limit,
  }: {
    tenant: string;
    csv?: boolean | undefined;
    status?: Invitation['status'] | undefined;
    after?: string | undefined;
    limit: number;
  },
): Promise<ExitCode> {
  return withInvitations(io, tenant, async (ports) => {
    if (csv) {
      const table = await invitationExport.run(ports, {});
      io.line(table.csv.trimEnd());
      io.result(table);
      return exitCodes.done;
    }
    const page = await invitationList.run(ports, {
      limit,
      ...(status !== undefined && { status }),
      ...(after !== undefined && { after }),
    });
    io.table(
      ['id', 'email', 'role', 'status', 'expires', 'invited by'],
      page.items.map((item) => [
        item.id,
        item.email,
        item.role,
        item.status,
        item.expiresAt,
        item.invitedBy,
      ]),
      { whole: ['id'] },
    );
    if (page.next !== null) io.line(`There are more: --after ${page.next}`);
    io.result(page);
    return exitCodes.done;
  });
}

export function resendInvitation(
  io: CommandIo,
  { tenant, id }: { tenant: string; id: string },
): Promise<ExitCode> {
  return withInvitations(io, tenant, async (ports) =>
    show(io, await invitationResend.run(ports, { id }), 'mailed again'),
  );
}

export function revokeInvitation(
  io: CommandIo,
  { tenant, id }: { tenant: string; id: string },
): Promise<ExitCode> {
  return withInvitations(io, tenant, async (ports) =>
    show(io, await invitationRevoke.run(ports, { id }), 'taken back'),
  );
}

export async function importInvitations(
  io: CommandIo,
  { tenant, file, dryRun = false }: { tenant: string; file: string; dryRun?: boolean | undefined },
): Promise<ExitCode> {
  const csv = await readFile(resolve(io.cwd, file), 'utf8').catch((cause) => {
    throw kernelError('kernel.file_unreadable', { message: `${file} can’t be read.`, cause });
  });
  return withInvitations(io, tenant, async (ports) => {
    let bar: Progress | undefined;
    let before = 0;
    const imported = (lines: number, of: number): void => {
      bar ??= io.progress(dryRun ? 'Looking' : 'Inviting', of);
      bar.advance(lines - before);
      before = lines;
    };
    const found = await invitationImport.run({ ...ports, imported }, { csv, dryRun });
    bar?.done();
    const refused = found.lines.filter(({ outcome }) => outcome === 'refused');
    if (refused.length > 0) {
      io.table(
        ['line', 'email', 'refused because of'],
        refused.map(({ line, email, code }) => [String(line), email, code ?? '']),
      );
    }
    io.line(
      `${found.invited} ${dryRun ? 'would be invited' : 'invited'}, ${found.present} were before, ${found.refused} refused.`,
    );
    io.result(found);
    return found.refused > 0 ? exitCodes.found : exitCodes.done;
  });
}

function show(io: CommandIo, item: Invitation, done: string): ExitCode {
  io.line(`${item.email} ${done}: ${item.role}, ${item.status} until ${item.expiresAt}`);
  io.line(item.id);
  io.result(item);
  return exitCodes.done;
}

async function withInvitations(
  io: CommandIo,
  tenant: string,
  work: (ports: InvitationPorts) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = await io.section('identity', identitySection);
  const { contextKeys } = await io.section(
    'isolation',
    z.looseObject({ contextKeys: z.array(z.string()) }),
  );
  const accounts = createAccountsConnection(config.accountsUrl);
  const controlPlane = await io.section(
    'http',
    z.looseObject({ publicUrl: z.string() }).optional(),
  );
  const mail = mailOf(config, contextKeys, accounts, controlPlane?.publicUrl);
  let posted = false;
  try {
    const code = await withTenantStatements(io, tenant, (query) =>
      work({
        query,
        seal: mail.seal,
        tokens: createInvitationTokens(contextKeys),
        lifetimeSeconds: config.invitationDays * 86_400,
        posted: () => {
          posted = true;
        },
      }),
    );
    if (posted) await sendNow(io, config, mail);
    return code;
  } finally {
    await mail.close();
    await accounts.close();
  }
}

/** What was posted is committed and goes anyway; so what fails here is told and no failure. */
async function sendNow(io: CommandIo, config: IdentityConfig, { mail }: MailRoom): Promise<void> {
  const here = config.accountsUrl !== undefined && config.mail?.sendFrom === 'any';
  const sent = here ? await mail.sendDue().catch(() => 0) : 0;
  if (sent === 0) io.note('The mail waits for a process that sends, such as bulkhead work.');
}

function mailOf(
  config: IdentityConfig,
  contextKeys: readonly string[],
  accounts: ReturnType<typeof createAccountsConnection>,
  controlPlaneUrl: string | undefined,
): MailRoom {
  const links = mailLinks(config, controlPlaneUrl);
  return createMail({
    config: config.mail,
    contextKeys,
    accounts,
    sendsByItself: false,
    settings: {
      product: config.productName,
      invitationUrl: links.invitation,
      emailChangeUrl: links.emailChange,
    },
    unconfigured: () => identityError('identity.mail_unconfigured'),
  });
}
