/**
 * The catalog queries of `readTables`. Run with an empty search path, so that every type, table and
 * operator that PostgreSQL prints comes out qualified.
 */

/** $1 names as given, $2 schemas to look through: the oid of each, or null. */
export const resolveSql = `
select wanted.name, (
  select c.oid::int8
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r','p','f','v','m')
     and (n.nspname = any($2) and wanted.name in (c.relname::text, quote_ident(c.relname))
       or wanted.name in (n.nspname || '.' || c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname))
       or n.nspname = any($2) and lower(wanted.name) = c.relname::text)
   order by wanted.name = c.relname::text desc, array_position($2, n.nspname::text) nulls last
   limit 1)::text as oid
from unnest($1::text[]) with ordinality as wanted(name, position)
order by position`;

/** $1 names that are no table's: tables of that name elsewhere, in another case, in singular or plural. */
export const similarSql = `
select wanted.name, array(
  select case when n.nspname = 'public' then quote_ident(c.relname)
              else quote_ident(n.nspname) || '.' || quote_ident(c.relname) end
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r','p') and not c.relispartition
     and n.nspname !~ '^(pg_|information_schema$|bulkhead$)'
     and rtrim(lower(c.relname), 's') = rtrim(lower(regexp_replace(wanted.name, '^.*\\.', '')), 's')
   order by 1 limit 3) as similar
from unnest($1::text[]) with ordinality as wanted(name, position)
order by position`;

/** $1 table oids: those and what is one foreign key away, and their partitions. */
export const neighboursSql = `
with near as (
  select unnest($1::oid[]) as oid
  union select case when conrelid = any($1::oid[]) then confrelid else conrelid end
    from pg_constraint where contype = 'f' and (conrelid = any($1::oid[]) or confrelid = any($1::oid[])))
select oid::int8::text from near
union
select i.inhrelid::int8::text from pg_inherits i join near on near.oid = i.inhparent
  join pg_class c on c.oid = i.inhrelid where c.relispartition`;

/** $1 the app's role. */
export const serverSql = `
select current_setting('server_version_num')::int as "serverVersion",
  (select rolsuper from pg_roles where rolname = current_user) as superuser,
  has_language_privilege('plpgsql', 'usage') as "mayUsePlpgsql",
  array(select extname::text from pg_extension) as extensions,
  (select jsonb_build_object('name', rolname, 'superuser', rolsuper, 'bypassRls', rolbypassrls)
     from pg_roles where rolname = $1) as "appRole",
  jsonb_build_object(
    'exists', to_regprocedure('bulkhead.tenant_id()') is not null,
    'appMayCall', coalesce((select has_function_privilege(r.oid, to_regprocedure('bulkhead.tenant_id()')::oid, 'execute')
       and has_schema_privilege(r.oid, to_regnamespace('bulkhead')::oid, 'usage')
       from pg_roles r where r.rolname = $1), false)) as "tenantFunction"`;

const columnNames = (relid: string, numbers: string) => `
  (select coalesce(jsonb_agg(a.attname order by k.n), '[]'::jsonb) from unnest(${numbers}) with ordinality as k(num, n)
     join pg_attribute a on a.attrelid = ${relid} and a.attnum = k.num)`;

const action = (column: string) =>
  `case ${column} when 'a' then 'no action' when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'set null' else 'set default' end`;

const foreignKeys = (own: string) => `
  (select coalesce(jsonb_agg(jsonb_build_object(
      'name', f.conname,
      'from', (select jsonb_build_object('schema', n.nspname, 'name', x.relname) from pg_class x join pg_namespace n on n.oid = x.relnamespace where x.oid = f.conrelid),
      'to', (select jsonb_build_object('schema', n.nspname, 'name', x.relname) from pg_class x join pg_namespace n on n.oid = x.relnamespace where x.oid = f.confrelid),
      'columns', ${columnNames('f.conrelid', 'f.conkey')},
      'references', ${columnNames('f.confrelid', 'f.confkey')},
      'operators', (select jsonb_agg(jsonb_build_object('schema', n.nspname, 'name', o.oprname) order by e.n)
          from unnest(f.conpfeqop) with ordinality as e(op, n) join pg_operator o on o.oid = e.op join pg_namespace n on n.oid = o.oprnamespace),
      'onDelete', ${action('f.confdeltype')}, 'onUpdate', ${action('f.confupdtype')},
      'setColumns', ${columnNames('f.conrelid', 'f.confdelsetcols')},
      'match', f.confmatchtype, 'deferrable', f.condeferrable, 'deferred', f.condeferred, 'validated', f.convalidated,
      'enforced', coalesce((to_jsonb(f) ->> 'conenforced')::boolean, true),
      'period', coalesce((to_jsonb(f) ->> 'conperiod')::boolean, false)) order by f.conname), '[]'::jsonb)
     from pg_constraint f where f.contype = 'f' and f.conparentid = 0 and f.${own} = c.oid
     -- A foreign key to a partitioned table repeats itself, per partition, with the same parent.
     )`;

/** $1 table oids, $2 the app's role: one document per table. to_jsonb hides columns that older servers lack. */
export const tablesSql = `
select jsonb_build_object(
  'oid', c.oid::int8, 'schema', n.nspname, 'name', c.relname, 'kind', c.relkind, 'persistence', c.relpersistence,
  'owner', pg_get_userbyid(c.relowner),
  'appOwns', coalesce((select pg_has_role(r.oid, c.relowner, 'member') and not r.rolsuper from pg_roles r where r.rolname = $2), false),
  'mayAlter', pg_has_role(c.relowner, 'usage'),
  'mayCreateInSchema', has_schema_privilege(n.oid, 'create'),
  -- Never analysed: reltuples is -1, and a big table must not pass for an empty one.
  'rowsEstimate', (select coalesce(sum(case when m.reltuples >= 0 then m.reltuples::float8 else ceil(pg_relation_size(m.oid) / 64.0) end), 0)::float8
      from pg_class m where m.oid = c.oid and c.relkind <> 'p' or m.oid in (select inhrelid from pg_inherits where inhparent = c.oid) and m.relkind <> 'p'),
  'bytes', coalesce((select sum(pg_total_relation_size(t.relid)) from pg_partition_tree(c.oid) t), pg_total_relation_size(c.oid), 0)::float8,
  'rowSecurity', c.relrowsecurity, 'forceRowSecurity', c.relforcerowsecurity,
  'replicaIdentity', c.relreplident, 'isPartition', c.relispartition,
  'columns', (select coalesce(jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
      'notNull', a.attnotnull and coalesce((select nn.convalidated from pg_constraint nn where nn.conrelid = a.attrelid and nn.contype = 'n' and nn.conkey = array[a.attnum]), true),
      'default', case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end,
      'identity', a.attidentity <> '', 'generated', a.attgenerated <> '') order by a.attnum), '[]'::jsonb)
      from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  'indexes', (select coalesce(jsonb_agg(jsonb_build_object('oid', i.indexrelid::int8, 'name', x.relname,
      'keys', (select jsonb_agg(a.attname order by k.n) from unnest(i.indkey::int2[]) with ordinality as k(num, n)
          left join pg_attribute a on a.attrelid = c.oid and a.attnum = k.num and k.num <> 0 where k.n <= i.indnkeyatts),
      'include', (select coalesce(jsonb_agg(a.attname order by k.n), '[]'::jsonb) from unnest(i.indkey::int2[]) with ordinality as k(num, n)
          join pg_attribute a on a.attrelid = c.oid and a.attnum = k.num where k.n > i.indnkeyatts),
      'unique', i.indisunique, 'primary', i.indisprimary, 'valid', i.indisvalid, 'method', am.amname,
      'partial', i.indpred is not null, 'nullsNotDistinct', i.indnullsnotdistinct,
      'plain', i.indexprs is null and i.indpred is null and x.reloptions is null
          and not exists (select from unnest(i.indoption::int2[]) o where o <> 0)
          and not exists (select from unnest(i.indclass::oid[]) o join pg_opclass oc on oc.oid = o where not oc.opcdefault)
          and not exists (select from unnest(i.indcollation::oid[]) with ordinality as col(id, n)
              join unnest(i.indkey::int2[]) with ordinality as k(num, n) using (n)
              join pg_attribute a on a.attrelid = c.oid and a.attnum = k.num where col.id <> 0 and col.id <> a.attcollation),
      'prefix', format('CREATE %sINDEX %I ON %s%I.%I USING %I (', case when i.indisunique then 'UNIQUE ' else '' end, x.relname,
          case when x.relkind = 'I' then 'ONLY ' else '' end, n.nspname, c.relname, am.amname),
      'definition', pg_get_indexdef(i.indexrelid), 'replicaIdentity', i.indisreplident,
      'parentOid', (select inhparent::int8 from pg_inherits where inhrelid = i.indexrelid),
      'constraint', (select jsonb_build_object('name', k.conname, 'kind', k.contype, 'deferrable', k.condeferrable, 'deferred', k.condeferred,
          'period', coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false), 'definition', pg_get_constraintdef(k.oid),
          'dependents', (select coalesce(jsonb_agg(distinct v.relname), '[]'::jsonb) from pg_depend dep join pg_rewrite w on w.oid = dep.objid
              join pg_class v on v.oid = w.ev_class where dep.classid = 'pg_rewrite'::regclass and dep.refclassid = 'pg_constraint'::regclass and dep.refobjid = k.oid))
          from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p','u','x') limit 1)
      ) order by x.relname), '[]'::jsonb)
      from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am am on am.oid = x.relam where i.indrelid = c.oid),
  'foreignKeys', ${foreignKeys('conrelid')},
  'referencedBy', ${foreignKeys('confrelid')},
  'checks', (select coalesce(jsonb_agg(jsonb_build_object('name', k.conname, 'validated', k.convalidated) order by k.conname), '[]'::jsonb)
      from pg_constraint k where k.conrelid = c.oid and k.contype = 'c'),
  'policies', (select coalesce(jsonb_agg(jsonb_build_object('name', p.polname, 'permissive', p.polpermissive,
      'columns', (select coalesce(jsonb_agg(distinct a.attname), '[]'::jsonb) from pg_depend dep join pg_attribute a on a.attrelid = c.oid and a.attnum = dep.refobjsubid
          where dep.classid = 'pg_policy'::regclass and dep.objid = p.oid and dep.refclassid = 'pg_class'::regclass and dep.refobjid = c.oid and dep.refobjsubid > 0),
      'whole', p.polcmd = '*' and p.polroles = '{0}' and p.polqual is not null and p.polwithcheck is not null) order by p.polname), '[]'::jsonb)
      from pg_policy p where p.polrelid = c.oid),
  'triggers', (select coalesce(jsonb_agg(jsonb_build_object('name', t.tgname, 'onUpdate', (t.tgtype & 16) <> 0, 'enabled', t.tgenabled) order by t.tgname), '[]'::jsonb)
      from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal),
  'rules', (select coalesce(jsonb_agg(r.rulename order by r.rulename), '[]'::jsonb) from pg_rewrite r where r.ev_class = c.oid and c.relkind in ('r','p')),
  'views', (with recursive over(oid) as (
        select w.ev_class from pg_depend d join pg_rewrite w on w.oid = d.objid
         where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and w.ev_class <> c.oid
        union
        select w.ev_class from over join pg_depend d on d.refobjid = over.oid and d.refclassid = 'pg_class'::regclass and d.classid = 'pg_rewrite'::regclass
          join pg_rewrite w on w.oid = d.objid where w.ev_class <> over.oid)
      select coalesce(jsonb_agg(jsonb_build_object('schema', vn.nspname, 'name', v.relname, 'materialized', v.relkind = 'm',
          'securityInvoker', coalesce((select lower(o.option_value) in ('true','on','1','yes') from pg_options_to_table(v.reloptions) o where o.option_name = 'security_invoker'), false),
          'system', vn.nspname in ('pg_catalog', 'information_schema'),
          'appMaySelect', coalesce((select has_table_privilege(r.oid, v.oid, 'select') or has_any_column_privilege(r.oid, v.oid, 'select') from pg_roles r where r.rolname = $2), false))
          order by vn.nspname, v.relname), '[]'::jsonb)
        from over join pg_class v on v.oid = over.oid join pg_namespace vn on vn.oid = v.relnamespace where v.relkind in ('v','m')),
  'publications', (select coalesce(jsonb_agg(jsonb_build_object('name', p.pubname, 'columnList', exists(
        select from pg_publication_rel pr join pg_publication pp on pp.oid = pr.prpubid where pr.prrelid = c.oid and pp.pubname = p.pubname and pr.prattrs is not null)) order by p.pubname), '[]'::jsonb)
      from pg_publication_tables p where p.schemaname = n.nspname and p.tablename = c.relname),
  'partitions', (select coalesce(jsonb_agg(jsonb_build_object('oid', p.oid::int8, 'schema', pn.nspname, 'name', p.relname, 'kind', p.relkind) order by p.relname), '[]'::jsonb)
      from pg_inherits h join pg_class p on p.oid = h.inhrelid join pg_namespace pn on pn.oid = p.relnamespace where h.inhparent = c.oid and p.relispartition),
  'inheritance', (select coalesce(jsonb_agg(jsonb_build_object('schema', pn.nspname, 'name', p.relname) order by p.relname), '[]'::jsonb)
      from pg_inherits h join pg_class p on p.oid = case when h.inhparent = c.oid then h.inhrelid else h.inhparent end
      join pg_namespace pn on pn.oid = p.relnamespace
      where (h.inhparent = c.oid and not p.relispartition) or (h.inhrelid = c.oid and not c.relispartition)),
  'sequences', (select coalesce(jsonb_agg(distinct jsonb_build_object('schema', sn.nspname, 'name', s.relname)), '[]'::jsonb)
      from pg_attrdef d join pg_depend dep on dep.classid = 'pg_attrdef'::regclass and dep.objid = d.oid and dep.refclassid = 'pg_class'::regclass
      join pg_class s on s.oid = dep.refobjid and s.relkind = 'S' join pg_namespace sn on sn.oid = s.relnamespace where d.adrelid = c.oid),
  'definerFunctions', (select coalesce(jsonb_agg(distinct p.oid::regprocedure::text), '[]'::jsonb) from pg_proc p join pg_namespace pn on pn.oid = p.pronamespace
      where p.prosecdef and pn.nspname not in ('bulkhead', 'pg_catalog', 'information_schema')
        and (strpos(p.prosrc, c.relname) > 0 or exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid))
        and coalesce((select has_function_privilege(r.oid, p.oid, 'execute') from pg_roles r where r.rolname = $2), true)
        and p.prorettype <> 'trigger'::regtype),
  'appPrivileges', (select coalesce(jsonb_agg(k), '[]'::jsonb) from pg_roles r, unnest(array['select','insert','update','delete','truncate','references','trigger']) k
      where r.rolname = $2 and has_table_privilege(r.oid, c.oid, k)),
  'appColumnGrants', exists (select from pg_attribute a, aclexplode(a.attacl) acl where a.attrelid = c.oid
      and acl.grantee in (0, coalesce((select r.oid from pg_roles r where r.rolname = $2), 0)))
) as document
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.oid = any($1::oid[])
order by n.nspname, c.relname`;
