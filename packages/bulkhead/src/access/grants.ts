/**
 * What the roles of the database may do with who may do what, applied after every migration.
 *
 * Promises: the app reads its own tenant's rows and changes them through the operations alone, each of which asks
 * who acts; the operators read them all. Repeatable.
 */
import { type ClientBase, escapeIdentifier } from 'pg';
import type { MigrationTarget } from '../kernel/capability.ts';

const READABLE = [
  'access_epoch',
  'membership',
  'node',
  'role',
  'role_permission',
  'role_inherits',
  'actor_group',
  'group_member',
  'access_grant',
  'delegation',
];

const GLOBAL = ['permission', 'builtin_role', 'builtin_role_permission', 'node_kind'];

/** What a policy of the app's own tables may ask; the guard lets statements name them too. */
const QUESTIONS = [
  'permits(text, uuid)',
  'permitted_nodes(text, text)',
  'require_permission(text, uuid)',
  'actor_type()',
  'actor_id()',
  'access_catalogue()',
  'access_process_snapshot(text, bigint, bigint, integer)',
  'access_process_nodes(text, uuid[])',
  'access_process_decide(text, text[], uuid[])',
  'access_process_epochs(uuid[])',
];

/** Each asks by itself whether the actor of the context may. */
const OPERATIONS = [
  'member_add(text, text, text, text)',
  'member_rename(text, text, text)',
  'member_suspend(text, text)',
  'member_restore(text, text)',
  'member_remove(text, text)',
  'member_leave()',
  'grant_create(text, text, text, uuid, timestamptz)',
  'grant_revoke(uuid)',
  'grant_change_end(uuid, timestamptz)',
  'ownership_transfer(text)',
  'group_create(text)',
  'group_rename(uuid, text)',
  'group_delete(uuid)',
  'group_add_members(uuid, text[], text[])',
  'group_remove_members(uuid, text[], text[])',
  'role_create(text, text, text, text, text[], text[])',
  'role_update(text, text, text, text[], text[])',
  'role_delete(text)',
  'node_create(uuid, uuid, text, text)',
  'node_rename(uuid, text)',
  'node_move(uuid, uuid)',
  'node_delete(uuid)',
  'member_list(text, text, text, integer, text, text)',
  'member_get(text, text)',
  'role_list()',
  'role_get(text)',
  'group_list(text, integer)',
  'group_get(uuid)',
  'group_members(uuid, text, text, integer)',
  'grant_list(uuid, text[], text, uuid, integer)',
  'grant_get(uuid)',
  'node_list(uuid, text, uuid, integer)',
  'node_get(uuid)',
  'access_matrix(uuid, text[], text, text, text, integer)',
  'access_explain(text, uuid, text, text)',
  'access_check(text[], uuid[], text, text)',
  'access_permitted(text, text, uuid, text, text, uuid, integer)',
];

export async function applyAccessGrants(
  client: ClientBase,
  { appRole, operatorRole }: MigrationTarget,
): Promise<void> {
  const app = escapeIdentifier(appRole);
  const tables = (names: readonly string[]) => names.map((name) => `bulkhead.${name}`).join(', ');
  await client.query(`grant select on ${tables(READABLE)} to ${app}`);
  await client.query(
    `grant execute on function ${tables([...QUESTIONS, ...OPERATIONS])} to ${app}`,
  );
  if (operatorRole === undefined) return;
  const operator = escapeIdentifier(operatorRole);
  await client.query(`grant select on ${tables([...READABLE, ...GLOBAL])} to ${operator}`);
}
