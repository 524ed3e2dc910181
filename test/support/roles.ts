/** The cluster's roles that tests share, made once per server. */
import { createHmac } from 'node:crypto';
import type pg from 'pg';
import { quickVerifier } from './quick-verifier.ts';

export type TestRole =
  | 'test_owner'
  | 'test_app'
  | 'test_operator'
  | 'test_audit'
  | 'test_signer'
  | 'test_identity';

/** Any number: runs that share a server take turns, because two `create role` at once collide. */
const ROLES_LOCK = 7_213_001;

/** The same for everyone who knows the superuser's URL, and for nobody else. */
export function rolePassword(superuserUrl: string, role: TestRole): string {
  const { username, password } = new URL(superuserUrl);
  return createHmac('sha256', `${username}:${password}`).update(role).digest('base64url');
}

export async function createRoles(client: pg.Client, superuserUrl: string): Promise<void> {
  const login = (role: TestRole): string =>
    `login password '${quickVerifier(rolePassword(superuserUrl, role))}'`;
  const attributes: Record<string, string> = {
    bulkhead: 'nologin',
    test_owner: login('test_owner'),
    test_app: `${login('test_app')} nobypassrls`,
    test_operator: `${login('test_operator')} bypassrls`,
    test_audit: `${login('test_audit')} nobypassrls`,
    test_signer: `${login('test_signer')} nobypassrls`,
    test_identity: `${login('test_identity')} nobypassrls`,
  };
  await client.query('begin');
  await client.query('select pg_advisory_xact_lock($1)', [ROLES_LOCK]);
  for (const [role, options] of Object.entries(attributes)) {
    const found = await client.query('select from pg_roles where rolname = $1', [role]);
    await client.query(`${found.rowCount === 0 ? 'create' : 'alter'} role ${role} ${options}`);
  }
  await client.query('commit');
}
