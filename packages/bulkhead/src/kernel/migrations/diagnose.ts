/** For `bulkhead doctor`: server, connection and migrations, without changing anything. */
import type { Client } from 'pg';
import type { Capability, Diagnosis } from '../capability.ts';
import { isBulkheadError } from '../errors.ts';
import { pendingMigrations, readJournal } from './journal.ts';
import { collectMigrations } from './migrate.ts';
import { assertDirectConnection, assertServerVersion, readServerVersion } from './server-check.ts';

export async function diagnoseMigrations(
  client: Client,
  capabilities: readonly Capability[],
): Promise<Diagnosis[]> {
  const version = await readServerVersion(client);
  const spoken = `PostgreSQL ${Math.floor(version / 10_000)}.${version % 10_000}`;
  return [
    await examine('server version', spoken, () => assertServerVersion(version)),
    await examine('connection', 'direct, no pooler in between', () =>
      assertDirectConnection(client),
    ),
    await examine('migrations', 'all in place', async () => {
      const pending = pendingMigrations(
        await collectMigrations(capabilities),
        await readJournal(client),
      );
      if (pending.length === 0) return undefined;
      const half = pending.filter(({ interrupted }) => interrupted).length;
      return {
        finding: `${pending.length} to apply${half === 0 ? '' : `, ${half} of them half-way`}`,
        next: 'Run `bulkhead migrate`.',
      };
    }),
  ];
}

interface Fault {
  readonly finding: string;
  readonly next: string;
}

/** A refusal of the check becomes a fault; so does what it returns. */
async function examine(
  check: string,
  good: string,
  look: () => Fault | Promise<Fault | undefined> | Promise<void> | void,
): Promise<Diagnosis> {
  try {
    const fault = await look();
    if (!fault) return { check, status: 'ok', finding: good };
    return { check, status: 'fault', ...fault };
  } catch (error) {
    if (!isBulkheadError(error)) throw error;
    return { check, status: 'fault', finding: error.message, next: error.next };
  }
}
