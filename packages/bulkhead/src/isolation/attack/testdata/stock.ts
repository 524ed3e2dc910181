/** A database with the stock app of three tenants, as it should be or broken on purpose. */
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { Isolation } from '../../isolate.ts';
import { type AttackOptions, type AttackReport, attack, type EnterTenant } from '../index.ts';

export const AMBER = 'aaaaaaaa-0000-4000-8000-000000000001';
export const BASALT = 'bbbbbbbb-0000-4000-8000-000000000002';

export interface Stock {
  readonly database: TestDatabase;
  readonly pool: pg.Pool;
  readonly asTenant: EnterTenant;
}

/**
 * @param breaking SQL run as superuser after everything is set up.
 * @param whenFinished registers what tidies up, last first; a test's own end by default.
 */
export async function createStock(
  breaking = '',
  whenFinished: (cleanUp: () => Promise<void>) => void = onTestFinished,
): Promise<Stock> {
  const database = await createTestDatabase();
  whenFinished(() => database.drop());
  await run(database.ownerUrl, await readFile(new URL('./stock.sql', import.meta.url), 'utf8'));
  if (breaking !== '') await run(database.superuserUrl, breaking);
  const isolation = new Isolation({
    contextKeys: [database.contextKey],
    tokenLifetimeSeconds: 300,
    searchPath: ['public'],
    pooler: 'none',
    allow: { functions: [], relations: [], statements: [] },
    inFlightMax: 1,
    prepareStatements: true,
    operatorUrl: undefined,
  });
  const pool = isolation.protect(new pg.Pool({ connectionString: database.appUrl, max: 4 }));
  whenFinished(() => isolation.close());
  return { database, pool, asTenant: (id, fn) => isolation.enterTenant({ id }, fn) };
}

export async function run(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

export function attackStock(
  { database, pool, asTenant }: Stock,
  options: Partial<AttackOptions> = {},
): Promise<AttackReport> {
  return attack({
    adminUrl: database.superuserUrl,
    appUrl: database.appUrl,
    contextKey: database.contextKey,
    pool,
    asTenant,
    tenant: BASALT,
    seed: 7,
    ...options,
  });
}

/** What was found, as `driver family object`. */
export const found = (report: AttackReport): string[] =>
  report.families.flatMap(({ findings }) =>
    findings.map(({ driver, family, object }) => `${driver} | ${family} | ${object}`),
  );
