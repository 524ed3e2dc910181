/**
 * The app's roles in its database.
 *
 * Promises: the tables' owner cannot log in; the app's role owns nothing, is a member of nothing and cannot
 * bypass row-level security; the operator's role can, and has its own login. The audit log's two roles and the
 * one of accounts may do their one work and read no table. Safe to run again.
 */
import type pg from 'pg';

export const OWNER_ROLE = 'notes_owner';
export const APP_ROLE = 'notes_app';
export const OPERATOR_ROLE = 'notes_operator';
export const AUDIT_ROLE = 'notes_audit';
export const SIGNER_ROLE = 'notes_signer';
export const IDENTITY_ROLE = 'notes_identity';

export interface RolePasswords {
  readonly app: string;
  readonly operator: string;
  readonly audit: string;
  readonly signer: string;
  readonly identity: string;
}

/** SQLSTATEs of losing a race: roles are the cluster's, and another database may be prepared just now. */
const RACE_LOST = new Set(['42710', '23505', 'XX000']);
const ATTEMPTS_MAX = 10;

async function ensureRole(client: pg.Client, role: string, attributes: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const known = await client.query('select 1 from pg_roles where rolname = $1', [role]);
    try {
      await client.query(`${known.rowCount ? 'alter' : 'create'} role ${role} ${attributes}`);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !RACE_LOST.has((error as pg.DatabaseError).code ?? ''))
        throw error;
    }
  }
}

export async function ensureRoles(client: pg.Client, passwords: RolePasswords): Promise<void> {
  const login = 'login nosuperuser nocreatedb nocreaterole noinherit';
  await ensureRole(client, OWNER_ROLE, 'nologin nosuperuser nobypassrls');
  await ensureRole(
    client,
    APP_ROLE,
    `${login} nobypassrls password ${client.escapeLiteral(passwords.app)}`,
  );
  await ensureRole(
    client,
    OPERATOR_ROLE,
    `${login} bypassrls password ${client.escapeLiteral(passwords.operator)}`,
  );
  for (const [role, password] of [
    [AUDIT_ROLE, passwords.audit],
    [SIGNER_ROLE, passwords.signer],
    [IDENTITY_ROLE, passwords.identity],
  ] as const) {
    await ensureRole(
      client,
      role,
      `${login} nobypassrls password ${client.escapeLiteral(password)}`,
    );
  }
}

/** What the owner needs to run the app’s migrations, and the way in for the others; after Bulkhead’s own migration. */
export async function grantOwner(client: pg.Client): Promise<void> {
  const database = client.escapeIdentifier(client.database ?? 'postgres');
  await client.query(`
    revoke all on database ${database} from public;
    grant connect on database ${database} to ${APP_ROLE}, ${OPERATOR_ROLE}, ${AUDIT_ROLE}, ${SIGNER_ROLE}, ${IDENTITY_ROLE};
    revoke all on schema public from public;
    grant usage, create on schema public to ${OWNER_ROLE};
    grant usage on schema public to ${APP_ROLE}, ${OPERATOR_ROLE};
    grant usage on language plpgsql to ${OWNER_ROLE};
    grant usage on schema bulkhead to ${OWNER_ROLE};
    grant execute on function bulkhead.tenant_id(), bulkhead.protect_table(regclass, name) to ${OWNER_ROLE};
    grant execute on function bulkhead.audit_track(regclass, jsonb), bulkhead.audit_untrack(regclass),
      bulkhead.audit_row(), bulkhead.audit_truncate() to ${OWNER_ROLE};
  `);
}
