/**
 * Writers that never stop recording, through whatever happens to the server, and remember what they were told:
 * what was acknowledged must be in the log, what was rolled back must not, and of the rest nothing is known.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { newIds, recordIn } from '../support/audit-ground.ts';

export interface Writers {
  /** Committed, and the server said so. */
  readonly acknowledged: Set<string>;
  /** Their commit was never answered. */
  readonly unknown: Set<string>;
  stop(): Promise<void>;
}

export function startWriters(url: string, tenants: readonly string[]): Writers {
  const acknowledged = new Set<string>();
  const unknown = new Set<string>();
  const ending = new AbortController();
  const writers = tenants.map(async (tenant, at) => {
    for (let turn = at; !ending.signal.aborted; ) {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      try {
        await client.connect();
        while (!ending.signal.aborted) {
          turn += 1;
          await writeOnce(client, tenant, turn, { acknowledged, unknown });
          await sleep(1);
        }
      } catch {
        await sleep(20);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  });
  return {
    acknowledged,
    unknown,
    stop: async () => {
      ending.abort();
      await Promise.all(writers);
    },
  };
}

async function writeOnce(
  client: pg.Client,
  tenant: string,
  turn: number,
  { acknowledged, unknown }: Pick<Writers, 'acknowledged' | 'unknown'>,
): Promise<void> {
  const ids = newIds(1 + (turn % 4));
  await client.query('begin');
  await recordIn(client, { tenant, ids, actor: `user:${turn % 7}` });
  if (turn % 5 === 0) {
    await client.query('rollback');
    return;
  }
  for (const id of ids) unknown.add(id);
  await client.query('commit');
  for (const id of ids) {
    unknown.delete(id);
    acknowledged.add(id);
  }
}
