/**
 * Large databases are proven: 1,000 tables with 3,000 policies, and 10,000 partitions. What it took is printed;
 * asked are 5 seconds and 300 MB for the first.
 */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { type Proof, prove } from '../../packages/bulkhead/src/isolation/prove/index.ts';

const TABLES = 1_000;
const PARTITIONS = 10_000;

async function withDatabase(
  fill: (client: pg.Client) => Promise<void>,
): Promise<{ database: TestDatabase; client: pg.Client }> {
  const database = await createTestDatabase({ migrated: false });
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  await client.query('grant usage on schema public to test_app');
  await client.query('create table tenants (id uuid primary key, name text not null)');
  await fill(client);
  return { database, client };
}

describe('1,000 tables with 3,000 policies', () => {
  let opened: { database: TestDatabase; client: pg.Client };
  let proof: Proof;

  beforeAll(async () => {
    opened = await withDatabase(async (client) => {
      for (let at = 0; at < TABLES; at += 50) await client.query(fiftyTables(at));
    });
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    const started = process.cpuUsage();
    proof = await prove(opened.client, { role: 'test_app' });
    const used = process.cpuUsage(started);
    const cpuMs = Math.round((used.user + used.system) / 1_000);
    const grownMb = Math.round((process.memoryUsage().rss - before) / 1024 ** 2);
    console.log(JSON.stringify({ tables: TABLES, cpuMs, grownMb }));
  }, 120_000);
  afterAll(async () => {
    await opened?.client.end();
    await opened?.database.drop();
  });

  it('finds the one open table among the thousand', () => {
    const leaks = proof.objects.filter(({ verdict }) => verdict === 'leak');
    expect(leaks.map(({ object }) => object)).toEqual(['public.t500']);
    expect(proof.summary.unknown).toBe(0);
  });
});

/** Three policies each: reading, adding, changing. Each references its neighbour, with the tenant. */
function fiftyTables(from: number): string {
  const context = "nullif(current_setting('app.tenant_id', true), '')::uuid";
  return Array.from({ length: 50 }, (_, offset) => {
    const name = `t${from + offset}`;
    const before = `t${from + offset - 1}`;
    const link =
      from + offset === 0
        ? ''
        : `, foreign key (tenant_id, neighbour) references ${before} (tenant_id, id)`;
    const reading =
      name === 't500' ? `tenant_id = ${context} or note = 'x'` : `tenant_id = ${context}`;
    return `
      create table ${name} (tenant_id uuid not null references tenants (id), id uuid not null default gen_random_uuid(), neighbour uuid, note text, made timestamptz not null default now(), primary key (tenant_id, id)${link});
      alter table ${name} enable row level security;
      create policy r on ${name} for select using (${reading});
      create policy a on ${name} for insert with check (tenant_id = ${context});
      create policy w on ${name} for update using (tenant_id = ${context}) with check (tenant_id = ${context});
      grant select, insert, update on ${name} to test_app;`;
  }).join('\n');
}

describe('10,000 partitions', () => {
  let opened: { database: TestDatabase; client: pg.Client };
  beforeAll(async () => {
    opened = await withDatabase(async (client) => {
      await client.query(`
        create table readings (tenant_id uuid not null references tenants (id), month int not null, day int not null, note text) partition by list (month);
        alter table readings enable row level security;
        create policy tenant on readings using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
        grant select, insert on readings to test_app`);
      // Two levels: making the ten-thousandth partition of one table takes PostgreSQL a second.
      for (let month = 0; month < Math.sqrt(PARTITIONS); month += 1) {
        await client.query(`do $$ begin
          create table readings_${month} partition of readings for values in (${month}) partition by list (day);
          for day in 1..${Math.sqrt(PARTITIONS)} loop
            execute format('create table readings_${month}_%s partition of readings_${month} for values in (%s)', day, day);
          end loop;
        end $$`);
      }
      await client.query('grant select on readings_7_7 to test_app');
    });
  }, 300_000);
  afterAll(async () => {
    await opened?.client.end();
    await opened?.database.drop();
  });

  it('are read, and the one that was granted directly is named', { timeout: 60_000 }, async () => {
    const started = performance.now();
    const proof = await prove(opened.client, { role: 'test_app' });
    console.log(
      JSON.stringify({ partitions: PARTITIONS, ms: Math.round(performance.now() - started) }),
    );
    const leaks = proof.objects.filter(({ verdict }) => verdict === 'leak');
    expect(leaks.map(({ object }) => object)).toEqual(['public.readings_7_7']);
  });
});
