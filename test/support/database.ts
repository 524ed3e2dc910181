/**
 * A database of its own for a test, cloned from a template in about a tenth of a second.
 *
 * @example
 * const database = await createTestDatabase();
 * onTestFinished(() => database.drop());
 * const pool = new pg.Pool({ connectionString: database.appUrl });
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import {
  generateContextKey,
  publishContextKey,
} from '../../packages/bulkhead/src/isolation/index.ts';
import { rolePassword, type TestRole } from './roles.ts';

export interface TestDatabase {
  readonly name: string;
  /** May do everything; for arranging a test, never for the statements it is about. */
  readonly superuserUrl: string;
  /** `test_owner`, who owns the database and what the test creates in it. */
  readonly ownerUrl: string;
  /** `test_app`: the app's role, a member of nothing and owner of nothing. */
  readonly appUrl: string;
  /** `test_operator`: may read past row-level security. */
  readonly operatorUrl: string;
  /** `test_audit`: the sequencer's role. */
  readonly auditUrl: string;
  /** `test_signer`: the signer's role. */
  readonly signerUrl: string;
  /** `test_identity`: the role that keeps accounts. */
  readonly identityUrl: string;
  /** The signing key that the migrated database trusts, `bhk1_…`. */
  readonly contextKey: string;
  /** Disconnects whoever is connected. */
  drop(): Promise<void>;
}

const CLONE_ATTEMPTS_MAX = 50;
const OBJECT_IN_USE = '55006';
/** Who has not left within a third of a second means to stay. */
const LEAVE_ATTEMPTS_MAX = 30;

/** @param options.migrated false: an empty database without the schema `bulkhead` */
export async function createTestDatabase(
  options: { migrated?: boolean } = {},
): Promise<TestDatabase> {
  const superuserUrl = inject('superuserUrl');
  const templates = inject('templates');
  const migrated = options.migrated ?? true;
  const run = templates.empty.split('_').at(-1);
  const name = `test_${run}_${randomBytes(6).toString('hex')}`;
  const admin = administrators();
  await clone(admin, name, migrated ? templates.migrated : templates.empty);
  const url = (role: TestRole): string => {
    const made = new URL(superuserUrl);
    made.username = role;
    made.password = rolePassword(superuserUrl, role);
    made.pathname = `/${name}`;
    return made.href;
  };
  const own = new URL(superuserUrl);
  own.pathname = `/${name}`;
  const contextKey = generateContextKey();
  if (migrated) {
    // A clone has its template's privileges except those on the database itself.
    await admin.query(`revoke temporary, create on database ${name} from public`);
    const client = new pg.Client({ connectionString: own.href });
    await client.connect();
    await publishContextKey(client, contextKey);
    await client.end();
  }
  return {
    name,
    superuserUrl: own.href,
    ownerUrl: url('test_owner'),
    appUrl: url('test_app'),
    operatorUrl: url('test_operator'),
    auditUrl: url('test_audit'),
    signerUrl: url('test_signer'),
    identityUrl: url('test_identity'),
    contextKey,
    drop: async () => {
      await letLeave(admin, name);
      await admin.query(`drop database if exists ${name} with (force)`);
    },
  };
}

/**
 * A pool says that it has ended before the server knows: thrown out meanwhile, its connections would be an error that
 * nobody listens for.
 */
async function letLeave(admin: pg.Pool, name: string): Promise<void> {
  for (let attempt = 0; attempt < LEAVE_ATTEMPTS_MAX; attempt += 1) {
    const { rowCount } = await admin.query(
      "select from pg_stat_activity where datname = $1 and backend_type = 'client backend'",
      [name],
    );
    if (rowCount === 0) return;
    await sleep(10);
  }
}

/** PostgreSQL refuses a template that anyone, such as another clone's worker, is connected to. */
async function clone(admin: pg.Pool, name: string, template: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await admin.query(
        `create database ${name} template ${template} strategy ${inject('cloneStrategy')} owner test_owner`,
      );
      return;
    } catch (error) {
      const busy = error instanceof pg.DatabaseError && error.code === OBJECT_IN_USE;
      if (!busy || attempt === CLONE_ATTEMPTS_MAX) throw error;
      await sleep(10 + Math.random() * 40);
    }
  }
}

let connections: pg.Pool | undefined;

/** For all that a worker makes and drops: a connection for each statement would take as long as the statement. */
function administrators(): pg.Pool {
  if (connections === undefined) {
    const connectionString = inject('superuserUrl');
    connections = new pg.Pool({ connectionString, max: 4, allowExitOnIdle: true });
    // The server may end before the worker does.
    connections.on('error', () => undefined);
  }
  return connections;
}
