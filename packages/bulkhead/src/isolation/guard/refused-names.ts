/**
 * The functions and relations that no statement may name, and why.
 *
 * Every entry here is something PostgreSQL lets any role do by default that reaches past row-level
 * security: into the session (where the next tenant's statement will run), into other sessions, into
 * SQL carried as text (which the guard cannot see), or out of the database. Matching ignores the
 * schema: a wrapper of the same name in another schema is refused as well.
 */

export interface RefusedName {
  /** A whole name, or a beginning when it ends in `*`. */
  readonly name: string;
  readonly because: string;
}

const session = 'it can change or reveal what the database session holds';
const others = 'it reaches other sessions';
const hiddenSql = 'it runs SQL that it is given as text, which the guard cannot see';
const shared = 'it uses state that all tenants share';
const server = 'it reaches the server itself';
const statistics = 'it shows what other sessions or tenants do';

const list = (because: string, names: string): RefusedName[] =>
  names
    .split(/\s+/)
    .filter(Boolean)
    .map((name) => ({ name, because }));

export const refusedFunctions: readonly RefusedName[] = [
  ...list(
    session,
    `set_config setseed lastval currval pg_show_all_settings pg_prepared_statement pg_prepared_xact
     pg_cursor pg_listening_channels pg_export_snapshot pg_get_backend_memory_contexts
     pg_my_temp_schema postgres_fdw_*`,
  ),
  ...list(
    hiddenSql,
    `query_to_xml* cursor_to_xml* table_to_xml* schema_to_xml* database_to_xml* ts_stat xpath_table
     crosstab* connectby dblink* pg_background_* pgr_*`,
  ),
  ...list(
    others,
    `pg_terminate_backend pg_cancel_backend pg_notify pg_log_* pg_lock_status
     pg_get_process_memory_contexts pg_safe_snapshot_blocking_pids pg_blocking_pids
     pg_isolation_test_*`,
  ),
  ...list(shared, 'pg_advisory_* pg_try_advisory_* lo_* loread lowrite setval'),
  // currtid2 tells whether a row that policies hide still stands where it stood.
  ...list(statistics, 'pg_stat_* pg_mcv_list_items pg_get_shmem_allocations* currtid*'),
  ...list(
    server,
    `pg_read_* pg_ls_* pg_file_* pg_logical_* pg_replication_* pg_switch_* pg_reload_conf
     pg_rotate_logfile* pg_promote pg_wal_replay_* pg_create_* pg_drop_* pg_copy_* pg_sync_*
     pg_start_backup pg_stop_backup pg_backup_* pg_current_logfile pg_hba_file_rules
     pg_ident_file_mappings pg_show_all_file_settings pg_config binary_upgrade_* pg_import_*
     pg_extension_config_dump pg_get_wal_* pg_restore_* pg_clear_* pg_buffercache* pg_prewarm
     autoprewarm_*`,
  ),
];

/**
 * What may not stand behind a dot: `(x).name` calls a function of one argument if `x` has no such field,
 * whatever its type. Large objects' functions one by one, because columns may well begin with `lo_`.
 */
export const refusedAttributes: readonly RefusedName[] = [
  ...refusedFunctions.filter(({ name }) => name !== 'lo_*'),
  ...list(shared, 'lo_close lo_creat lo_create lo_get lo_import lo_tell lo_tell64 lo_unlink'),
  ...list(session, 'current_setting'),
];

export const refusedRelations: readonly RefusedName[] = [
  ...list(
    session,
    'pg_settings pg_prepared_statements pg_prepared_xacts pg_cursors pg_backend_memory_contexts',
  ),
  ...list(
    statistics,
    'pg_stat* pg_locks pg_shmem_allocations* pg_replication_* pg_buffercache* pg_aios',
  ),
  ...list(
    server,
    `pg_authid pg_shadow pg_file_settings pg_hba_file_rules pg_ident_file_mappings pg_config
     pg_db_role_setting pg_user_mapping pg_user_mappings pg_subscription* pg_foreign_server
     user_mapping_options _pg_user_mappings foreign_server_options _pg_foreign_servers`,
  ),
  ...list(shared, 'pg_largeobject*'),
];

/** Schemas whose every function and relation is refused. */
export const refusedSchemas: readonly RefusedName[] = [
  ...list(session, 'pg_temp*'),
  ...list(shared, 'pg_toast*'),
  ...list(hiddenSql, 'cron'),
];

/** Bulkhead's own functions that a statement may call: what the context is and what it may, never how it is proven. */
export const publicFunctions: ReadonlySet<string> = new Set([
  'tenant_id',
  'actor',
  'permits',
  'permitted_nodes',
]);

/** Settings that SHOW may read: what drivers and ORMs ask for, none of it a tenant's. */
export const shownSettings: ReadonlySet<string> = new Set([
  'client_encoding',
  'datestyle',
  'default_transaction_isolation',
  'integer_datetimes',
  'intervalstyle',
  'lc_collate',
  'lc_ctype',
  'max_identifier_length',
  'search_path',
  'server_encoding',
  'server_version',
  'server_version_num',
  'standard_conforming_strings',
  'timezone',
  'transaction_isolation',
  'transaction_read_only',
]);

/**
 * Finds a name in one of the lists above.
 *
 * Quoted and unquoted spellings fold alike. U+0130 folds to `i`: a server whose encoding is LATIN5 and
 * whose locale is Turkish does the same to an unquoted identifier, and would read `set_confİg` as
 * `set_config` where the parser here would not.
 */
export function nameMatcher(refused: readonly RefusedName[]) {
  const whole = new Map<string, RefusedName>();
  const beginnings: [string, RefusedName][] = [];
  for (const entry of refused) {
    if (entry.name.endsWith('*')) beginnings.push([entry.name.slice(0, -1), entry]);
    else whole.set(entry.name, entry);
  }
  return (name: string): RefusedName | undefined => {
    const folded = name.toLowerCase().replaceAll('\u0307', '');
    return whole.get(folded) ?? beginnings.find(([beginning]) => folded.startsWith(beginning))?.[1];
  };
}
