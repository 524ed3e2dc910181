/**
 * What accounts, sessions and sign-in stand on, looked at for `bulkhead doctor`.
 *
 * Promises: reads the catalog and counts; opens no secret. Says nothing where Bulkhead keeps no accounts.
 */
import type { ClientBase } from 'pg';
import type { Diagnosis, MigrationTarget } from '../kernel/capability.ts';
import type { IdentityConfig } from './config.ts';
import { credentialKeyId } from './sign-in/credential-key.ts';

interface RoleRow {
  readonly super: boolean;
  readonly bypass: boolean;
  readonly login: boolean;
  readonly creates: boolean;
  readonly memberOf: readonly string[];
  readonly owns: number;
}

export async function diagnoseAccounts(
  client: ClientBase,
  { identityRole, appRole, sections }: MigrationTarget,
): Promise<Diagnosis[]> {
  // The section as this room's own schema made it.
  const config = sections?.identity as IdentityConfig | undefined;
  if (config?.accountsUrl === undefined) return [];
  return [
    await accountsRole(client, config.accountsUrl, identityRole, appRole),
    await credentialKeys(client, config),
    cookie(config),
  ];
}

async function accountsRole(
  client: ClientBase,
  url: string,
  name: string | undefined,
  appRole: string,
): Promise<Diagnosis> {
  const check = `accounts role${name === undefined ? '' : ` ${name}`}`;
  const fault = (finding: string, next: string): Diagnosis => ({
    check,
    status: 'fault',
    finding,
    next,
  });
  if (name === undefined) {
    return fault('is not configured', 'Set database.identityRole, then run `bulkhead migrate`.');
  }
  if (name === appRole) {
    return fault('is the app’s own: injected SQL reaches accounts', 'Give it a role of its own.');
  }
  const user = userOf(url);
  if (user !== undefined && user !== name) {
    return fault(`identity.accountsUrl connects as ${user}`, `Connect as ${name}.`);
  }
  const { rows } = await client.query<RoleRow>(
    `select rolsuper as super, rolbypassrls as bypass, rolcanlogin as login, rolcreaterole or rolcreatedb as creates,
            array(select r.rolname::text from pg_catalog.pg_auth_members m join pg_catalog.pg_roles r on r.oid = m.roleid
                   where m.member = o.oid) as "memberOf",
            (select count(*)::integer from pg_catalog.pg_class c where c.relowner = o.oid) as owns
       from pg_catalog.pg_roles o where rolname = $1`,
    [name],
  );
  const [role] = rows;
  const id = client.escapeIdentifier(name);
  if (role === undefined) return fault('does not exist', 'Run `bulkhead migrate`.');
  if (!role.login) return fault('may not log in', `alter role ${id} login;`);
  if (role.super || role.bypass || role.creates) {
    return fault(
      'may do more than its functions',
      `alter role ${id} nosuperuser nobypassrls nocreaterole nocreatedb;`,
    );
  }
  if (role.memberOf.length > 0) {
    return fault(
      `is a member of ${role.memberOf.join(', ')}`,
      role.memberOf
        .map((other) => `revoke ${client.escapeIdentifier(other)} from ${id};`)
        .join(' '),
    );
  }
  if (role.owns > 0) {
    return fault(`owns ${role.owns} tables`, `Reassign what ${name} owns to a role without login.`);
  }
  return { check, status: 'ok', finding: 'calls the functions of accounts, and nothing else' };
}

function userOf(url: string): string | undefined {
  const user = URL.canParse(url) ? decodeURIComponent(new URL(url).username) : '';
  return user === '' ? undefined : user;
}

async function credentialKeys(
  client: ClientBase,
  { credentialKeys: keys = [] }: IdentityConfig,
): Promise<Diagnosis> {
  const check = 'credential keys';
  const present = await client.query<{ there: boolean }>(
    `select to_regclass('bulkhead.totp') is not null as there`,
  );
  // A sealed secret begins with the name of its key.
  const { rows } = present.rows[0]?.there
    ? await client.query<{ count: number }>(
        'select count(*)::integer from bulkhead.totp where substr(sealed, 1, 4) <> all ($1::bytea[])',
        [keys.map(credentialKeyId)],
      )
    : { rows: [] };
  const lost = rows[0]?.count ?? 0;
  if (lost > 0) {
    return {
      check,
      status: 'fault',
      finding: `${lost} authenticator apps were set up under a key that is not configured`,
      next: 'Put the key back into identity.credentialKeys, behind the new one.',
    };
  }
  return keys.length > 0
    ? { check, status: 'ok', finding: `${keys.length} configured; the first seals, all open` }
    : {
        check,
        status: 'warning',
        finding: 'none: nobody can set up an authenticator app',
        next: 'Set identity.credentialKeys; `generateCredentialKey()` makes one.',
      };
}

function cookie({ publicUrl, sessions }: IdentityConfig): Diagnosis {
  const check = 'session cookie';
  if (sessions === undefined) {
    return { check, status: 'ok', finding: 'none: requests are not identified by sessions' };
  }
  if (publicUrl === undefined) {
    return {
      check,
      status: 'warning',
      finding: 'identity.publicUrl is not set: no link can be mailed, and no passkey be made',
      next: 'Set identity.publicUrl to the https:// address of the app.',
    };
  }
  // Anything but https is refused by the configuration, except to this machine.
  return publicUrl.startsWith('https:')
    ? { check, status: 'ok', finding: `__Host-${sessions.cookieName}, by https alone` }
    : {
        check,
        status: 'warning',
        finding: `${sessions.cookieName}, without https, for this machine alone`,
        next: 'In production set identity.publicUrl to the https:// address of the app.',
      };
}
