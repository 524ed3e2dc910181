/** What an attack is told, and what it tells while it runs. */
import type pg from 'pg';
import type { EnterTenant } from './drive/pool-driver.ts';
import type { DriverName } from './report.ts';

export interface AttackOptions {
  /** Reads all tenants' rows, as their judge; the attacking side never uses it. */
  readonly adminUrl: string;
  /** The app's role: what a stolen credential would be. */
  readonly appUrl: string;
  /** The app's protected pool and the way into a tenant's context; without them only `raw` is driven. */
  readonly pool?: pg.Pool;
  readonly asTenant?: EnterTenant;
  readonly drivers?: readonly DriverName[];
  /** The app's key, to sign contexts that are genuine but too old: they must be refused. */
  readonly contextKey?: string;
  /** Whose context the attack has, by id or slug; by default the tenant with rows in most tables. */
  readonly tenant?: string;
  /** Default `tenant_id`. */
  readonly tenantColumn?: string;
  /** Ends after so many seconds; random statements fill the time. Default: 60 at most. */
  readonly seconds?: number;
  /** Ends after so many attempts. */
  readonly statements?: number;
  /** How many random statements a driver; by default what time or number leave, or 500. */
  readonly randomStatements?: number;
  readonly seed?: number;
  /** Names of families; all by default. */
  readonly families?: readonly string[];
  /** Also ends the pool's own backends. */
  readonly destructive?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AttackProgress) => void;
}

export interface AttackProgress {
  readonly done: number;
  readonly total: number;
  readonly driver: DriverName;
  readonly family: string;
  readonly findings: number;
}
