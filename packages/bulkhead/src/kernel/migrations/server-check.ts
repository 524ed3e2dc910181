/** Refuses, before anything is changed, a server that migrating cannot work with. */
import type { Client } from 'pg';
import { kernelError } from '../error-codes.ts';

const SERVER_MAJOR_MIN = 15;
const SERVER_MAJOR_MAX = 18;

/** `150018` for 15.18. */
export async function readServerVersion(client: Pick<Client, 'query'>): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  );
  return rows[0]?.version ?? 0;
}

/** @throws `kernel.server_unsupported` */
export function assertServerVersion(version: number): void {
  const major = Math.floor(version / 10_000);
  if (major >= SERVER_MAJOR_MIN && major <= SERVER_MAJOR_MAX) return;
  throw kernelError('kernel.server_unsupported', {
    message: `This server is PostgreSQL ${major}; Bulkhead supports ${SERVER_MAJOR_MIN} to ${SERVER_MAJOR_MAX}.`,
  });
}

/**
 * A pooler in transaction mode would take the session's advisory lock, role and time-outs away between
 * two statements. It gives itself away: the pid told at start-up is not the one that answers.
 *
 * @throws `kernel.pooler_in_the_way`
 */
export async function assertDirectConnection(client: Client): Promise<void> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  // `processID` is what BackendKeyData said; pg's types leave it out.
  const told = (client as Client & { processID?: number | null }).processID;
  if (told === rows[0]?.pid) return;
  throw kernelError('kernel.pooler_in_the_way');
}
