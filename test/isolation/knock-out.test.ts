/**
 * Each wall, and each pair of walls, taken down: which attack do the others still stop, and which do they
 * let through? The answer is kept in docs/reference/knock-outs.md, which this test writes and compares.
 */
import pg from 'pg';
import { expect, it } from 'vitest';
import type { ScopedPool } from '../../packages/bulkhead/src/isolation/index.ts';
import { A, type Arena, createArena, everythingIn, outcomeOf, SECRET_A } from '../support/arena.ts';
import { poolWithoutGuard, withoutPrivilegeWall, withoutRowSecurity } from '../support/knockout.ts';

const WALLS = ['context', 'statement', 'rows', 'privileges'] as const;
type Wall = (typeof WALLS)[number];

interface Field {
  readonly arena: Arena;
  /** One connection, so that every tenant gets the session that the attacker had. */
  readonly pool: ScopedPool;
  readonly down: ReadonlySet<Wall>;
}

/** Everything that the attacker, tenant B, gets to see, as one text; or 'A-SECRET' for a write that crossed. */
type Attack = (field: Field) => Promise<string>;

const asB = ({ arena, pool }: Field, text: string, values?: unknown[]) =>
  arena.asB(() => outcomeOf(() => pool.query(text, values)).then(everythingIn));

const attacks: Record<string, Attack> = {
  'a forgotten WHERE': (field) => asB(field, 'select body from note'),
  'OR true injected into a condition': (field) =>
    asB(field, 'select body from note where n = 1 or true'),
  'UNION injected into a list': (field) =>
    asB(field, 'select name from project where false union all select body from note'),
  'a cast error that quotes the row': (field) => asB(field, 'select body::integer from note'),
  'code that forgot the context': async ({ pool, down }) => {
    const text = 'select body from note';
    // Without the first wall the statement goes out as it is, in no context.
    if (down.has('context')) return everythingIn(await outcomeOf(() => pool.systemQuery(text)));
    return everythingIn(await outcomeOf(() => pool.query(text)));
  },
  'a context forged in an expression': (field) =>
    asB(
      field,
      `with forged as materialized (select set_config('bulkhead.context', $1, true))
       select body from forged, note`,
      [`v1.00000000.${A}.9999999999.user:x.${'0'.repeat(64)}`],
    ),
  'an insert and an update aimed at A': async (field) => {
    const insert = `insert into project (tenant_id, name) values ('${A}', 'planted')`;
    await asB(field, insert);
    await asB(field, `update note set n = -1 where tenant_id = '${A}'`);
    const { rowCount } = await field.arena.admin.query(
      `select from project where name = 'planted' union all select from note where n = -1`,
    );
    return rowCount === 0 ? '' : SECRET_A;
  },
  'the pool’s own statement redefined to catch A’s token': async (field) => {
    const { arena, pool } = field;
    await asB(field, 'create temporary table loot (token text)');
    await asB(
      field,
      `do $do$ begin
         execute 'deallocate bulkhead_context';
         execute 'prepare bulkhead_context (text) as with kept as (insert into pg_temp.loot values ($1))
                  select pg_catalog.set_config(''bulkhead.context'', $1, true)';
       end $do$`,
    );
    await arena.asA(() => outcomeOf(() => pool.query('select 1')));
    return asB(
      field,
      `with stolen as materialized (
         select set_config('bulkhead.context', token, true) from pg_temp.loot where token like '%${A}%' limit 1)
       select body from stolen, note`,
    );
  },
  'literals in other sessions’ statements': async (field) => {
    const other = new pg.Client({ connectionString: field.arena.database.appUrl });
    await other.connect();
    try {
      await other.query(`select '${SECRET_A}'`);
      return await asB(field, 'select query from pg_stat_activity');
    } finally {
      await other.end();
    }
  },
  'statistics of the columns': async (field) => {
    await field.arena.admin.query('analyze note');
    return asB(field, `select most_common_vals::text, histogram_bounds::text from pg_stats`);
  },
  'a session of the app’s role, stolen password and all': async ({ arena }) => {
    const raw = new pg.Client({ connectionString: arena.database.appUrl });
    await raw.connect();
    try {
      return everythingIn(await outcomeOf(() => raw.query('select body from note')));
    } finally {
      await raw.end();
    }
  },
};

async function leaksWith(down: readonly Wall[]): Promise<string[]> {
  const leaks: string[] = [];
  const arena = await createArena();
  const walls = new Set(down);
  if (walls.has('rows')) await withoutRowSecurity(arena.admin);
  if (walls.has('privileges')) await withoutPrivilegeWall(arena.admin, arena.database.name);
  for (const [name, attack] of Object.entries(attacks)) {
    const pool = walls.has('statement')
      ? poolWithoutGuard(arena.database)
      : arena.isolation.protect(new pg.Pool({ connectionString: arena.database.appUrl, max: 1 }));
    const seen = await attack({ arena, pool, down: walls });
    if (seen.includes(SECRET_A)) leaks.push(name);
    await pool.end();
  }
  return leaks;
}

const sets: Wall[][] = [
  [],
  ...WALLS.map((wall) => [wall]),
  ...WALLS.flatMap((one, index) => WALLS.slice(index + 1).map((two) => [one, two])),
];

it('with all walls up nothing leaks; with one or two down, exactly what the reference says', async () => {
  const results = new Map<string, string[]>();
  for (const down of sets) results.set(down.join(' and ') || 'none', await leaksWith(down));
  expect(results.get('none')).toEqual([]);
  await expect(page(results)).toMatchFileSnapshot('../../docs/reference/knock-outs.md');
}, 120_000);

function page(results: Map<string, string[]>): string {
  const names = Object.keys(attacks);
  const columns = [...results.keys()];
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [
    '# What each wall still stops when others are down',
    '',
    'Written and compared by `test/isolation/knock-out.test.ts`, which takes each wall and each pair of walls',
    'down on a real database and tries every attack as tenant B. **leak**: a byte of tenant A’s came back, or',
    'a write of B’s reached A. The walls: *context* (no context, no query), *statement* (the guard), *rows*',
    '(row-level security with the signed context), *privileges* (no TEMP, no DO, no functions across sessions).',
    '',
    row(['attack', ...columns.map((name) => `${name} down`)]),
    row(['---', ...columns.map(() => '---')]),
    ...names.map((name) =>
      row([
        name,
        ...columns.map((key) => (results.get(key)?.includes(name) ? '**leak**' : 'held')),
      ]),
    ),
    '',
    'Read down a column before relying on one wall alone: *rows* is the one that everything leans on, and',
    'the statement guard and the privileges stand in for each other, but not both may fall.',
    '',
  ].join('\n');
}
