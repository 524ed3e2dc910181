/** What the prover says a role may do is what PostgreSQL says it may. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '#test/database';
import type { Catalog, Role } from '../catalog/model.ts';
import { readCatalog } from '../catalog/read-catalog.ts';
import { findSurface } from './find-surface.ts';

// Roles are the cluster's, so these have names of their own.
const suffix = randomBytes(4).toString('hex');
const role = (name: string) => `s_${name}_${suffix}`;
const NAMES = ['owner', 'app', 'group', 'above', 'reader', 'writer', 'apart', 'quiet'] as const;
const TABLE_PRIVILEGES = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'TRUNCATE',
  'REFERENCES',
  'TRIGGER',
] as const;
const COLUMN_PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'] as const;

let client: pg.Client;
let catalog: Catalog;
let drop: () => Promise<void>;

beforeAll(async () => {
  const database = await createTestDatabase({ migrated: false });
  client = new pg.Client(database.superuserUrl);
  await client.connect();
  for (const name of NAMES) await client.query(`create role ${role(name)} login`);
  await client.query(`
    alter role ${role('quiet')} noinherit;
    grant ${role('above')} to ${role('group')};
    grant ${role('group')} to ${role('app')}, ${role('quiet')};
    grant pg_read_all_data to ${role('reader')};
    grant pg_write_all_data to ${role('writer')};
    create schema shut;
    grant usage, create on schema public to ${role('owner')};
    grant usage on schema public to ${NAMES.map(role).join(', ')};
    revoke usage on schema public from public;
    revoke usage on schema public from ${role('apart')};
    create table public.plain (a int, b int, c text);
    create table public.everyone (a int);
    create table public.columns (a int, b int, c int);
    create table public.aboves (a int);
    create table shut.hidden (a int);
    create view public.seen as select a from public.plain;
    create materialized view public.kept as select 1 as a;
    create sequence public.numbers;
    grant select, insert on public.plain to ${role('app')};
    grant all on public.aboves to ${role('above')};
    grant select, trigger on public.everyone to public;
    grant select (a), update (b), references (c) on public.columns to ${role('group')};
    grant all on shut.hidden to ${role('app')};
    grant select on public.seen, public.kept to ${role('app')};
    grant usage on sequence public.numbers to ${role('group')};
    create function public.opened() returns int language sql return 1;
    create function public.closed() returns int language sql return 1;
    create procedure public.proceed() language sql begin atomic select 1; end;
    revoke execute on function public.closed() from public;
    grant execute on function public.closed() to ${role('above')};
    set role ${role('owner')};
    create table public.owned (a int);
    revoke select, delete on public.owned from ${role('owner')};
    reset role;`);
  catalog = await readCatalog(client);
  drop = database.drop;
}, 60_000);

afterAll(async () => {
  for (const name of NAMES) {
    await client?.query(`drop owned by ${role(name)} cascade; drop role ${role(name)}`);
  }
  await client?.end();
  await drop?.();
});

const roleNamed = (name: string): Role => {
  const found = [...catalog.roles.values()].find((one) => one.name === role(name));
  if (found === undefined) throw new Error(`no role ${name}`);
  return found;
};

describe.each(NAMES)('as %s', (name) => {
  it('table and column privileges are those of has_table_privilege', async () => {
    const surface = findSurface(catalog, roleNamed(name));
    const said: string[] = [];
    const asked: string[] = [];
    for (const relation of catalog.relations.values()) {
      if (relation.kind === 'sequence') continue;
      const reach = surface.relations.get(relation.oid);
      for (const privilege of TABLE_PRIVILEGES) {
        const what = `${privilege} on ${relation.schema}.${relation.name}`;
        // An owner may grant itself what it revoked from itself, so the prover says it holds it.
        const regained = relation.owner === roleNamed(name).oid;
        if (reach?.privileges.has(privilege)) said.push(what);
        const { rows } = await client.query(
          'select $3 or (has_schema_privilege($1::oid, $4::oid, $$usage$$) and has_table_privilege($1::oid, $2::oid, $5)) as may',
          [roleNamed(name).oid, relation.oid, regained, relation.schemaOid, privilege],
        );
        if (rows[0].may) asked.push(what);
      }
      for (const column of relation.columns) {
        for (const privilege of COLUMN_PRIVILEGES) {
          const what = `${privilege} (${column.name}) on ${relation.schema}.${relation.name}`;
          const regained = relation.owner === roleNamed(name).oid;
          if (reach?.columns.get(privilege)?.has(column.number)) said.push(what);
          const { rows } = await client.query(
            'select $3 or (has_schema_privilege($1::oid, $4::oid, $$usage$$) and has_column_privilege($1::oid, $2::oid, $6::int2, $5)) as may',
            [
              roleNamed(name).oid,
              relation.oid,
              regained,
              relation.schemaOid,
              privilege,
              column.number,
            ],
          );
          if (rows[0].may) asked.push(what);
        }
      }
    }
    expect(said).toEqual(asked);
  });

  it('routines are those of has_function_privilege', async () => {
    const surface = findSurface(catalog, roleNamed(name));
    const own = [...catalog.routines.values()].filter(({ schema }) => schema === 'public');
    const said = own.filter(({ oid }) => surface.routines.has(oid)).map(({ name: one }) => one);
    const { rows } = await client.query(
      `select proname from pg_proc where pronamespace = 'public'::regnamespace
          and has_schema_privilege($1::oid, pronamespace, 'usage') and has_function_privilege($1::oid, oid, 'execute')
        order by proname collate "C"`,
      [roleNamed(name).oid],
    );
    expect(said).toEqual(rows.map((row) => row.proname));
  });

  it('roles are those of pg_has_role', async () => {
    const surface = findSurface(catalog, roleNamed(name));
    for (const other of NAMES.map(roleNamed)) {
      const { rows } = await client.query(
        `select pg_has_role($1::oid, $2::oid, 'usage') as inherits, pg_has_role($1::oid, $2::oid, 'member') as member`,
        [roleNamed(name).oid, other.oid],
      );
      expect([other.name, surface.inherited.has(other.oid)]).toEqual([
        other.name,
        rows[0].inherits,
      ]);
      expect([other.name, surface.settable.has(other.oid)]).toEqual([other.name, rows[0].member]);
    }
  });
});
