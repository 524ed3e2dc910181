/** Opens Bulkhead's pool on the bench's database, and enters a context as the middleware does per request. */

import pg from 'pg';
import { type Bulkhead, createBulkhead } from '#bulkhead';
import { parseTenantId, runInContext, type TenantContext } from '#bulkhead/isolation/index.js';
import type { Tenant } from '../database.ts';
import { poolConfig, type WayOptions } from '../way.ts';

export interface ProtectedPool {
  readonly pool: pg.Pool;
  readonly bulkhead: Bulkhead;
}

export interface ProtectedPoolOptions {
  readonly inFlightMax: number;
  readonly prepareStatements: boolean;
}

export function openProtectedPool(
  options: WayOptions,
  { inFlightMax, prepareStatements }: ProtectedPoolOptions,
): ProtectedPool {
  const bulkhead = createBulkhead({
    database: { appRole: 'bench_app' },
    isolation: {
      contextKeys: [options.contextKey],
      pooler: options.pooled ? 'transaction' : 'detect',
      inFlightMax,
      prepareStatements,
    },
    identity: {},
  });
  const pool = bulkhead.protect(new pg.Pool(poolConfig(options)));
  return { bulkhead, pool };
}

/** A fresh context for each request: only what is cached across requests is cached here. */
export function asTenant<T>(tenant: Tenant, fn: () => Promise<T>): Promise<T> {
  const context: TenantContext = {
    kind: 'tenant',
    tenant: { id: parseTenantId(tenant.id) },
    actor: { type: 'user', id: 'user-1' },
    expiresAtMs: Date.now() + 900_000,
  };
  return runInContext(context, fn);
}
