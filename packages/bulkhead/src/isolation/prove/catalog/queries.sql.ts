/**
 * What the prover asks the catalog: one query a part, each over everything at once.
 *
 * Every query runs with an empty search_path, so deparsed text comes qualified. Fields that only newer
 * servers have are read through `to_jsonb`, so that one text serves PostgreSQL 15 to 18. Names in the
 * answers are those of `rows.ts`.
 */

/** Schemas of users and extensions; temporary ones belong to other sessions. */
const USER_SCHEMA = `(n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)')`;

/** An access list as rows [grantee, grantor, privilege, grantable]; NULL where the built-in default rules. */
const acl = (column: string) =>
  `(select json_agg(json_build_array(x.grantee::int8, x.grantor::int8, x.privilege_type, x.is_grantable)) from aclexplode(${column}) x)`;

/** Somebody changed the privileges of this system object since the cluster was made. */
const changedSince = (classId: string, oid: string, column: string) =>
  `(n.nspname in ('pg_catalog', 'pg_toast') and ${column} is not null and ${column} is distinct from
    (select i.initprivs from pg_init_privs i where i.classoid = '${classId}'::regclass and i.objoid = ${oid} and i.objsubid = 0))`;

const extensionOf = (classId: string, oid: string) =>
  `(select e.extname from pg_depend d join pg_extension e on e.oid = d.refobjid
     where d.classid = '${classId}'::regclass and d.objid = ${oid} and d.deptype = 'e' and d.refclassid = 'pg_extension'::regclass limit 1)`;

export const serverSql = `
select current_setting('server_version') as version, current_setting('server_version_num')::int as "versionNumber",
       d.datname as database, d.datdba as "databaseOwner", ${acl('d.datacl')} as acl,
       session_user::text as reader, (select rolsuper from pg_roles where rolname = current_user) as "readerIsSuperuser"
  from pg_database d where d.datname = current_database()`;

export const settingsSql = `
select name, setting as value from pg_settings
 where name in ('row_security', 'lo_compat_privileges', 'wal_level', 'max_prepared_transactions', 'session_replication_role',
                'allow_system_table_mods', 'shared_preload_libraries', 'session_preload_libraries', 'event_triggers')`;

export const roleSettingsSql = `
select s.setrole as role, split_part(c, '=', 1) as name, substr(c, strpos(c, '=') + 1) as value
  from pg_db_role_setting s, unnest(s.setconfig) c
 where s.setdatabase = 0 or s.setdatabase = (select oid from pg_database where datname = current_database())
 order by 1, 2, 3`;

export const rolesSql = `
select oid, rolname as name, rolsuper as superuser, rolbypassrls as "bypassRls", rolcreaterole as "createRole",
       rolcreatedb as "createDb", rolreplication as replication, rolcanlogin as "canLogin", rolinherit as inherit
  from pg_roles order by rolname collate "C"`;

export const membershipsSql = `
select m.roleid as role, m.member, m.admin_option as admin,
       coalesce((to_jsonb(m) ->> 'inherit_option')::bool, r.rolinherit) as inherit,
       coalesce((to_jsonb(m) ->> 'set_option')::bool, true) as "set"
  from pg_auth_members m join pg_roles r on r.oid = m.member order by 1, 2`;

export const schemasSql = `
select n.oid, n.nspname as name, n.nspowner as owner, ${acl('n.nspacl')} as acl, ${extensionOf('pg_namespace', 'n.oid')} as extension
  from pg_namespace n where n.nspname !~ '^pg_(toast_)?temp_' order by n.nspname collate "C"`;

export const relationsSql = `
select c.oid, n.nspname as schema, n.oid as "schemaOid", c.relname as name, c.relkind::text as kind, c.relowner as owner,
       ${acl('c.relacl')} as acl, c.relispartition as "isPartition", c.relrowsecurity as "rlsEnabled",
       c.relforcerowsecurity as "rlsForced", c.reloptions as options,
       case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end as definition,
       c.reltuples::float8 as rows, c.relpersistence = 't' as temporary, f.ftserver as server, c.relreplident::text as "replicaIdentity",
       ${extensionOf('pg_class', 'c.oid')} as extension
  from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_foreign_table f on f.ftrelid = c.oid
 where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and (${USER_SCHEMA} or ${changedSince('pg_class', 'c.oid', 'c.relacl')})
 order by n.nspname collate "C", c.relname collate "C"`;

/** Partitions that nothing was granted on (there may be a hundred thousand) borrow their parent's columns. */
export const columnsSql = `
select a.attrelid as relation,
       json_agg(json_build_array(a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
         a.attgenerated, a.attidentity, ${acl('a.attacl')}) order by a.attnum) as columns
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
 where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f')
   and (not c.relispartition or c.relacl is not null or c.relrowsecurity or c.relkind = 'f')
   and (${USER_SCHEMA} or ${changedSince('pg_class', 'c.oid', 'c.relacl')})
 group by a.attrelid`;

/** A row a parent: there may be a hundred thousand children. `places` orders the parents of a child that has several. */
export const inheritanceSql = `
select i.inhparent as parent, array_agg(i.inhrelid order by i.inhrelid) as children, array_agg(i.inhseqno order by i.inhrelid) as places
  from pg_inherits i join pg_class c on c.oid = i.inhparent
 where c.relkind in ('r', 'p', 'f') group by i.inhparent order by i.inhparent`;

export const sequenceOwnersSql = `
select d.objid as sequence, d.refobjid as relation, d.refobjsubid as "column" from pg_depend d join pg_class c on c.oid = d.objid
 where d.classid = 'pg_class'::regclass and c.relkind = 'S' and d.deptype in ('a', 'i') and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0`;

export const policiesSql = `
select p.oid, p.polrelid as relation, p.polname as name, p.polcmd::text as command, p.polpermissive as permissive,
       p.polroles as roles, pg_get_expr(p.polqual, p.polrelid) as using, pg_get_expr(p.polwithcheck, p.polrelid) as check
  from pg_policy p order by p.polrelid, p.polname collate "C"`;

export const routinesSql = `
select p.oid, n.nspname as schema, n.oid as "schemaOid", p.proname as name, p.prokind::text as kind, p.proowner as owner,
       ${acl('p.proacl')} as acl, l.lanname as language, l.lanpltrusted as "languageTrusted", p.prosecdef as "securityDefiner",
       p.proleakproof as leakproof, p.proisstrict as strict, p.provolatile::text as volatility, p.proconfig as config,
       p.proargnames as "argumentNames", p.proargmodes::text[] as "argumentModes",
       (select coalesce(json_agg(format_type(t.oid, null) order by t.at), '[]')
          from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality t(oid, at)) as "argumentTypes",
       (select coalesce(json_agg(pg_get_function_arg_default(p.oid, g) order by g), '[]') from generate_series(1, case when p.pronargdefaults > 0
          then cardinality(coalesce(p.proallargtypes, p.proargtypes::oid[])) else 0 end) g) as "argumentDefaults",
       format_type(p.prorettype, null) as returns, p.proretset as "returnsSet", nullif(rt.typrelid, 0) as "returnsRelation",
       p.prosrc as source, case when p.prosqlbody is not null then pg_get_function_sqlbody(p.oid) end as "sqlBody",
       p.oid::regprocedure::text as signature, ${extensionOf('pg_proc', 'p.oid')} as extension
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang left join pg_type rt on rt.oid = p.prorettype
 where ${USER_SCHEMA} or ${changedSince('pg_proc', 'p.oid', 'p.proacl')}
 order by n.nspname collate "C", p.proname collate "C", p.oid`;

export const triggersSql = `
select t.oid, t.tgrelid as relation, t.tgname as name, t.tgfoid as function, t.tgenabled::text as enabled, t.tgtype::int as type,
       pg_get_triggerdef(t.oid) as definition
  from pg_trigger t where not t.tgisinternal and t.tgparentid = 0 order by t.tgrelid, t.tgname collate "C"`;

export const rulesSql = `
select r.oid, r.ev_class as relation, r.rulename as name, r.ev_type::text as event, r.is_instead as instead, r.ev_enabled <> 'D' as enabled,
       pg_get_ruledef(r.oid) as definition
  from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
 where r.rulename <> '_RETURN' and ${USER_SCHEMA} order by r.ev_class, r.rulename collate "C"`;

export const constraintsSql = `
select c.oid, c.conrelid as relation, c.conname as name, c.contype::text as kind, coalesce(c.conkey, '{}') as columns,
       c.convalidated as validated, pg_get_constraintdef(c.oid) as definition, nullif(c.confrelid, 0) as "referenced",
       coalesce(c.confkey, '{}') as "referencedColumns", c.confdeltype::text as "onDelete", c.confupdtype::text as "onUpdate",
       coalesce(c.confdelsetcols, '{}') as "onDeleteColumns", c.confmatchtype::text as match, nullif(c.conindid, 0) as index,
       coalesce((to_jsonb(c) ->> 'conenforced')::bool, true) as enforced
  from pg_constraint c join pg_namespace n on n.oid = c.connamespace
 where c.conrelid <> 0 and c.conparentid = 0 and c.contype <> 'n' and ${USER_SCHEMA} order by c.conrelid, c.conname collate "C"`;

export const indexesSql = `
select i.indexrelid as oid, i.indrelid as relation, n.nspname as schema, c.relname as name, i.indisunique as unique, i.indisprimary as primary,
       i.indisexclusion as exclusion, (i.indkey::int2[])[0:i.indnkeyatts - 1] as columns, pg_get_expr(i.indexprs, i.indrelid) as expressions,
       pg_get_expr(i.indpred, i.indrelid) as predicate, i.indisvalid as valid
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
 where not c.relispartition and ${USER_SCHEMA} order by i.indrelid, c.relname collate "C"`;

export const statisticsSql = `
select s.oid, n.nspname as schema, s.stxname as name, s.stxowner as owner, s.stxrelid as relation
  from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace order by s.oid`;

export const foreignServersSql = `
select s.oid, s.srvname as name, s.srvowner as owner, ${acl('s.srvacl')} as acl, w.fdwname as wrapper
  from pg_foreign_server s join pg_foreign_data_wrapper w on w.oid = s.srvfdw order by s.srvname collate "C"`;

export const userMappingsSql = `select srvid as server, umuser as user from pg_user_mappings order by 1, 2`;

/** One of each owner and access list: there may be millions. */
export const largeObjectsSql = `
select oid, count, owner, ${acl('o.lomacl')} as acl
  from (select min(oid) as oid, count(*)::int as count, lomowner as owner, lomacl from pg_largeobject_metadata group by lomowner, lomacl) o order by oid`;

export const publicationsSql = `select oid, pubname as name, pubowner as owner, puballtables as "allTables" from pg_publication order by pubname collate "C"`;

export const eventTriggersSql = `
select oid, evtname as name, evtowner as owner, evtfoid as function, evtenabled <> 'D' as enabled, evtevent as event
  from pg_event_trigger order by evtname collate "C"`;

export const defaultAclsSql = `
select d.defaclrole as creator, nullif(d.defaclnamespace, 0) as schema, d.defaclobjtype::text as objects, ${acl('d.defaclacl')} as acl
  from pg_default_acl d order by 1, 2 nulls first, 3`;

export const operatorsSql = `
select o.oid, n.nspname as schema, o.oprname as name, format_type(nullif(o.oprleft, 0), null) as left, format_type(nullif(o.oprright, 0), null) as right,
       o.oprcode::oid as function, o.oprowner as owner
  from pg_operator o join pg_namespace n on n.oid = o.oprnamespace where ${USER_SCHEMA} order by o.oid`;

/** Casts made by users: oids below 16384 are the server's own. */
export const castsSql = `
select format_type(castsource, null) as source, format_type(casttarget, null) as target, nullif(castfunc, 0) as function, castcontext::text as context
  from pg_cast where oid >= 16384 order by oid`;

export const typesSql = `
select t.oid, n.nspname as schema, t.typname as name, t.typtype::text as kind, t.typowner as owner,
       case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end as base,
       coalesce((select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid), '[]') as "enumLabels"
  from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
 where ${USER_SCHEMA} and (c.oid is null or c.relkind = 'c') and t.typcategory <> 'A' order by t.oid`;

export const extensionsSql = `
select e.extname as name, e.extversion as version, n.nspname as schema
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace order by e.extname collate "C"`;

export const languagesSql = `select oid, lanname as name, lanpltrusted as trusted, ${acl('lanacl')} as acl from pg_language order by lanname`;

export const parameterAclsSql = `select parname as name, ${acl('paracl')} as acl from pg_parameter_acl order by parname collate "C"`;

/** What views, rules, policies, parsed bodies, triggers, defaults and constraints refer to; system objects left out. */
export const dependenciesSql = `
select case d.classid when 'pg_rewrite'::regclass then r.ev_class when 'pg_attrdef'::regclass then a.adrelid else d.objid end as dependent,
       d.refclassid = 'pg_proc'::regclass as "isRoutine", array_agg(distinct d.refobjid) as referenced
  from pg_depend d left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
  left join pg_attrdef a on d.classid = 'pg_attrdef'::regclass and a.oid = d.objid
 where d.deptype in ('n', 'a') and d.refclassid in ('pg_class'::regclass, 'pg_proc'::regclass)
   and d.classid in ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_proc'::regclass, 'pg_trigger'::regclass, 'pg_attrdef'::regclass, 'pg_constraint'::regclass)
   and d.objid >= 16384
 group by 1, 2`;
