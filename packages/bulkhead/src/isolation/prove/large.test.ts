/**
 * Schemas on which a prover that follows every way never ends. This one does, by counted steps and not by the
 * clock: the same schema gets the same verdict on every machine.
 */
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { type Proof, prove } from './index.ts';

const CONTEXT = `nullif(current_setting('app.tenant_id', true), '')::uuid`;
let database: TestDatabase;
let client: pg.Client;

beforeEach(async () => {
  database = await createTestDatabase({ migrated: false });
  client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  await client.query(`
    grant usage on schema public to test_app;
    create table tenants (id uuid primary key, name text not null)`);
});

afterEach(async () => {
  await client.end();
  await database.drop();
});

function table(name: string): string {
  return `
    create table ${name} (tenant_id uuid not null references tenants (id), id uuid primary key default gen_random_uuid(), note text, size int);
    alter table ${name} enable row level security;
    grant select on ${name} to test_app;`;
}

/** Tables t0, t1 … each with the policy that `using` writes for it. */
function tables(count: number, using: (at: number) => string): string {
  const numbers = Array.from({ length: count }, (_, at) => at);
  const policies = numbers.map((at) => `create policy p on t${at} using (${using(at)});`);
  return [...numbers.map((at) => table(`t${at}`)), ...policies].join('\n');
}

const reads = (from: number, to: number): string =>
  `exists (select 1 from t${to} where t${to}.note = t${from}.note)`;

async function proved(sql: string): Promise<Proof> {
  await client.query(sql);
  return prove(client, { role: 'test_app', probe: false });
}

function notProven({ objects }: Proof): Record<string, string> {
  return Object.fromEntries(
    objects
      .filter(({ verdict }) => verdict !== 'proven')
      .map(({ object, verdict }) => [object, verdict]),
  );
}

describe('ends', { timeout: 60_000 }, () => {
  it('on policies that each read two tables, whose policies each read two tables', async () => {
    const chain = (at: number) =>
      at > 97 ? '' : ` and (${reads(at, at + 1)} or ${reads(at, at + 2)})`;
    const proof = await proved(tables(100, (at) => `tenant_id = ${CONTEXT}${chain(at)}`));
    expect(notProven(proof)).toEqual({});
  });

  it('on the same with nothing but links, and names what an open end opens', async () => {
    const proof = await proved(
      tables(40, (at) =>
        at < 38
          ? `${reads(at, at + 1)} or ${reads(at, at + 2)}`
          : at === 38
            ? `tenant_id = ${CONTEXT}`
            : 'true',
      ),
    );
    expect(notProven(proof)['public.t39']).toBe('leak');
    expect(notProven(proof)['public.t0']).toBe('leak');
    expect(notProven(proof)['public.t38']).toBeUndefined();
  });

  it('on policies in circles, of which PostgreSQL shows nothing', async () => {
    const next = (at: number, by: number) => (at * 7 + by) % 100;
    const proof = await proved(
      tables(
        100,
        (at) =>
          `note = 'x' or ${reads(at, next(at, 1))} or ${reads(at, next(at, 30))} or ${reads(at, next(at, 63))}`,
      ),
    );
    expect(notProven(proof)).toEqual({});
    await client.query('set role test_app');
    await expect(client.query('select from t0')).rejects.toThrow(/infinite recursion detected/);
  });

  it('on policies in circles through functions, which PostgreSQL meets only at the bottom of its stack', async () => {
    const count = 24;
    const functions = Array.from({ length: count }, (_, at) => {
      const some = [1, 5, 11].map(
        (by) => `exists (select 1 from public.t${(at * 5 + by) % count} t where t.note = $1)`,
      );
      return `create function f${at} (text) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$ select ${some.join(' or ')} $$;`;
    });
    const made = tables(count, () => 'false');
    const policies = Array.from(
      { length: count },
      (_, at) => `alter policy p on t${at} using (tenant_id = ${CONTEXT} and f${at} (note));`,
    );
    const proof = await proved([made, ...functions, ...policies].join('\n'));
    expect(Object.values(notProven(proof))).not.toContain('leak');
  });

  it('on functions that call each other three times each', async () => {
    const calls = (at: number) =>
      [1, 2, 3]
        .map(
          (by) => `if n > ${by} then found := public.f${(at * 3 + by) % 14} (n - ${by}); end if;`,
        )
        .join(' ');
    const functions = Array.from(
      { length: 14 },
      (_, at) =>
        `create function f${at} (n int) returns uuid language plpgsql stable set search_path = pg_catalog, pg_temp as $$ declare found uuid; begin ${calls(at)} return coalesce(found, ${CONTEXT}); end $$;`,
    );
    const proof = await proved(
      `${table('t')} ${functions.join('\n')} create policy p on t using (tenant_id = f0 (8))`,
    );
    expect(notProven(proof)['public.t']).not.toBe('leak');
  });

  it('on 14 branches of 14 branches, beside 400 policies', async () => {
    const inner = (at: number) =>
      Array.from(
        { length: 14 },
        (_, by) =>
          `(note = 'a${at}' or size = ${by} or exists (select 1 from links l where l.note = t.note and l.size = ${by}))`,
      );
    const branches = Array.from(
      { length: 14 },
      (_, at) => `(tenant_id = ${CONTEXT} and ${inner(at).join(' and ')})`,
    );
    const more = Array.from(
      { length: 400 },
      (_, at) =>
        `create policy p${at} on t for select using (tenant_id = ${CONTEXT} and size = ${at});`,
    );
    const schema = `${table('t')} ${table('links')}
      create policy own on links using (tenant_id = ${CONTEXT});
      create policy branches on t using (${branches.join(' or ')});
      ${more.join('\n')}`;
    expect(notProven(await proved(schema))).toEqual({});
    const open = await proved(`create policy open on t for select using (size = 7)`);
    expect(notProven(open)).toEqual({ 'public.t': 'leak' });
  });

  it('on views that join the view before with itself, forty times over', async () => {
    const views = Array.from({ length: 40 }, (_, at) => {
      const from = at === 0 ? 't a join t b' : `v${at - 1} a join v${at - 1} b`;
      return `create view v${at} with (security_invoker = true) as select a.id, a.tenant_id, b.note from ${from} on a.note = b.note;`;
    });
    const schema = `${table('t')} create policy p on t using (tenant_id = ${CONTEXT}); ${views.join('\n')} grant select on v20, v39 to test_app;`;
    expect(notProven(await proved(schema))).toEqual({});
    const open = await proved('alter policy p on t using (true)');
    expect(notProven(open)).toMatchObject({ 'public.v20': 'leak', 'public.v39': 'leak' });
  });

  it('on a body with two ways at each of 14 places', async () => {
    const choices = Array.from(
      { length: 14 },
      (_, at) =>
        `if length(a${at % 4}) > ${at} then x${at} := a${at % 4}; else x${at} := 'no'; end if;`,
    );
    const declared = choices.map((_, at) => `x${at} text;`).join(' ');
    const body = (filter: string) => `
      create or replace function ways (a0 text, a1 text, a2 text, a3 text) returns setof t language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
      declare ${declared} begin ${choices.join(' ')} return query select * from public.t where ${filter} and note = x3 || x7; end $$;`;
    const schema = `${table('t')} create policy p on t using (tenant_id = ${CONTEXT});`;
    expect(notProven(await proved(`${schema} ${body(`tenant_id = ${CONTEXT}`)}`))).toEqual({});
    expect(notProven(await proved(body('true')))).toEqual({ 'public.ways': 'leak' });
  });
});

describe('gives up by name', { timeout: 60_000 }, () => {
  it('on nothing else when an expression is nested thousands of times', async () => {
    const long = Array.from({ length: 2_500 }, () => 'note').join(' || ');
    const proof = await proved(`
      ${table('t')} ${table('other')}
      create policy p on t using (tenant_id = ${CONTEXT} and note <> ${long});
      create policy p on other using (size = 1);`);
    // Whether there is room to follow it is the process's affair; that it is no leak is the schema's.
    expect(notProven(proof)['public.t']).not.toBe('leak');
    expect(notProven(proof)['public.other']).toBe('leak');
  });

  it('on a join whose only condition needs every table', async () => {
    const count = 16;
    const from = Array.from({ length: count }, (_, at) => `t${at}`);
    const proof = await proved(`
      ${tables(count, () => `tenant_id = ${CONTEXT}`)}
      create view wide as select t0.id from ${from.join(', ')} where concat(${from.map((name) => `${name}.note`).join(', ')}) = 'x';
      grant select on wide to test_app;`);
    expect(notProven(proof)).toEqual({ 'public.wide': 'unknown' });
    const wide = proof.objects.find(({ object }) => object === 'public.wide');
    expect(wide?.findings[0]?.why).toContain('the view wide, which is too large to follow');
  });
});

it('stops in the middle when its signal is aborted', async () => {
  await client.query(
    tables(
      240,
      (at) =>
        `tenant_id = ${CONTEXT}${at < 238 ? ` and (${reads(at, at + 1)} or ${reads(at, at + 2)})` : ''}`,
    ),
  );
  const controller = new AbortController();
  const seen: string[] = [];
  const running = prove(client, {
    role: 'test_app',
    signal: controller.signal,
    onProgress: ({ step }) => {
      seen.push(step);
      if (step === 'judge') setImmediate(() => controller.abort());
    },
  });
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  expect(seen).not.toContain('probe');
  // The connection is as it was.
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

it('gives no proof of what it tried only in part because its signal was aborted', async () => {
  await client.query(tables(3, () => 'true'));
  const controller = new AbortController();
  const tried: number[] = [];
  const running = prove(client, {
    role: 'test_app',
    signal: controller.signal,
    onProgress: (progress) => {
      if (progress.step !== 'probe') return;
      tried.push(progress.done);
      controller.abort();
    },
  });
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  expect(tried).toEqual([1]);
});
