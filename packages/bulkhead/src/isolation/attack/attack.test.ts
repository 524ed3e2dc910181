import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttackReport } from './index.ts';
import { attackFamilies } from './index.ts';
import { AMBER, attackStock, BASALT, createStock, run, type Stock } from './testdata/stock.ts';

/** Everything that is in the database: rows of each table, and every object of the catalog. */
async function everything(stock: Stock): Promise<unknown> {
  const { rows: tables } = await run(
    stock.database.superuserUrl,
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname in ('public', 'bulkhead') order by 1`,
  );
  const state: unknown[] = [];
  const digests = [
    ...tables.map(
      ({ name }) =>
        `select md5(string_agg(t::text, ',' order by t::text)) as digest from ${name} t`,
    ),
    `select md5(string_agg(relname::text || relkind::text || coalesce(relacl::text, ''), ',' order by oid)) as digest from pg_class`,
    `select md5(string_agg(proname::text || coalesce(proacl::text, ''), ',' order by oid)) as digest from pg_proc`,
    `select md5(string_agg(polname::text, ',' order by oid)) as digest from pg_policy`,
    `select count(*)::text as digest from pg_largeobject_metadata`,
    `select count(*)::text as digest from pg_prepared_xacts where database = current_database()`,
    `select md5(string_agg(setconfig::text, ',' order by setdatabase, setrole)) as digest from pg_db_role_setting`,
  ];
  for (const sql of digests)
    state.push((await run(stock.database.superuserUrl, sql)).rows[0]?.digest);
  return state;
}

describe('a well-protected app', () => {
  let report: AttackReport;
  let before: unknown;
  let after: unknown;
  const cleanUps: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const stock = await createStock('', (cleanUp) => cleanUps.unshift(cleanUp));
    before = await everything(stock);
    // Time enough on a busy machine: what was cut short would say nothing.
    report = await attackStock(stock, { seconds: 600, randomStatements: 500 });
    after = await everything(stock);
  }, 620_000);

  afterAll(async () => {
    for (const cleanUp of cleanUps) await cleanUp();
  });

  test('holds against every family, by the pool and by the raw role', () => {
    // Whole, so that a finding says which statement showed what.
    expect(report.families.flatMap(({ findings }) => findings)).toEqual([]);
    expect(report).toMatchObject({
      verdict: 'held',
      cutShort: false,
      tenant: BASALT,
      tenantsAttacked: 2,
    });
    expect(report.families.every(({ foreignBytes }) => foreignBytes === 0)).toBe(true);
  });

  test('is asked in every family, by thousands of statements', () => {
    const asked = new Set(report.families.map(({ name }) => name));
    const expected = attackFamilies
      .map(({ name }) => name)
      .filter((name) => name !== 'terminate storm');
    expect([...asked].sort()).toEqual(expected.sort());
    expect(report.attempts).toBeGreaterThan(5_000);
    expect(report.canaries).toBeGreaterThan(100);
  });

  test('finds its own rows through the pool, so that silence means something', () => {
    const own = report.families.filter(
      ({ driver, name }) => driver === 'pool' && name === 'reading',
    );
    expect(own[0]?.ownRows).toBeGreaterThan(20);
  });

  test('is left as it was: rows, catalog, settings', () => {
    expect(report.rowsChanged).toEqual([]);
    expect(report.ownRowsChanged).toEqual([]);
    expect(after).toEqual(before);
  });
});

test('a text that the app gives to the attacker meanwhile is no finding, and its row is told', async () => {
  const stock = await createStock();
  let giving: Promise<unknown> | undefined;
  const report = await attackStock(stock, {
    drivers: ['pool'],
    families: ['reading'],
    onProgress: () => {
      giving ??= run(
        stock.database.superuserUrl,
        `update item set label = (select label from item where tenant_id = '${AMBER}' order by id limit 1)
          where tenant_id = '${BASALT}'`,
      );
    },
  });
  await giving;
  expect(report.families.flatMap(({ findings }) => findings)).toEqual([]);
  expect(report.verdict).toBe('held');
  expect(report.ownRowsChanged).toMatchObject([{ table: 'public.item', tenant: BASALT }]);
});
