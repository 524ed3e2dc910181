/**
 * Who may do what in the identity room, applied after every migration.
 *
 * Promises: the app's role asks for one tenant by a name, for one session or key by its hash, and does what the
 * actor of its context may do; accounts themselves are in reach of the identity role alone, through functions.
 * Nobody reads a table of accounts. Repeatable.
 */
import { type ClientBase, escapeIdentifier } from 'pg';
import type { MigrationTarget } from '../kernel/capability.ts';

/** With a name or a credential in hand, or in the context of a tenant. */
const APP = [
  'find_tenant(text, text)',
  'tenant_close(text)',
  'tenant_rename(text)',
  'tenant_read()',
  'session_find(bytea, text, integer)',
  'session_rotate(bytea, bytea)',
  'session_enter(bytea, uuid)',
  'session_close(bytea)',
  'session_list(uuid)',
  'session_shut(uuid, uuid)',
];

/** Trusted to have asked who it is. */
const ACCOUNTS = [
  'user_create(text, text, boolean, text)',
  'user_find(uuid, text)',
  'user_list(text, integer)',
  'user_rename(uuid, text, text)',
  'user_set_status(uuid, text, text, text)',
  'email_change_start(uuid, text, bytea, integer, text)',
  'email_change_finish(bytea)',
  'session_open',
  'session_elevate(uuid, text[], timestamptz, bytea)',
  'session_revoke(uuid, uuid, text)',
  'sessions_revoke(uuid, uuid, text)',
  'sessions_of(uuid)',
  'sessions_sweep(integer, integer)',
];

export async function applyIdentityGrants(
  client: ClientBase,
  { appRole, operatorRole, identityRole }: MigrationTarget,
): Promise<readonly string[]> {
  await grantFunctions(client, APP, appRole);
  await client.query(`grant select on bulkhead.session_entry to ${escapeIdentifier(appRole)}`);
  if (identityRole !== undefined) await grantFunctions(client, ACCOUNTS, identityRole);
  if (operatorRole === undefined) return [];
  const operator = escapeIdentifier(operatorRole);
  await client.query(`grant select, insert, update on bulkhead.tenant to ${operator}`);
  await client.query(`grant select, insert, delete on bulkhead.tenant_domain to ${operator}`);
  await client.query(`grant select, insert on bulkhead.tenant_change to ${operator}`);
  await client.query(`grant select on bulkhead.session_entry to ${operator}`);
  await grantFunctions(client, ['find_tenant(text, text)'], operatorRole);
  return [];
}

async function grantFunctions(
  client: ClientBase,
  functions: readonly string[],
  role: string,
): Promise<void> {
  const names = functions.map((name) => `bulkhead.${name}`).join(', ');
  await client.query(`grant execute on function ${names} to ${escapeIdentifier(role)}`);
}
