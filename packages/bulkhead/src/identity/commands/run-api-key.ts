/** What `bulkhead service-account …` and `bulkhead api-key …` do; loaded when one of them runs. */
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import {
  type ApiKey,
  apiKeyCreate,
  apiKeyList,
  apiKeyRevoke,
  apiKeyRotate,
} from '../operations/api-keys.ts';
import {
  type ServiceAccount,
  serviceAccountCreate,
  serviceAccountList,
} from '../operations/service-accounts.ts';
import { inTenant } from './tenant-operations.ts';

const DAY_MS = 86_400_000;

export async function listAccounts(io: CommandIo, tenant: string): Promise<ExitCode> {
  const items: ServiceAccount[] = [];
  await inTenant(io, tenant, async (ports) => {
    let after: string | null | undefined;
    do {
      const page = await serviceAccountList.run(ports, { limit: 200, ...(after && { after }) });
      items.push(...page.items);
      after = page.next;
    } while (after !== null);
  });
  showAccounts(io, items);
  io.result({ items });
  return exitCodes.done;
}

export async function createAccount(
  io: CommandIo,
  given: { tenant: string; name: string; description?: string | undefined },
): Promise<ExitCode> {
  const { tenant, name, description = '' } = given;
  const made = await inTenant(io, tenant, (ports) =>
    serviceAccountCreate.run(ports, { name, description }),
  );
  showAccounts(io, [made]);
  io.result(made);
  return exitCodes.done;
}

export async function listKeys(
  io: CommandIo,
  { tenant, after, limit }: { tenant: string; after?: string | undefined; limit: number },
): Promise<ExitCode> {
  const page = await inTenant(io, tenant, (ports) =>
    apiKeyList.run(ports, { limit, ...(after !== undefined && { after }) }),
  );
  showKeys(io, page.items);
  if (page.next !== null) {
    io.line(`There are more: bulkhead api-key list ${tenant} --after ${page.next}`);
  }
  io.result(page);
  return exitCodes.done;
}

export async function createKey(
  io: CommandIo,
  given: {
    tenant: string;
    name: string;
    serviceAccount: string;
    permission?: string[] | undefined;
    node?: string[] | undefined;
    expiresDays?: number | undefined;
  },
): Promise<ExitCode> {
  const { tenant, name, serviceAccount, permission, node, expiresDays } = given;
  const made = await inTenant(io, tenant, (ports) =>
    apiKeyCreate.run(ports, {
      name,
      holder: { type: 'service_account', id: serviceAccount },
      ...(permission !== undefined && { permissions: permission }),
      ...(node !== undefined && { nodes: node }),
      ...(expiresDays !== undefined && {
        expiresAt: new Date(Date.now() + expiresDays * DAY_MS).toISOString(),
      }),
    }),
  );
  return showToken(io, made);
}

export async function rotateKey(
  io: CommandIo,
  { tenant, key, overlapHours }: { tenant: string; key: string; overlapHours: number },
): Promise<ExitCode> {
  const rotated = await inTenant(io, tenant, (ports) =>
    apiKeyRotate.run(ports, { id: key, overlapHours }),
  );
  io.line(
    overlapHours === 0
      ? 'The token before is worth nothing any more.'
      : `The token before is good for ${overlapHours} hours more.`,
  );
  return showToken(io, rotated);
}

export async function revokeKey(
  io: CommandIo,
  { tenant, key }: { tenant: string; key: string },
): Promise<ExitCode> {
  const revoked = await inTenant(io, tenant, (ports) => apiKeyRevoke.run(ports, { id: key }));
  io.line(`${revoked.name} is withdrawn.`);
  io.result(revoked);
  return exitCodes.done;
}

/** The only place that ever shows one. */
function showToken(io: CommandIo, made: ApiKey & { readonly token: string }): ExitCode {
  showKeys(io, [made]);
  io.line();
  io.line(made.token);
  io.note('Keep it now: it is not shown again.');
  io.result(made);
  return exitCodes.done;
}

function showAccounts(io: CommandIo, accounts: readonly ServiceAccount[]): void {
  io.table(
    ['name', 'status', 'id', 'description'],
    accounts.map(({ name, status, id, description }) => [name, status, id, description]),
    { whole: ['id'] },
  );
}

function showKeys(io: CommandIo, keys: readonly ApiKey[]): void {
  io.table(
    ['name', 'key', 'holder', 'limits', 'ends', 'last used', 'id'],
    keys.map((key) => [
      key.name,
      key.prefix,
      key.holder.name ?? `${key.holder.type} ${key.holder.id}`,
      limitsOf(key),
      key.expiresAt?.slice(0, 10) ?? 'never',
      key.lastUsedAt?.slice(0, 16).replace('T', ' ') ?? 'never',
      key.id,
    ]),
    { whole: ['key', 'id'] },
  );
}

function limitsOf({ permissions, nodes }: ApiKey): string {
  if (permissions === null && nodes === null) return 'as its holder';
  return [...(permissions ?? []), ...(nodes ?? []).map((node) => `on ${node}`)].join('\n');
}
