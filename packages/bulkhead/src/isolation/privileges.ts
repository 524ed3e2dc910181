/**
 * What the roles may do, applied after every migration as the migrating role.
 *
 * Promises: repeatable; each line stands alone, so that what a managed service refuses is reported and
 * the rest still holds (the guard then stands alone for it). Takes from PUBLIC only what lets one session
 * reach another's; never touches a grant of the app's own tables.
 */
import type { ClientBase } from 'pg';
import type { MigrationTarget } from '../kernel/capability.ts';
import { publishContextKey } from './publish-key.ts';

/**
 * Functions through which one session of the app's role reaches another, or steers what others see; that run
 * SQL given as text, where the guard can't see it; and one that tells of rows which policies hide.
 */
export const crossSessionFunctions = [
  'pg_terminate_backend(integer, bigint)',
  'pg_cancel_backend(integer)',
  'pg_stat_get_activity(integer)',
  'pg_stat_get_backend_activity(integer)',
  'pg_notify(text, text)',
  'setseed(double precision)',
  'pg_prepared_statement()',
  'pg_cursor()',
  'query_to_xml(text, boolean, boolean, text)',
  'query_to_xmlschema(text, boolean, boolean, text)',
  'query_to_xml_and_xmlschema(text, boolean, boolean, text)',
  'cursor_to_xml(refcursor, integer, boolean, boolean, text)',
  'cursor_to_xmlschema(refcursor, boolean, boolean, text)',
  'ts_stat(text)',
  'ts_stat(text, text)',
  'ts_rewrite(tsquery, text)',
  'currtid2(text, tid)',
  'lo_create(oid)',
  'lo_creat(integer)',
  'lo_from_bytea(oid, bytea)',
  'lo_get(oid)',
  'lo_get(oid, bigint, integer)',
  'lo_put(oid, bigint, bytea)',
  'lo_open(oid, integer)',
  'lo_unlink(oid)',
  ...[
    'pg_advisory_lock',
    'pg_advisory_lock_shared',
    'pg_advisory_xact_lock',
    'pg_advisory_xact_lock_shared',
    'pg_try_advisory_lock',
    'pg_try_advisory_lock_shared',
    'pg_try_advisory_xact_lock',
    'pg_try_advisory_xact_lock_shared',
    'pg_advisory_unlock',
    'pg_advisory_unlock_shared',
  ].flatMap((name) => [`${name}(bigint)`, `${name}(integer, integer)`]),
] as const;

/**
 * Grants, revokes and publishes keys for the target's roles.
 *
 * @returns what could not be applied, a sentence each, safe to show.
 */
export async function applyPrivileges(
  client: ClientBase,
  target: MigrationTarget,
): Promise<readonly string[]> {
  const refused: string[] = [];
  const attempt = async (sql: string, what: string): Promise<void> => {
    await client.query('savepoint hardening');
    try {
      await client.query(sql);
      await client.query('release savepoint hardening');
    } catch (error) {
      await client.query('rollback to savepoint hardening');
      refused.push(`${what}: ${(error as Error).message}`);
    }
  };

  for (const key of target.contextKeys) await publishContextKey(client, key);

  const app = client.escapeIdentifier(target.appRole);
  const database = client.escapeIdentifier(await currentDatabase(client));
  const roles = [app];
  if (target.operatorRole !== undefined) roles.push(client.escapeIdentifier(target.operatorRole));
  const both = roles.join(', ');

  if (target.operatorRole !== undefined) {
    const operator = client.escapeIdentifier(target.operatorRole);
    await client.query(
      `grant execute on function bulkhead.begin_crossing(text, text), bulkhead.end_crossing(uuid, text) to ${operator}`,
    );
  }
  await attempt(
    `revoke temporary, create on database ${database} from public, ${both}`,
    'no temporary objects',
  );
  await attempt(
    `revoke create on schema public from public, ${both}`,
    'no CREATE on schema public',
  );
  await attempt(await languageHardening(client, target), 'no DO blocks (USAGE on plpgsql)');
  for (const signature of crossSessionFunctions) {
    await attempt(
      `revoke execute on function pg_catalog.${signature} from public`,
      `no ${signature}`,
    );
  }
  return refused;
}

/**
 * DO runs any text as plpgsql; existing functions go on working without USAGE. Roles that create functions
 * in migrations (owners of tables or of plpgsql functions) keep it, the app's does not.
 */
async function languageHardening(client: ClientBase, target: MigrationTarget): Promise<string> {
  const owners = await client.query<{ role: string }>(
    `select distinct r.rolname as role
       from pg_catalog.pg_roles r
      where not r.rolsuper and r.rolname <> all ($1) and r.rolname !~ '^pg_'
        and (r.rolname in (current_user, 'bulkhead')
          or exists (select from pg_catalog.pg_class c where c.relowner = r.oid and c.relkind in ('r', 'p'))
          or exists (select from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang
                      where p.proowner = r.oid and l.lanname = 'plpgsql'))`,
    [[target.appRole, target.operatorRole ?? target.appRole]],
  );
  const keepers = owners.rows.map(({ role }) => client.escapeIdentifier(role)).join(', ');
  const keep = keepers === '' ? '' : `grant usage on language plpgsql to ${keepers};`;
  return `${keep} revoke usage on language plpgsql from public`;
}

async function currentDatabase(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ name: string }>('select current_database() as name');
  const name = rows[0]?.name;
  if (name === undefined) throw new Error('the server did not name its database');
  return name;
}
