/** A way to keep tenants apart, as an app would write it: three operations, each for one tenant. */
import type pg from 'pg';
import type { Tenant } from './database.ts';

export const OPERATIONS = ['read one row', 'read 20 rows', 'insert'] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface Way {
  readonly key: string;
  readonly label: string;
  /** All callers are one tenant's; otherwise each request is another tenant's. */
  readonly oneTenant?: boolean;
  /** Resolves to the title. */
  readOne(tenant: Tenant, id: string): Promise<string | undefined>;
  /** Resolves to the number of rows. */
  readProject(tenant: Tenant, project: number): Promise<number>;
  insert(tenant: Tenant, title: string): Promise<void>;
  close(): Promise<void>;
}

/** What every way is opened with. */
export interface WayOptions {
  readonly url: string;
  readonly contextKey: string;
  readonly connections: number;
  /** A pooler in transaction mode stands in between. */
  readonly pooled: boolean;
}

/** The same pool for everyone. Idle connections stay: a slot must not pay for what happened between slots. */
export function poolConfig({ url, connections }: WayOptions): pg.PoolConfig {
  return { connectionString: url, max: connections, idleTimeoutMillis: 0 };
}

export const BODY = 'text '.repeat(24);

/** The statements for code that writes SQL itself; `$1` is the first free parameter. */
export const sqlFor = (suffix: string) => ({
  readOne: `select id, project, title, body from note${suffix} where id = $1`,
  readProject: `select id, project, title, body from note${suffix} where project = $1`,
  insert: `insert into draft${suffix} (title, body) values ($1, $2)`,
});
