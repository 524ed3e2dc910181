/** What can be done with a tenant's invitations: one value an operation. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { kernelError } from '../../kernel/error-codes.ts';
import {
  defineOperation,
  type OperationDefinition,
  type StatementPort,
} from '../../kernel/operation.ts';
import { parseEmailAddress } from '../email-address.ts';
import type { MailSeal } from '../mail/mail-seal.ts';
import { idField, limitField, nameField, timeField } from '../operations/fields.ts';
import { ask, askOne } from '../operations/identity-operation.ts';
import { writeCsv } from './csv.ts';
import type { InvitationTokens } from './invitation-token.ts';
import { type Invitee, readInviteeTable } from './invitee-table.ts';

export interface InvitationPorts extends StatementPort {
  readonly seal: MailSeal;
  readonly tokens: InvitationTokens;
  /** How long a link works. */
  readonly lifetimeSeconds: number;
  /** Mail was posted: told once it is committed. */
  posted(): void;
  /** So many of a table's lines are through; what was invited until then is committed. */
  imported?(lines: number, of: number): void;
}

const CHUNK = 500;
const CSV_LENGTH_MAX = 5_000_000;
const roleField = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/)
  .describe('The role’s key, such as `member`.');

const invitation = z.object({
  id: idField,
  email: z.string(),
  name: z.string().nullable(),
  role: z.string(),
  node: idField,
  status: z.enum(['pending', 'accepted', 'revoked', 'expired']),
  invitedBy: z.string().describe('As type:id.'),
  createdAt: timeField,
  sentAt: timeField,
  expiresAt: timeField,
});
export type Invitation = z.output<typeof invitation>;

const shared = {
  room: 'identity',
  kind: 'change',
  permission: 'member:invite',
} as const;

export const invitationCreate = defineOperation({
  ...shared,
  node: 'target',
  name: 'invitation.create',
  summary: 'Invites somebody by mail. Members, users and strangers are answered alike.',
  input: z.strictObject({
    email: z.string().max(508),
    role: roleField,
    node: idField.optional().describe('Where they get the role; the tenant unless given.'),
    name: nameField.optional().describe('What the mail calls them.'),
  }),
  output: invitation,
  event: 'invitation.created',
  errors: [
    'access.denied',
    'access.exceeds_own',
    'access.node_absent',
    'access.role_absent',
    'access.role_not_for_node',
    'identity.email_invalid',
    'identity.invitation_limit',
  ],
  async run(ports: InvitationPorts, { email: given, role, node, name }) {
    const email = parseEmailAddress(given);
    const { token, hash } = ports.tokens.mint(email);
    const made = await askOne(
      ports,
      'select bulkhead.invitation_create($1, $2, $3, $4, $5, $6, $7, $8) as json',
      [
        randomUUID(),
        email,
        name ?? null,
        role,
        node ?? null,
        hash,
        ports.seal.seal(email, { token }),
        String(ports.lifetimeSeconds),
      ],
    );
    ports.posted();
    return made;
  },
});

export const invitationList = defineOperation({
  ...shared,
  kind: 'read',
  node: 'root',
  name: 'invitation.list',
  summary: 'The invitations, the newest first.',
  input: z.strictObject({
    status: z.enum(['pending', 'accepted', 'revoked', 'expired']).optional(),
    after: z.string().max(100).optional().describe('The `next` of the page before.'),
    limit: limitField,
  }),
  output: z.object({ items: z.array(invitation), next: z.string().nullable() }),
  errors: ['access.denied'],
  async run(ports: InvitationPorts, { status, after, limit }) {
    const [at, id] = readCursor(after);
    const rows = z
      .array(invitation)
      .parse(
        await ask(ports, 'select bulkhead.invitation_list($1, $2, $3, $4) as json', [
          status ?? null,
          at,
          id,
          String(limit + 1),
        ]),
      );
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const more = rows.length > limit && last !== undefined;
    return { items, next: more ? `${last.createdAt}_${last.id}` : null };
  },
});

export const invitationResend = defineOperation({
  ...shared,
  node: 'target',
  name: 'invitation.resend',
  summary: 'Mails a new link, which ends the one before.',
  input: z.strictObject({ id: idField }),
  output: invitation,
  event: 'invitation.resent',
  errors: [
    'access.denied',
    'access.exceeds_own',
    'identity.invitation_absent',
    'identity.invitation_closed',
    'identity.invitation_limit',
    'identity.invitation_resend_limit',
  ],
  async run(ports: InvitationPorts, { id }) {
    // Sealing needs the address; whoever may not see it is refused here already.
    const [found] = z
      .array(z.object({ email: z.string() }))
      .parse(await ask(ports, 'select bulkhead.invitation_address($1) as json', [id]));
    const email = found?.email ?? '';
    const { token, hash } = ports.tokens.mint(email);
    const sent = await askOne(ports, 'select bulkhead.invitation_resend($1, $2, $3, $4) as json', [
      id,
      hash,
      ports.seal.seal(email, { token }),
      String(ports.lifetimeSeconds),
    ]);
    ports.posted();
    return sent;
  },
});

export const invitationRevoke = defineOperation({
  ...shared,
  node: 'target',
  name: 'invitation.revoke',
  summary: 'Takes an invitation back: its link is dead at once.',
  input: z.strictObject({ id: idField }),
  output: invitation,
  event: 'invitation.revoked',
  errors: ['access.denied', 'identity.invitation_absent', 'identity.invitation_closed'],
  run: (ports: InvitationPorts, { id }) =>
    askOne(ports, 'select bulkhead.invitation_revoke($1) as json', [id]),
});

const importedLine = z.object({
  line: z.int(),
  email: z.string(),
  outcome: z.enum(['invited', 'would_invite', 'present', 'refused']),
  code: z.string().nullable().describe('Why it was refused.'),
});
export type ImportedLine = z.output<typeof importedLine>;
/** The database knows places in what it was given, not lines of the caller's file. */
const importedPlace = importedLine
  .pick({ outcome: true, code: true })
  .extend({ place: z.int().nonnegative() });

export const invitationImport = defineOperation({
  ...shared,
  node: 'root',
  name: 'invitation.import',
  summary: 'Invites everybody in a CSV table. Running it again invites nobody twice.',
  input: z.strictObject({
    csv: z
      .string()
      .max(CSV_LENGTH_MAX)
      .describe(
        'With a first line `email,role`, and perhaps `name` and `node`; 10,000 lines at most.',
      ),
    dryRun: z.boolean().default(false).describe('Says what would happen, and does nothing.'),
  }),
  output: z.object({
    invited: z.int(),
    present: z.int(),
    refused: z.int(),
    lines: z.array(importedLine),
  }),
  event: 'invitation.created',
  errors: ['access.denied', 'identity.import_unreadable'],
  async run(ports: InvitationPorts, { csv, dryRun }) {
    const { invitees: found, refused, repeated } = readInviteeTable(csv);
    // Those who get the same side by side: for each such row of lines the database asks once who may give it.
    const invitees = found.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));
    const lines: ImportedLine[] = [
      ...refused.map((each) => ({ ...each, outcome: 'refused' as const })),
      ...repeated.map((each) => ({ ...each, outcome: 'present' as const, code: null })),
    ];
    ports.imported?.(0, invitees.length);
    // What a dry run would have spent of the day's invitations before, the next chunk cannot read anywhere.
    let tried = 0;
    for (let at = 0; at === 0 || at < invitees.length; at += CHUNK) {
      const chunk = invitees.slice(at, at + CHUNK);
      const done = await importChunk(ports, chunk, dryRun ? tried : null);
      tried += done.filter(({ outcome }) => outcome === 'would_invite').length;
      lines.push(...done);
      ports.imported?.(Math.min(at + CHUNK, invitees.length), invitees.length);
    }
    if (!dryRun) ports.posted();
    const count = (...outcomes: string[]) =>
      lines.filter(({ outcome }) => outcomes.includes(outcome)).length;
    return {
      invited: count('invited', 'would_invite'),
      present: count('present'),
      refused: count('refused'),
      lines: lines.sort((a, b) => a.line - b.line),
    };
  },
});

const keyOf = ({ role, node }: Invitee): string => `${role} ${node ?? ''}`;

/** Each chunk commits by itself, where the caller began no transaction: a run that is cut off is finished by the next. */
async function importChunk(
  ports: InvitationPorts,
  invitees: readonly Invitee[],
  tried: number | null,
): Promise<ImportedLine[]> {
  const rows = invitees.map(({ line: _, ...invitee }) => {
    const { token, hash } = ports.tokens.mint(invitee.email);
    return {
      ...invitee,
      id: randomUUID(),
      token_hash: hash.toString('hex'),
      sealed: ports.seal.seal(invitee.email, { token }).toString('hex'),
    };
  });
  const outcomes = await ask(
    ports,
    `select jsonb_build_object('place', place, 'outcome', outcome, 'code', code) as json
       from bulkhead.invitation_import($1, $2, $3)`,
    [JSON.stringify(rows), String(ports.lifetimeSeconds), tried === null ? null : String(tried)],
  );
  return outcomes.flatMap((given) => {
    const { place, outcome, code } = importedPlace.parse(given);
    const invitee = invitees[place];
    return invitee === undefined
      ? []
      : [{ line: invitee.line, email: invitee.email, outcome, code }];
  });
}

export const invitationExport = defineOperation({
  ...shared,
  kind: 'read',
  node: 'root',
  name: 'invitation.export',
  summary: 'The invitations as CSV, the newest first, safe to open in a spreadsheet.',
  input: z.strictObject({}),
  output: z.object({ csv: z.string() }),
  errors: ['access.denied'],
  async run(ports: InvitationPorts) {
    const columns = [
      'email',
      'name',
      'role',
      'node',
      'status',
      'invitedBy',
      'createdAt',
      'expiresAt',
    ] as const;
    const records: string[][] = [[...columns]];
    let after: string | undefined;
    do {
      const found: z.output<typeof invitationList.output> = await invitationList.run(ports, {
        limit: 200,
        ...(after !== undefined && { after }),
      });
      records.push(...found.items.map((item) => columns.map((column) => item[column] ?? '')));
      after = found.next ?? undefined;
    } while (after !== undefined && records.length <= 50_000);
    return { csv: writeCsv(records) };
  },
});

/** The invitation operations of the identity room. */
export const invitationOperations: readonly OperationDefinition<InvitationPorts>[] = [
  invitationList,
  invitationCreate,
  invitationResend,
  invitationRevoke,
  invitationImport,
  invitationExport,
];

const CURSOR = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)_([0-9a-f-]{36})$/;

function readCursor(after: string | undefined): [string | null, string | null] {
  if (after === undefined) return [null, null];
  const [, at, id] = CURSOR.exec(after) ?? [];
  if (at === undefined || id === undefined) {
    throw kernelError('kernel.input_invalid', { message: '`after` is not the `next` of a page.' });
  }
  return [at, id];
}
