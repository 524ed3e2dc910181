/**
 * Takes a wall down, for tests alone: the product has no switch for any of them.
 */
import pg from 'pg';
import { parseContextKey } from '../../packages/bulkhead/src/isolation/context-key.ts';
import { createGuard, type Guard } from '../../packages/bulkhead/src/isolation/guard/index.ts';
import { Admission } from '../../packages/bulkhead/src/isolation/pool/admission.ts';
import { ScopedPool } from '../../packages/bulkhead/src/isolation/pool/scoped-pool.ts';
import { SeenStatements } from '../../packages/bulkhead/src/isolation/pool/scoped-session.ts';
import {
  type ContextSigner,
  createContextSigner,
} from '../../packages/bulkhead/src/isolation/signed-context.ts';
import type { TestDatabase } from './database.ts';

const guard = createGuard({ functions: [], relations: [], statements: [] });

/** Lets everything through; what the real guard refuses goes out as if it were a SELECT. */
const openGuard: Guard = {
  inspect(sql) {
    const verdict = guard.inspect(sql);
    if (verdict.allowed) return verdict;
    return { allowed: true, kind: 'select', isTransactionControl: false, readOnly: false };
  },
  stats: guard.stats,
};

/** A protected pool whose statement guard is down. */
export function poolWithoutGuard(database: TestDatabase, options: pg.PoolConfig = {}): ScopedPool {
  return poolOf(database, openGuard, signerOf(database), options);
}

/** A protected pool of a process whose clock is `aheadSeconds` ahead of the server's. */
export function poolWithClock(database: TestDatabase, aheadSeconds: number): ScopedPool {
  const signer = signerOf(database);
  return poolOf(database, guard, {
    sign: (context, nowMs) => {
      const shiftMs = aheadSeconds * 1000;
      const there = { ...context, expiresAtMs: context.expiresAtMs + shiftMs };
      return signer.sign(there, nowMs + shiftMs);
    },
  });
}

const signerOf = (database: TestDatabase): ContextSigner =>
  createContextSigner(parseContextKey(database.contextKey), 300);

function poolOf(
  database: TestDatabase,
  statements: Guard,
  signer: ContextSigner,
  options: pg.PoolConfig = {},
): ScopedPool {
  return new ScopedPool(
    { connectionString: database.appUrl, max: 1, ...options },
    {
      admission: new Admission(statements, signer),
      seen: new SeenStatements(),
      searchPath: 'public,pg_temp',
      prepare: true,
      pooler: 'detect',
      riding: new Set(),
      role: 'app',
      inFlightMax: 1,
      operatorPool: () => {
        throw new Error('no operators here');
      },
    },
  );
}

/** Gives back to PUBLIC what hardening took: TEMP, CREATE, plpgsql, and functions across sessions. */
export async function withoutPrivilegeWall(admin: pg.Client, database: string): Promise<void> {
  await admin.query(`
    grant temporary on database ${pg.escapeIdentifier(database)} to public;
    grant create on schema public to public;
    grant usage on language plpgsql to public;
    grant execute on all functions in schema pg_catalog to public;
  `);
}

/** Takes row-level security off the arena's tables. */
export async function withoutRowSecurity(admin: pg.Client): Promise<void> {
  for (const table of ['project', 'note', 'event', 'event_old', 'event_new']) {
    await admin.query(`alter table ${table} disable row level security`);
  }
}
