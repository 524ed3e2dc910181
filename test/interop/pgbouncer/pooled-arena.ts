/** The arena's two tenants behind a pooler that all of them share. */
import pg from 'pg';
import { onTestFinished } from 'vitest';
import type { IsolationOptions } from '../../../packages/bulkhead/src/isolation/index.ts';
import { type Arena, arenaIsolation, createArena } from '../../support/arena.ts';
import { type PgBouncer, type Settings, startPgBouncer, type Variant } from './start-pgbouncer.ts';

export interface PooledArena extends Arena {
  readonly bouncer: PgBouncer;
  /** Another client of the app's role on the same backends, with nothing of Bulkhead's in between. */
  raw(): Promise<pg.Client>;
  /** One more process of the app. */
  another(options?: Partial<IsolationOptions>, pool?: pg.PoolConfig): pg.Pool;
}

export async function pooledArena(
  variant: Variant,
  settings: Settings = {},
  isolation: Partial<IsolationOptions> = { pooler: 'transaction' },
): Promise<PooledArena> {
  if (variant.program === undefined) throw new Error(`${variant.name} is not there`);
  const arena = await createArena();
  const bouncer = await startPgBouncer(variant.program, { ...variant.settings, ...settings });
  const connectionString = bouncer.url(arena.database.appUrl);
  const another: PooledArena['another'] = (options = isolation, pool = {}) => {
    const made = arenaIsolation(arena.database, options);
    onTestFinished(() => made.close());
    return made.protect(new pg.Pool({ connectionString, max: 4, ...pool }));
  };
  const raw = async () => {
    const client = new pg.Client({ connectionString });
    client.on('error', () => undefined);
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  };
  return { ...arena, bouncer, raw, another, pool: another() };
}
