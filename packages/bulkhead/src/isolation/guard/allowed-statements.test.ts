import { beforeAll, describe, expect, it } from 'vitest';
import { createGuard, type Guard, loadGuard, type StatementKind } from './index.ts';

let guard: Guard;
beforeAll(async () => {
  await loadGuard();
  guard = createGuard({ functions: [], relations: [], statements: [] });
});

const statements: [kind: StatementKind, readOnly: boolean, sql: string[]][] = [
  [
    'select',
    true,
    [
      'select 1',
      'SELECT NOW()',
      'select 1 + 1 as solution;',
      'select $1::text',
      'select version()',
      'select current_database(), current_schema(), current_user',
      'table notes',
      'select * from notes where id = $1',
      'select * from public.notes n left join projects p on p.id = n.project_id and not p.archived',
      'select count(*)::int from notes where body ilike $1 escape $2',
      'select id from notes where id = any ($1::uuid[]) order by created_at desc nulls last limit 20 offset 40',
      'select distinct on (project_id) project_id, body from notes order by project_id, created_at desc',
      "select date_trunc('month', created_at) m, sum(cents) filter (where paid) from invoices group by 1 having sum(cents) > 0",
      'select row_number() over (partition by project_id order by created_at) from notes',
      'with recursive t as (select id, parent from node where id = $1 union all select n.id, n.parent from node n join t on n.parent = t.id) select * from t',
      "select body from notes where to_tsvector('english', body) @@ plainto_tsquery('english', $1)",
      "select data ->> 'a', data #> '{b,c}', data @> $1, jsonb_path_query(data, '$.x[*]') from notes",
      'select * from generate_series(1, 10) with ordinality as s (n, i)',
      'select * from unnest($1::uuid[], $2::text[]) as u (id, body)',
      'select bulkhead.tenant_id(), bulkhead.actor()',
      "select current_setting('TimeZone')",
      "select current_setting('server_version_num')::int",
      "select nextval('notes_id_seq')",
      "select pg_get_serial_sequence('notes', 'id')",
      "select gen_random_uuid(), random(), md5('x'), pg_sleep(0)",
      "select ts_rewrite('a & b'::tsquery, 'a'::tsquery, 'c'::tsquery)",
      'select \'set_config(1)\' as "set_config", $$ pg_sleep; drop table $$',
      'select set_config, lo_price from goods -- columns, not functions',
      'select g.lo_price, "goods"."pg_rating", (g.size).width from goods g',
      "select E'it\\'s', U&'\\0441', B'101', X'1F', 1e10, 0x1F, 1_000",
      "select interval '1 day', timestamptz '2024-01-01', extract(epoch from now())",
      'select array_agg(n.id order by n.id) from notes n, lateral (select 1) x',
      'select * from json_to_recordset($1) as t (id int, body text collate "C")',
      "select * from json_table($1::jsonb, '$[*]' columns (id int path '$.id'))",
      "select xmlelement(name a, 'x')",
      'select (n).id, n.* from notes n where (a, b) < ($1, $2)',
      'select 1 union all select 2 intersect select 3',
      'select * from notes tablesample system (10)',
      // Introspection by ORMs
      "select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) from pg_catalog.pg_class c join pg_attribute a on a.attrelid = c.oid where c.relkind = 'r'",
      "select table_name from information_schema.tables where table_schema = 'public'",
      'select oid, typname, typarray from pg_type where oid = any ($1)',
      'select * from pg_namespace, pg_index, pg_constraint, pg_proc, pg_roles, pg_enum, pg_extension',
      "select obj_description('notes'::regclass), to_regclass('public.notes'), pg_get_indexdef(1)",
      'show server_version',
      'SHOW search_path',
      'show transaction isolation level',
      'show timezone',
      // Kysely
      'select "id", "body" from "notes" where "id" = $1 and ("archived" = $2 or "owner" is null) order by "created_at" desc limit $3',
      'select "notes".*, (select coalesce(json_agg(agg), \'[]\') from (select "tag"."name" from "tag" where "tag"."note_id" = "notes"."id") as agg) as "tags" from "notes"',
      'select to_json(obj) from (select "p"."id" as "id" from "projects" as "p") as obj',
      'with "mine" as (select "id" from "notes" where "owner" = $1) select * from "mine" inner join "projects" as "p" on "p"."id" = "mine"."id"',
      'select count("id") as "n", max("cents") as "top" from "invoices" group by "project_id"',
      'select "notes"."id" from "notes" where exists (select 1 from "tag" where "tag"."note_id" = "notes"."id")',
      'select distinct on ("owner") "owner" from "notes" order by "owner", "created_at" desc',
      // Drizzle
      'select "id", "body", "created_at" from "notes" where ("notes"."id" = $1 and "notes"."archived" = $2) limit $3',
      'select "notes"."id", "notes_project"."data" as "project" from "notes" "notes" left join lateral (select json_build_array("notes_project"."id", "notes_project"."name") as "data" from (select * from "projects" "notes_project" where "notes_project"."id" = "notes"."project_id" limit $1) "notes_project") "notes_project" on true',
      'select "notes"."id", coalesce("notes_tags"."data", \'[]\'::json) as "tags" from "notes" "notes" left join lateral (select coalesce(json_agg(json_build_array("notes_tags"."name")), \'[]\'::json) as "data" from "tags" "notes_tags") "notes_tags" on true',
      'select cast(count(*) as int) from "notes"',
      'select "id" from "notes" where "notes"."id" in ($1, $2, $3)',
      // Prisma
      'SELECT 1',
      'SELECT "public"."Note"."id", "public"."Note"."body" FROM "public"."Note" WHERE ("public"."Note"."id" = $1 AND 1=1) LIMIT $2 OFFSET $3',
      'SELECT "public"."Note"."id", "public"."Note"."kind"::text FROM "public"."Note" WHERE 1=1 ORDER BY "public"."Note"."id" ASC OFFSET $1',
      'SELECT COUNT(*) AS "_count$_all" FROM (SELECT "public"."Note"."id" FROM "public"."Note" WHERE 1=1 OFFSET $1) AS "sub"',
      'SELECT "t1"."id", "Note_project"."__prisma_data__" AS "project" FROM "public"."Note" AS "t1" LEFT JOIN LATERAL (SELECT JSONB_BUILD_OBJECT(\'id\', "t2"."id") AS "__prisma_data__" FROM (SELECT "t3".* FROM "public"."Project" AS "t3" WHERE "t1"."projectId" = "t3"."id" LIMIT $1) AS "t2") AS "Note_project" ON TRUE',
      'SELECT COALESCE(JSONB_AGG("__prisma_data__"), \'[]\') AS "__prisma_data__" FROM (SELECT "t3"."__prisma_data__" FROM (SELECT JSONB_BUILD_OBJECT(\'id\', "t2"."id") AS "__prisma_data__" FROM "public"."Tag" AS "t2") AS "t3") AS "t4"',
      'SELECT "public"."Note"."id" FROM "public"."Note" LEFT JOIN "public"."Project" AS "j0" ON ("j0"."id") = ("public"."Note"."projectId") WHERE ("j0"."name"::text ILIKE $1 AND ("j0"."id" IS NOT NULL)) OFFSET $2',
      // TypeORM, Knex, Sequelize
      'SELECT "Note"."id" AS "Note_id" FROM "note" "Note" WHERE ( (("Note"."id" = $1)) ) AND ( "Note"."id" IN ($2) ) LIMIT 1',
      'SELECT * FROM current_schema()',
      'select * from "notes" where "id" = $1 limit $2',
      'SELECT count(*) AS "count" FROM "Notes" AS "Note" WHERE ("Note"."deletedAt" IS NULL);',
    ],
  ],
  [
    'select',
    false,
    [
      'select * from notes where id = $1 for update',
      'select * from notes for no key update of notes nowait',
      'select * from jobs order by id limit 1 for update skip locked',
      'select * from notes for share',
      'with gone as (delete from notes where id = $1 returning *) select count(*) from gone',
      'with new as (insert into "notes" ("body") values ($1) returning "id") select * from "new"',
      'with m as (merge into notes n using new x on n.id = x.id when matched then delete returning n.id) select * from m',
    ],
  ],
  ['values', true, ["values (1, 'a'), (2, 'b')", 'values ($1::int) order by 1 limit 1']],
  [
    'insert',
    false,
    [
      'insert into notes default values',
      'insert into notes (body) values ($1), ($2) returning *',
      'insert into notes (id, body) values ($1, $2) on conflict (id) do update set body = excluded.body where notes.body <> excluded.body',
      'insert into notes (body) select body from drafts where id = $1 on conflict do nothing',
      'insert into "notes" ("id", "body", "created_at") values (default, $1, default) returning "id", "body"',
      'INSERT INTO "public"."Note" ("id","body") VALUES ($1,$2) RETURNING "public"."Note"."id"',
      'insert into "notes" ("id") values ($1) on conflict ("id") do update set "body" = $2, "n" = "notes"."n" + 1 returning "id"',
      'insert into notes (body) overriding user value values ($1)',
    ],
  ],
  [
    'update',
    false,
    [
      'update notes set body = $1 where id = $2 returning *',
      'update "notes" set "body" = $1, "updated_at" = now() where "notes"."id" = $2',
      'update notes n set (a, b) = (select a, b from src where src.id = n.id) from projects p where p.id = n.project_id',
      'UPDATE "public"."Note" SET "body" = $1 WHERE ("public"."Note"."id" = $2 AND 1=1) RETURNING "public"."Note"."id"',
      "update notes set data = jsonb_set(data, '{a}', $1), tags[1] = 'x'",
      'update notes set body = $1 returning old.body, new.body',
    ],
  ],
  [
    'delete',
    false,
    [
      'delete from notes where id = $1',
      'delete from "notes" as "n" using "projects" as "p" where "n"."project_id" = "p"."id" returning "n"."id"',
      'DELETE FROM "public"."Note" WHERE ("public"."Note"."id" = $1 AND 1=1)',
    ],
  ],
  [
    'merge',
    false,
    [
      'merge into notes n using (values ($1::int)) s (id) on n.id = s.id when matched then update set body = $2 when not matched then insert (id) values (s.id)',
      'merge into notes n using s on n.id = s.id when not matched by source then delete returning merge_action(), n.*',
    ],
  ],
  ['empty', true, ['', ' \n\t', ';', '-- a comment', '/* one /* nested */ */ ; ;']],
  [
    'begin',
    true,
    [
      'begin',
      'BEGIN;',
      'begin transaction isolation level serializable read only deferrable',
      'start transaction isolation level repeatable read',
      'BEGIN READ WRITE',
    ],
  ],
  ['commit', true, ['commit', 'COMMIT;', 'end', 'commit work and no chain']],
  ['rollback', true, ['rollback', 'abort', 'ROLLBACK TRANSACTION']],
  ['savepoint', true, ['savepoint sp1', 'SAVEPOINT "kysely_1"']],
  ['release', true, ['release savepoint sp1', 'release sp1']],
  ['rollback_to', true, ['rollback to savepoint sp1', 'rollback to sp1']],
  [
    'set_transaction',
    true,
    [
      'set transaction isolation level serializable',
      'SET TRANSACTION ISOLATION LEVEL READ COMMITTED',
      'set transaction read only, deferrable',
    ],
  ],
  [
    'copy_to',
    true,
    ['copy notes to stdout', 'copy (select * from notes) to stdout with (format csv, header)'],
  ],
  ['copy_to', false, ['copy (delete from notes returning *) to stdout']],
  ['copy_from', false, ['copy notes from stdin', 'COPY "notes" ("id", "body") FROM STDIN BINARY']],
];

const transactionControl = new Set([
  'begin',
  'commit',
  'rollback',
  'savepoint',
  'release',
  'rollback_to',
  'set_transaction',
]);

describe('allows what apps and their query layers send', () => {
  for (const [kind, readOnly, texts] of statements) {
    it.each(texts)(`${kind}${readOnly ? '' : ', writing'}: %s`, (sql) => {
      const isTransactionControl = transactionControl.has(kind);
      expect(guard.inspect(sql)).toEqual({ allowed: true, kind, isTransactionControl, readOnly });
    });
  }
});

describe('a policy opens what it lists and no more', () => {
  const inspect = (
    policy: { functions?: string[]; relations?: string[]; statements?: string[] },
    sql: string,
  ) =>
    createGuard({ functions: [], relations: [], statements: [], ...policy }).inspect(sql).allowed;

  it('a bare name opens the unqualified and the built-in spelling', () => {
    const policy = { functions: ['pg_advisory_xact_lock'] };
    expect(inspect(policy, 'select pg_advisory_xact_lock(1)')).toBe(true);
    expect(inspect(policy, 'select pg_catalog.pg_advisory_xact_lock(1)')).toBe(true);
    expect(inspect(policy, 'select evil.pg_advisory_xact_lock(1)')).toBe(false);
    expect(inspect(policy, 'select pg_advisory_lock(1)')).toBe(false);
    expect(inspect(policy, "select pg_advisory_xact_lock(set_config('a', 'b', false)::int)")).toBe(
      false,
    );
  });

  it('a qualified name opens that spelling only', () => {
    const policy = { functions: ['ext.dblink'], relations: ['bulkhead.tenant'] };
    expect(inspect(policy, "select * from ext.dblink('a', 'b') as t (a int)")).toBe(true);
    expect(inspect(policy, "select * from dblink('a', 'b') as t (a int)")).toBe(false);
    expect(inspect(policy, 'select * from bulkhead.tenant')).toBe(true);
    expect(inspect(policy, 'select * from bulkhead.context_key')).toBe(false);
  });

  it('a listed CALL still has its arguments read; a listed DO is opaque', () => {
    expect(inspect({ statements: ['CALL'] }, 'call purge(1)')).toBe(true);
    expect(inspect({ statements: ['call'] }, "call purge(set_config('a', 'b', false))")).toBe(
      false,
    );
    expect(inspect({ statements: ['DO'] }, 'do $$ begin end $$')).toBe(true);
    expect(inspect({ statements: ['DO'] }, 'call purge(1)')).toBe(false);
    expect(inspect({ statements: ['VACUUM'] }, 'vacuum')).toBe(false);
  });
});
