/** A connection as the administrator, for commands. */
import { Client } from 'pg';
import type { CommandIo } from '../command.ts';
import { connectionError } from './database-error.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** @throws `kernel.setting_missing`, `kernel.database_unavailable` */
export async function withAdminClient<T>(
  io: CommandIo,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const connectionString = await io.adminUrl();
  const client = new Client({ connectionString, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A killed backend also rejects the query under way, and that is what is told.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw connectionError(error, connectionString);
  }
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
