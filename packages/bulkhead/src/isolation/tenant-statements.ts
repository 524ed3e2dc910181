/**
 * Statements in a tenant's context from the command line: as the app's role, behind the same walls as the app,
 * by an operator who is on record as `operator:cli:<login>`.
 *
 * Promises: one transaction, committed when `work` returns. The tenant is named by id or slug.
 */
import { userInfo } from 'node:os';
import { Client } from 'pg';
import { z } from 'zod';
import type { CommandIo } from '../kernel/command.ts';
import { kernelError } from '../kernel/error-codes.ts';
import { connectionError } from '../kernel/migrations/index.ts';
import { parseContextKey } from './context-key.ts';
import { createContextSigner } from './signed-context.ts';
import { parseTenantId } from './tenant-context.ts';

const LIFETIME_SECONDS = 300;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export type TenantStatements = (
  text: string,
  values: unknown[],
) => Promise<{ rows: Record<string, unknown>[] }>;

/** @throws `kernel.setting_missing`, `kernel.database_unavailable`, `kernel.usage` for an unknown tenant */
export async function withTenantStatements<T>(
  io: CommandIo,
  tenant: string,
  work: (query: TenantStatements, tenantId: string) => Promise<T>,
): Promise<T> {
  const url = io.environment.databaseUrl;
  if (url === undefined) {
    throw kernelError('kernel.setting_missing', {
      message: 'DATABASE_URL is not set: this command works as the app’s own role.',
    });
  }
  const { contextKeys } = await io.section(
    'isolation',
    z.looseObject({ contextKeys: z.tuple([z.string()], z.string()) }),
  );
  const signer = createContextSigner(parseContextKey(contextKeys[0]), LIFETIME_SECONDS);
  const client = new Client({ connectionString: url, application_name: 'bulkhead' });
  // A connection lost between two statements fails the next one, which reports it.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw connectionError(error, url);
  }
  try {
    const id = await findTenant(client, tenant);
    const nowMs = Date.now();
    const { token } = signer.sign(
      {
        kind: 'tenant',
        tenant: { id: parseTenantId(id) },
        actor: { type: 'operator', id: `cli:${printable(userInfo().username)}` },
        expiresAtMs: nowMs + LIFETIME_SECONDS * 1_000,
      },
      nowMs,
    );
    await client.query('begin');
    await client.query(`select set_config('bulkhead.context', $1, true)`, [token]);
    const result = await work((text, values) => client.query(text, values), id);
    await client.query('commit');
    return result;
  } finally {
    // What was not committed is rolled back by the server.
    await client.end().catch(() => undefined);
  }
}

async function findTenant(client: Client, given: string): Promise<string> {
  const how = UUID.test(given) ? 'id' : 'slug';
  const { rows } = await client.query('select id from bulkhead.find_tenant($1, $2)', [
    how,
    given.toLowerCase(),
  ]);
  const id: unknown = rows[0]?.id;
  if (typeof id === 'string') return id;
  throw kernelError('kernel.usage', { message: `No tenant has the id or slug “${given}”.` });
}

/** What may stand in an actor's id. */
const printable = (name: string): string =>
  name.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, 180) || 'unknown';
