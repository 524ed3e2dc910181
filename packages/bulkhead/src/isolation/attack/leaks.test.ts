/** The attack must find what is broken: one hole each in an otherwise sound schema. */
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { parseContextKey } from '../context-key.ts';
import { createContextSigner } from '../signed-context.ts';
import { currentContext } from '../tenant-context.ts';
import type { AttackReport } from './index.ts';
import { AMBER, attackStock, BASALT, createStock, found, run } from './testdata/stock.ts';

interface Leak {
  readonly hole: string;
  readonly breaking: string;
  /** Families that suffice to find it; the others would only take time. */
  readonly families: readonly string[];
  readonly expected: readonly string[];
}

const leaks: readonly Leak[] = [
  {
    hole: 'row-level security switched off on one table',
    breaking: 'alter table item disable row level security',
    families: ['reading', 'crossing writes', 'random statements'],
    expected: [
      'pool | reading | public.item',
      'raw | reading | public.item',
      'pool | crossing writes | public.item',
      'pool | random statements | public.item',
    ],
  },
  {
    hole: 'a SECURITY DEFINER function that trusts its argument',
    breaking: `create function items_of(tenant uuid) returns setof item language sql stable security definer
      set search_path = public, pg_temp as $$ select * from item where tenant_id = tenant $$`,
    families: ['function abuse'],
    expected: [
      'pool | function abuse | public.items_of(uuid)',
      'raw | function abuse | public.items_of(uuid)',
    ],
  },
  {
    hole: 'a SECURITY DEFINER search without a tenant',
    breaking: `create function search_all(pattern text) returns table (hit text) language sql stable security definer
      set search_path = public, pg_temp as $$ select contact from warehouse where contact like pattern $$`,
    families: ['function abuse'],
    expected: ['pool | function abuse | public.search_all(text)'],
  },
  {
    hole: 'a view without security_invoker',
    breaking:
      'alter view item_overview reset (security_invoker); alter view item_overview owner to postgres',
    families: ['reading'],
    expected: ['pool | reading | public.item_overview', 'raw | reading | public.item_overview'],
  },
  {
    hole: 'a partition granted directly, without a policy of its own',
    breaking:
      'alter table movement_2026 disable row level security; grant select on movement_2026 to test_app',
    families: ['partitions', 'reading'],
    expected: [
      'pool | partitions | public.movement_2026',
      'raw | partitions | public.movement_2026',
    ],
  },
  {
    hole: 'a permissive policy that opens what a permissive tenant policy closed',
    breaking: `drop policy bulkhead_tenant on warehouse; drop policy bulkhead_open on warehouse;
      create policy mine on warehouse using (tenant_id = (select bulkhead.tenant_id()));
      create policy directory on warehouse for select using (name is not null)`,
    families: ['reading'],
    expected: ['pool | reading | public.warehouse', 'raw | reading | public.warehouse'],
  },
  {
    hole: 'a policy on a plain setting',
    breaking: `drop policy bulkhead_tenant on item;
      create policy plain on item as restrictive using (tenant_id = nullif(current_setting('shop.tenant', true), '')::uuid)`,
    families: ['context forging'],
    expected: ['raw | context forging | public.item'],
  },
  {
    hole: 'a materialized view',
    breaking:
      'create materialized view label_report as select label, worth from item; grant select on label_report to test_app',
    families: ['reading'],
    expected: ['pool | reading | public.label_report', 'raw | reading | public.label_report'],
  },
  {
    hole: 'a foreign key and a unique key without the tenant',
    breaking: `create table parcel (tenant_id uuid not null default bulkhead.tenant_id(), id uuid not null default gen_random_uuid(),
        item_id uuid not null, code text unique, primary key (tenant_id, id));
      alter table item add unique (id); alter table parcel add foreign key (item_id) references item (id);
      insert into parcel (tenant_id, item_id, code) select tenant_id, id, 'parcel-' || md5(label) from item;
      select bulkhead.protect_table('parcel'); grant select, insert on parcel to test_app`,
    families: ['constraint oracles'],
    expected: [
      'pool | constraint oracles | public.parcel',
      'pool | constraint oracles | public.item',
    ],
  },
  {
    hole: 'TRUNCATE granted',
    breaking: 'grant truncate on movement to test_app',
    families: ['crossing writes'],
    expected: ['raw | crossing writes | public.movement'],
  },
  {
    hole: 'a WITH CHECK that lets rows be planted',
    breaking: `drop policy bulkhead_tenant on item;
      create policy mine on item as restrictive using (tenant_id = (select bulkhead.tenant_id())) with check (true)`,
    families: ['crossing writes'],
    expected: ['pool | crossing writes | public.item', 'raw | crossing writes | public.item'],
  },
  {
    hole: 'a function whose error quotes a row it should not see',
    breaking: `create function worth_of(wanted uuid) returns bigint language plpgsql stable security definer
      set search_path = public, pg_temp as $$ declare l text; begin
        select label into l from item where tenant_id = wanted limit 1;
        if l is not null then raise exception 'no worth known for %', l; end if; return 0; end $$`,
    families: ['function abuse'],
    expected: ['pool | function abuse | public.worth_of(uuid)'],
  },
  {
    hole: 'the signing key readable',
    breaking: 'grant select on bulkhead.context_key to test_app',
    families: ['expression injection'],
    expected: ['raw | expression injection | bulkhead.context_key'],
  },
];

for (const { hole, breaking, families, expected } of leaks) {
  test(`finds ${hole}`, { timeout: 40_000 }, async () => {
    const stock = await createStock(breaking);
    const report = await attackStock(stock, { families, randomStatements: 150 });
    expect(report.verdict).toBe('leak');
    expect(found(report)).toEqual(expect.arrayContaining([...expected]));
    // Even where a wall is down, the attack undoes what it writes.
    expect(report.rowsChanged).toEqual([]);
  });
}

/** The usual home-made pool: sets the context for the session, checks no statement and clears nothing. */
class HomeMadePool extends pg.Pool {
  readonly #sign: () => string;

  constructor(connectionString: string, sign: () => string) {
    super({ connectionString, max: 2 });
    this.#sign = sign;
    // What B leaves behind also ends sessions.
    this.on('error', () => undefined);
    this.on('connect', (client) => client.on('error', () => undefined));
  }

  // biome-ignore lint/suspicious/noExplicitAny: pg's overloads share no other implementation type
  override async query(...given: any[]): Promise<any> {
    const client = await super.connect();
    try {
      await client.query(`select set_config('bulkhead.context', $1, false)`, [this.#sign()]);
      return await client.query(given[0], given[1]);
    } finally {
      client.release();
    }
  }
}

test('finds what B leaves behind for A in a pool that clears nothing', {
  timeout: 60_000,
}, async () => {
  const stock = await createStock();
  const signer = createContextSigner(parseContextKey(stock.database.contextKey), 300);
  const pool = new HomeMadePool(stock.database.appUrl, () => {
    const context = currentContext();
    return context.kind === 'tenant' ? signer.sign(context, Date.now()).token : '';
  });
  onTestFinished(() => pool.end());
  const report = await attackStock(
    { ...stock, pool },
    { drivers: ['pool'], families: ['interleaving', 'settings poisoning'] },
  );
  expect(report.verdict).toBe('leak');
  const kinds = report.families.flatMap(({ findings }) => findings.map(({ kind }) => kind));
  expect(kinds).toContain('poisoned');
});

test('reports a credential that passes row-level security', { timeout: 40_000 }, async () => {
  const stock = await createStock('grant select on warehouse, item to test_operator');
  const report = await attackStock(
    { ...stock, database: { ...stock.database, appUrl: stock.database.operatorUrl } },
    { drivers: ['raw'], families: ['reading'] },
  );
  expect(found(report)).toEqual(
    expect.arrayContaining(['raw | reading | public.item', 'raw | reading | public.warehouse']),
  );
});

test('the statements that reproduce a finding do so, typed by hand', async () => {
  const stock = await createStock('alter table item disable row level security');
  const report = await attackStock(stock, { drivers: ['raw'], families: ['reading'] });
  const finding = report.families[0]?.findings[0];
  const client = new pg.Client({ connectionString: stock.database.appUrl });
  await client.connect();
  const result = await client.query(finding?.reproduce ?? '');
  await client.end();
  expect(JSON.stringify(result.rows)).toContain(AMBER);
});

test('the same seed makes the same attempts', { timeout: 40_000 }, async () => {
  const stock = await createStock('alter table item disable row level security');
  const once = () =>
    attackStock(stock, {
      drivers: ['raw'],
      families: ['random statements'],
      randomStatements: 150,
      seed: 11,
    });
  const [one, two] = [await once(), await once()];
  // Rows may come in another order (`order by random()`); what was sent may not differ.
  const sent = (report: AttackReport) =>
    report.families.map(({ attempts, refused, findings }) => [
      attempts,
      refused,
      findings.map(({ statement }) => statement),
    ]);
  expect(sent(two)).toEqual(sent(one));
  const other = await attackStock(stock, {
    drivers: ['raw'],
    families: ['random statements'],
    randomStatements: 20,
    seed: 12,
  });
  expect(other.families[0]?.findings[0]?.statement).not.toBe(
    one.families[0]?.findings[0]?.statement,
  );
});

test('refuses to judge what it cannot see', async () => {
  const stock = await createStock();
  await expect(
    attackStock({
      ...stock,
      database: { ...stock.database, superuserUrl: stock.database.ownerUrl },
    }),
  ).rejects.toMatchObject({ code: 'isolation.attack_blind' });
  await run(
    stock.database.superuserUrl,
    `delete from movement; delete from item; delete from warehouse where tenant_id <> '${BASALT}'`,
  );
  await expect(attackStock(stock)).rejects.toMatchObject({ code: 'isolation.attack_unprepared' });
});
