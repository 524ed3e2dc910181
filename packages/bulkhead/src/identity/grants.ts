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
  'session_enter(bytea, uuid, text)',
  'session_close(bytea)',
  'session_list(uuid)',
  'session_shut(uuid, uuid)',
  'service_account_create(text, text)',
  'service_account_update(uuid, text, text)',
  'service_account_set_status(uuid, text)',
  'service_account_delete(uuid)',
  'service_account_get(uuid)',
  'service_account_list(text, integer)',
  'api_key_create(text, text, text, text[], uuid[], timestamptz, bytea, text)',
  'api_key_rotate(uuid, bytea, text, integer)',
  'api_key_revoke(uuid)',
  'api_key_list(text, text, uuid, integer)',
  'api_key_find(bytea)',
  'api_key_seen(bytea[], bigint[], text[])',
  'invitation_create(uuid, text, text, text, uuid, bytea, bytea, integer)',
  'invitation_import(jsonb, integer, integer)',
  'invitation_address(uuid)',
  'invitation_resend(uuid, bytea, bytea, integer)',
  'invitation_revoke(uuid)',
  'invitation_list(text, timestamptz, uuid, integer)',
  'invitation_quota_set(integer)',
  'domain_add(text, text)',
  'domain_remove(text)',
  'domain_to_check(text)',
  'domain_list()',
];

/** Row by row, what belongs to the tenant of the context. */
const READABLE = 'bulkhead.session_entry, bulkhead.service_account, bulkhead.api_key';

/** Trusted to have asked who it is. */
const ACCOUNTS = [
  'user_create(text, text, boolean, text)',
  'user_find(uuid, text)',
  'user_list(text, integer)',
  'user_rename(uuid, text, text, text[])',
  'user_set_status(uuid, text, text, text, text)',
  'email_change_start(uuid, text, bytea, integer, text, jsonb)',
  'email_change_ask(uuid, integer, bytea, text, integer, bytea, jsonb)',
  'email_change_finish(bytea, jsonb, boolean)',
  'email_change_confirm(uuid, bytea, jsonb)',
  'session_open',
  'session_elevate(uuid, text[], timestamptz, bytea)',
  'session_revoke(uuid, uuid, text)',
  'sessions_revoke(uuid, uuid, text, text, text)',
  'sessions_of(uuid)',
  'sessions_sweep(integer, integer)',
  'session_person(uuid, integer)',
  'sign_in_start(bytea, text, uuid, integer)',
  'step_up_start(bytea, uuid, integer)',
  'sign_in_look(bytea, bytea, integer)',
  'sign_in_refuse(bytea, text, jsonb)',
  'sign_in_pass(bytea, text, jsonb, jsonb)',
  'sign_in_throttled(text, uuid, jsonb)',
  'password_rules(uuid)',
  'password_earlier(uuid)',
  'password_establish(uuid, text)',
  'password_change(uuid, text, text, jsonb)',
  'device_known(text, bytea)',
  'password_reset_begin(bytea, text, integer, jsonb)',
  'password_reset_look(bytea)',
  'password_reset_use(bytea, text, text, jsonb)',
  'factors_of(uuid)',
  'factors_reset(uuid, text, text, text)',
  'totp_begin(uuid, integer, uuid, bytea)',
  'totp_pending(uuid)',
  'totp_confirm(uuid, integer, bigint, bytea[], jsonb)',
  'totp_remove(uuid, integer, jsonb)',
  'recovery_codes_replace(uuid, integer, bytea[], jsonb)',
  'passkey_ask(bytea, text)',
  'challenge_take(bytea)',
  'passkey_find(bytea)',
  'passkey_begin(bytea, uuid, integer, text, integer)',
  'passkey_add(bytea, uuid, jsonb, bytea[], jsonb)',
  'passkey_rename(uuid, uuid, text, jsonb)',
  'passkey_remove(uuid, integer, uuid, jsonb)',
  'mail_post(uuid, text, text, jsonb, bytea)',
  'mail_claim(integer, integer)',
  'mail_sent(uuid, uuid)',
  'mail_failed(uuid, uuid, text, boolean)',
  'invitation_look(bytea)',
  'invitation_accept(bytea, uuid)',
  'invitation_register(bytea, text, text, bytea, text[], text, text, integer, integer)',
  'domains_due(integer, integer)',
  'domain_checked(uuid, text, boolean)',
  'domains_open_to(uuid)',
  'domain_join(uuid, uuid)',
];

export async function applyIdentityGrants(
  client: ClientBase,
  { appRole, operatorRole, auditRole, identityRole }: MigrationTarget,
): Promise<readonly string[]> {
  await grantFunctions(client, APP, appRole);
  await client.query(`grant select on ${READABLE} to ${escapeIdentifier(appRole)}`);
  if (identityRole !== undefined) {
    await grantFunctions(client, ACCOUNTS, identityRole);
    // The one table that a role of accounts writes by itself: a library's statements count attempts in it.
    await client.query(
      `grant select, insert, update, delete on bulkhead.sign_in_throttle to ${escapeIdentifier(identityRole)}`,
    );
  }
  // Who is to erase a person is told a tenant by its name.
  if (auditRole !== undefined) await grantFunctions(client, ['find_tenant(text, text)'], auditRole);
  if (operatorRole === undefined) return [];
  const operator = escapeIdentifier(operatorRole);
  await client.query(`grant select, insert, update on bulkhead.tenant to ${operator}`);
  await client.query(`grant select, insert, delete on bulkhead.tenant_domain to ${operator}`);
  await client.query(`grant select, insert on bulkhead.tenant_change to ${operator}`);
  await client.query(`grant select on ${READABLE} to ${operator}`);
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
