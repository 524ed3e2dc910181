/**
 * Brings about the roles that Bulkhead stands on: `bulkhead`, which owns the schema and logs in nowhere,
 * and the app's, the operator's, the audit log's and the accounts' own, where they are not there yet.
 *
 * Promises: never changes a role that exists; two databases of one cluster may do this at once. Does not
 * promise attributes: `doctor` and the isolation room judge the roles they find.
 */
import type { ClientBase } from 'pg';
import type { MigrationTarget } from '../capability.ts';
import { kernelError } from '../error-codes.ts';
import { escapeIdentifier, hasSqlState, sqlState } from './database-error.ts';

export const OWNER_ROLE = 'bulkhead';

export interface EnsuredRoles {
  readonly warnings: string[];
  /** Undefined where there is none, or where it could not be made. */
  readonly operatorRole: string | undefined;
}

/** @throws `kernel.privilege_missing` when a role is absent and may not be made. */
export async function ensureRoles(
  client: ClientBase,
  target: Pick<
    MigrationTarget,
    'appRole' | 'operatorRole' | 'auditRole' | 'signerRole' | 'identityRole'
  >,
): Promise<EnsuredRoles> {
  let operatorRole = target.operatorRole;
  const warnings: string[] = [];
  await ensureRole(client, OWNER_ROLE, 'nologin');
  await ensureMembership(client);
  for (const role of [target.appRole, target.auditRole, target.signerRole, target.identityRole]) {
    if (role !== undefined && (await ensureRole(client, role, 'login nobypassrls'))) {
      warnings.push(withoutPassword(role));
    }
  }
  if (target.operatorRole !== undefined) {
    try {
      if (await ensureRole(client, target.operatorRole, 'login bypassrls')) {
        warnings.push(withoutPassword(target.operatorRole));
      }
    } catch (error) {
      // Before 16 only a superuser may hand out BYPASSRLS; the app works without an operator's role.
      if (!hasSqlState(error, sqlState.insufficientPrivilege)) throw error;
      operatorRole = undefined;
      warnings.push(
        `the role ${target.operatorRole} could not be created: only a superuser may give BYPASSRLS here; have one run: create role ${escapeIdentifier(target.operatorRole)} login bypassrls`,
      );
    }
  }
  return { warnings, operatorRole };
}

const withoutPassword = (role: string): string =>
  `the role ${role} was created without a password; set one: alter role ${escapeIdentifier(role)} password '…'`;

/** True when it was made just now. */
async function ensureRole(client: ClientBase, name: string, attributes: string): Promise<boolean> {
  if (await roleExists(client, name)) return false;
  try {
    await client.query(`create role ${escapeIdentifier(name)} ${attributes}`);
    return true;
  } catch (error) {
    // Roles are the cluster's: another database's migrator may have been a moment quicker.
    if (await roleExists(client, name)) return false;
    if (attributes.includes(' bypassrls')) throw error;
    if (!hasSqlState(error, sqlState.insufficientPrivilege)) throw error;
    throw kernelError('kernel.privilege_missing', {
      message: `The role ${name} does not exist and this role may not create it: it lacks CREATEROLE. Grant it, or have an administrator run: create role ${escapeIdentifier(name)} ${attributes};`,
      cause: error,
    });
  }
}

async function roleExists(client: ClientBase, name: string): Promise<boolean> {
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [name]);
  return rowCount === 1;
}

/** Migrations run as `bulkhead`, so that all they make is owned by it; the migrator must be able to become it. */
async function ensureMembership(client: ClientBase): Promise<void> {
  if (await canBecomeOwner(client)) return;
  const { rows } = await client.query<{ me: string }>('select current_user as me');
  const me = rows[0]?.me ?? '';
  try {
    await client.query(`grant ${OWNER_ROLE} to ${escapeIdentifier(me)}`);
  } catch (error) {
    if (!hasSqlState(error, sqlState.insufficientPrivilege)) throw error;
  }
  if (await canBecomeOwner(client)) return;
  throw kernelError('kernel.privilege_missing', {
    message: `The migrating role ${me} may not become ${OWNER_ROLE}, which owns the schema. Have an administrator run: grant ${OWNER_ROLE} to ${escapeIdentifier(me)};`,
  });
}

async function canBecomeOwner(client: ClientBase): Promise<boolean> {
  try {
    await client.query(`set role ${OWNER_ROLE}`);
    await client.query('reset role');
    return true;
  } catch (error) {
    if (hasSqlState(error, sqlState.insufficientPrivilege)) return false;
    throw error;
  }
}
