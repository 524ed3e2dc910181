/**
 * Databases that mean no good, or cannot help it: the prover ends, says what it found, and leaves nothing behind.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { type Proof, prove } from './index.ts';

const CONTEXT = `nullif(current_setting('app.tenant_id', true), '')::uuid`;
let database: TestDatabase;
let client: pg.Client;

beforeEach(async () => {
  database = await createTestDatabase({ migrated: false });
  client = await connect(database.superuserUrl);
  await client.query(`
    grant usage on schema public to test_app;
    create table tenants (id uuid primary key, name text not null)`);
});

afterEach(async () => {
  await client.end();
  await database.drop();
});

async function connect(connectionString: string): Promise<pg.Client> {
  const made = new pg.Client({ connectionString });
  made.on('error', () => {});
  await made.connect();
  return made;
}

function verdictOf(proof: Proof, object: string): string | undefined {
  return proof.objects.find((one) => one.object === object)?.verdict;
}

function protectedTable(name: string): string {
  const table = pg.escapeIdentifier(name);
  return `
    create table ${table} (tenant_id uuid not null references tenants (id), id uuid not null default gen_random_uuid(), note text, primary key (tenant_id, id));
    alter table ${table} enable row level security;
    create policy ${table} on ${table} using (tenant_id = ${CONTEXT});
    grant select, insert, update, delete on ${table} to test_app;`;
}

describe('names', () => {
  const NAMES = [
    `o'rders"; drop table tenants; --`,
    'line\nbreak',
    'n'.repeat(63),
    'ä'.repeat(31),
    'оrders', // its first letter is Cyrillic
    'select',
    'a.b',
    '$$',
    '\\',
    '%s',
  ];

  it.each(NAMES)('%j is proven when protected, and a leak when not', async (name) => {
    await client.query(protectedTable(name));
    const before = await prove(client, { role: 'test_app' });
    expect(verdictOf(before, `public.${name}`)).toBe('proven');

    const table = pg.escapeIdentifier(name);
    await client.query(`alter table ${table} disable row level security`);
    const after = await prove(client, { role: 'test_app' });
    expect(verdictOf(after, `public.${name}`)).toBe('leak');
    const leak = after.objects.find((one) => one.object === `public.${name}`);
    expect(leak?.findings[0]?.confirmed).toBe(true);
    // The fix is SQL for exactly this table.
    await client.query(leak?.findings[0]?.fix ?? '');
    const repaired = await prove(client, { role: 'test_app' });
    expect(verdictOf(repaired, `public.${name}`)).toBe('proven');
  });
});

describe('circles', () => {
  it('a policy that reads its own table shows nothing, as in the server', async () => {
    await client.query(`
      ${protectedTable('nodes')}
      drop policy nodes on nodes;
      create policy circle on nodes using (tenant_id in (select n.tenant_id from nodes n))`);
    expect(verdictOf(await prove(client, { role: 'test_app' }), 'public.nodes')).toBe('proven');
  });

  it('two policies that read each other end', async () => {
    await client.query(`
      ${protectedTable('first')} ${protectedTable('second')}
      drop policy first on first;
      drop policy second on second;
      create policy a on first using (exists (select 1 from second s where s.tenant_id = first.tenant_id));
      create policy b on second using (exists (select 1 from first f where f.tenant_id = second.tenant_id))`);
    const proof = await prove(client, { role: 'test_app' });
    expect(verdictOf(proof, 'public.first')).not.toBe('leak');
  });

  it('a recursive view ends', async () => {
    await client.query(`
      ${protectedTable('tree')}
      alter table tree add column parent uuid;
      create view descendants with (security_invoker = true) as
        with recursive below as (
          select id, tenant_id, parent from tree where parent is null
          union all
          select t.id, t.tenant_id, t.parent from tree t join below b on t.parent = b.id
        ) select * from below;
      grant select on descendants to test_app`);
    const proof = await prove(client, { role: 'test_app' });
    expect(verdictOf(proof, 'public.descendants')).not.toBe('leak');
  });

  it('a function that calls itself ends', async () => {
    await client.query(`
      ${protectedTable('steps')}
      create function climb(n int) returns setof steps language plpgsql stable security definer
        set search_path = pg_catalog, pg_temp as $$
      begin
        if n > 0 then return query select * from public.climb(n - 1); end if;
        return query select * from public.steps where tenant_id = ${CONTEXT};
      end $$`);
    const proof = await prove(client, { role: 'test_app' });
    expect(verdictOf(proof, 'public.climb')).toBeDefined();
  });
});

describe('a reader who may not see everything', () => {
  it('is refused a role that does not exist, by its name', async () => {
    await expect(prove(client, { role: 'nobody "here"' })).rejects.toMatchObject({
      code: 'isolation.prove_role_absent',
    });
  });

  it('proves as the app itself, without the right to read anything else', async () => {
    await client.query(`${protectedTable('orders')} create table hidden (secret text)`);
    const app = await connect(database.appUrl);
    try {
      const proof = await prove(app, { role: 'test_app' });
      expect(proof.objects.length).toBeGreaterThan(0);
      expect(verdictOf(proof, 'public.orders')).not.toBe('leak');
    } finally {
      await app.end();
    }
  });

  it.each(['pg_policy', 'pg_proc', 'pg_auth_members', 'pg_class', 'pg_attribute', 'pg_constraint'])(
    'proves nothing to a reader who is not shown %s, and says so',
    async (hidden) => {
      await client.query(protectedTable('orders'));
      await client.query(`revoke select on pg_catalog.${hidden} from public`);
      const reader = await connect(database.operatorUrl);
      try {
        const proof = await prove(reader, { role: 'test_app' });
        expect(proof.summary.proven).toBe(0);
        expect(proof.objects.length).toBeGreaterThan(0);
        for (const { findings } of proof.objects) {
          expect(findings.map(({ kind }) => kind)).toContain('catalog-hidden');
        }
      } finally {
        await reader.end();
      }
    },
  );
});

describe('a database that changes underneath', () => {
  it('is read in one snapshot while tables come and go', { timeout: 60_000 }, async () => {
    await client.query(protectedTable('orders'));
    const other = await connect(database.superuserUrl);
    let running = true;
    const churn = (async () => {
      for (let at = 0; running; at += 1) {
        await other.query(
          `${protectedTable(`passing_${at}`)} drop table if exists passing_${Math.max(0, at - 3)}`,
        );
        await sleep(1);
      }
    })();
    try {
      for (let at = 0; at < 5; at += 1) {
        const proof = await prove(client, { role: 'test_app' });
        expect(verdictOf(proof, 'public.orders')).toBe('proven');
      }
    } finally {
      running = false;
      await churn;
      await other.end();
    }
  });
});

describe('nothing is left behind', () => {
  it('rows, objects, sequences and settings are as before, though leaks were shown by running them', async () => {
    await client.query(`
      ${protectedTable('orders')}
      create table notes (id serial primary key, tenant_id uuid not null references tenants (id), note text);
      create table log (at int, what text);
      create function logged() returns trigger language plpgsql as $$ begin
        insert into log values (1, 'changed'); return null; end $$;
      create trigger logged after insert or update or delete on notes for each row execute function logged();
      grant select, insert, update, delete, truncate on notes to test_app;
      grant usage, select on sequence notes_id_seq to test_app;
      insert into tenants values (gen_random_uuid(), 'one');
      insert into notes (tenant_id, note) select id, 'kept' from tenants`);
    const before = await everything();
    const proof = await prove(client, { role: 'test_app' });
    expect(verdictOf(proof, 'public.notes')).toBe('leak');
    expect(await everything()).toEqual(before);
  });

  async function everything(): Promise<unknown> {
    const { rows } = await client.query(`
      select (select count(*) from pg_class) as relations, (select count(*) from pg_proc) as routines,
        (select count(*) from pg_roles) as roles, (select count(*) from pg_locks where pid = pg_backend_pid() and granted and locktype = 'advisory') as locks,
        (select json_agg(t order by id) from tenants t) as tenants, (select json_agg(n order by id) from notes n) as notes,
        (select json_agg(l) from log l) as log, (select json_agg(o) from orders o) as orders,
        (select last_value from notes_id_seq) as drawn, current_user as who, current_setting('search_path') as path,
        current_setting('default_transaction_read_only') as read_only, nullif(current_setting('app.tenant_id', true), '') as tenant`);
    return rows[0];
  }
});
