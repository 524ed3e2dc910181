/** What the oracle asks the catalog. `$1` is the app's role. */

const NOT_SYSTEM = `n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'`;

export const relationsSql = `
select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) as sql,
       n.nspname as schema, c.relname as name, c.relkind::text as kind,
       c.relispartition as "isPartition", c.relrowsecurity as "isSecured",
       has_schema_privilege($1, n.oid, 'usage')
         and case when c.relkind = 'S' then has_sequence_privilege($1, c.oid, 'select')
                  else has_table_privilege($1, c.oid, 'select') or has_any_column_privilege($1, c.oid, 'select') end as "isReadable",
       has_schema_privilege($1, n.oid, 'usage') and c.relkind <> 'S'
         and (has_table_privilege($1, c.oid, 'insert') or has_table_privilege($1, c.oid, 'update')
              or has_table_privilege($1, c.oid, 'delete') or has_table_privilege($1, c.oid, 'truncate')) as "isWritable",
       coalesce((select json_agg(json_build_object(
           'name', a.attname, 'sql', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod),
           'category', t.typcategory, 'base', t.typname,
           'isGenerated', a.attgenerated <> '' or a.attidentity = 'a') order by a.attnum)
         from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]') as columns,
       coalesce((select json_agg((select json_agg(a.attname order by k.at)
           from unnest(i.indkey::int2[]) with ordinality k(num, at)
           join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.num
          where k.at <= i.indnkeyatts) order by i.indexrelid)
         from pg_catalog.pg_index i
        where i.indrelid = c.oid and i.indisunique and i.indpred is null and i.indexprs is null), '[]') as "uniqueKeys",
       coalesce((select json_agg(json_build_object(
           'columns', (select json_agg(a.attname order by k.at) from unnest(f.conkey) with ordinality k(num, at)
              join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.num),
           'to', (select quote_ident(rn.nspname) || '.' || quote_ident(r.relname) from pg_catalog.pg_class r
              join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace where r.oid = f.confrelid),
           'toColumns', (select json_agg(a.attname order by k.at) from unnest(f.confkey) with ordinality k(num, at)
              join pg_catalog.pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.num)) order by f.oid)
         from pg_catalog.pg_constraint f
        where f.conrelid = c.oid and f.contype = 'f' and f.conparentid = 0), '[]') as "foreignKeys"
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and ${NOT_SYSTEM}
 order by 1`;

export const functionsSql = `
select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname) as sql,
       p.proname as name, n.nspname = 'pg_catalog' as "isSystem", p.prokind::text as kind, p.proretset as "returnsSet",
       coalesce((select json_agg(format_type(t.oid, null) order by x.at)
         from unnest(p.proargtypes::oid[]) with ordinality x(oid, at) join pg_catalog.pg_type t on t.oid = x.oid), '[]') as arguments
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
 where p.prokind in ('f', 'p') and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype)
   and n.nspname <> 'information_schema' and has_schema_privilege($1, n.oid, 'usage')
   and has_function_privilege($1, p.oid, 'execute')
   and not exists (select from unnest(p.proargtypes::oid[]) x(oid) where x.oid in ('internal'::regtype, 'cstring'::regtype))
 order by 1, p.oid`;

/** Settings that the role may change for itself, and one value each that differs from the present one. */
export const settingsSql = `
select name, case
         when vartype = 'bool' then case setting when 'on' then 'off' else 'on' end
         when vartype = 'enum' then coalesce((select v from unnest(enumvals) v where v <> setting order by v limit 1), setting)
         when vartype in ('integer', 'real') then case when setting = min_val then max_val else min_val end
         else 'attack' end as value
  from pg_catalog.pg_settings where context = 'user' order by name`;

/** Custom settings that policies and functions read: whoever sets them may be believed. */
export const contextSettingsSql = `
select distinct lower(m[1]) as name
  from (select coalesce(pg_get_expr(polqual, polrelid), '') || ' ' || coalesce(pg_get_expr(polwithcheck, polrelid), '') as source from pg_catalog.pg_policy
        union all
        select coalesce(pg_get_functiondef(p.oid), '') from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
         where p.prokind in ('f', 'p') and ${NOT_SYSTEM}) s,
       regexp_matches(s.source, 'current_setting\\s*\\(\\s*''([^'']+\\.[^'']+)''', 'gi') m
 order by 1`;

/** Below it are the objects that every database comes with. */
const OWN_OIDS_FROM = 16_384;

/** The words the server itself is made of: what anyone may read, and so nobody's secret. */
export const serverTextsSql = [
  `select string_agg(name, ' ') from pg_catalog.pg_timezone_names`,
  `select string_agg(proname || ' ' || prosrc, ' ') from pg_catalog.pg_proc where oid < ${OWN_OIDS_FROM}`,
  `select string_agg(pg_get_viewdef(oid), ' ') from pg_catalog.pg_class where relkind in ('v', 'm') and oid < ${OWN_OIDS_FROM}`,
] as const;

/** Likewise, but whoever makes a table or changes a setting adds to them. */
export const catalogTextsSql = [
  `select string_agg(description, ' ') from pg_catalog.pg_description`,
  `select string_agg(short_desc || ' ' || coalesce(extra_desc, '') || ' ' || name || ' ' || coalesce(setting, ''), ' ') from pg_catalog.pg_settings`,
  `select string_agg(collname, ' ') from pg_catalog.pg_collation`,
  `select string_agg(relname, ' ') from pg_catalog.pg_class`,
  `select string_agg(attname, ' ') from pg_catalog.pg_attribute`,
  `select string_agg(proname || ' ' || prosrc, ' ') from pg_catalog.pg_proc where oid >= ${OWN_OIDS_FROM}`,
  `select string_agg(typname, ' ') from pg_catalog.pg_type`,
  `select string_agg(enumlabel, ' ') from pg_catalog.pg_enum`,
  `select string_agg(conname || ' ' || coalesce(pg_get_constraintdef(oid), ''), ' ') from pg_catalog.pg_constraint`,
  `select string_agg(pg_get_expr(adbin, adrelid), ' ') from pg_catalog.pg_attrdef`,
  `select string_agg(pg_get_viewdef(oid), ' ') from pg_catalog.pg_class where relkind in ('v', 'm') and oid >= ${OWN_OIDS_FROM}`,
  `select string_agg(rolname, ' ') from pg_catalog.pg_roles`,
  `select string_agg(datname, ' ') from pg_catalog.pg_database`,
] as const;
