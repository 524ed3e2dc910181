/**
 * What isolation stands on in a database, looked at for `bulkhead doctor`.
 *
 * Promises: reads the catalog only. Does not promise that tables are protected: that is `prove`'s to say.
 */
import type { ClientBase } from 'pg';
import type { Diagnosis, MigrationTarget } from '../kernel/capability.ts';
import { parseContextKey } from './context-key.ts';
import { crossSessionFunctions } from './privileges.ts';

interface RoleRow {
  readonly super: boolean;
  readonly bypass: boolean;
  readonly createRole: boolean;
  readonly createDatabase: boolean;
  readonly replication: boolean;
  readonly login: boolean;
  readonly memberOf: readonly string[];
  readonly owns: number;
  readonly temporary: boolean;
  readonly createIn: readonly string[];
}

export async function diagnoseIsolation(
  client: ClientBase,
  target: MigrationTarget,
): Promise<Diagnosis[]> {
  return [
    await ownerRole(client),
    ...(await appRole(client, target.appRole)),
    ...(await hardening(client, target.appRole)),
    await operatorRole(client, target.operatorRole),
    ...(await contextKeys(client, target.contextKeys)),
    await preparedTransactions(client),
  ];
}

async function ownerRole(client: ClientBase): Promise<Diagnosis> {
  const check = 'role bulkhead';
  const role = await readRole(client, 'bulkhead');
  if (role === undefined) {
    return { check, status: 'fault', finding: 'does not exist', next: 'Run `bulkhead migrate`.' };
  }
  if (role.login || role.super) {
    const finding = role.login ? 'may log in' : 'is a superuser';
    return { check, status: 'fault', finding, next: 'alter role bulkhead nologin nosuperuser;' };
  }
  return { check, status: 'ok', finding: 'owns the schema, cannot log in' };
}

async function appRole(client: ClientBase, name: string): Promise<Diagnosis[]> {
  const check = `app role ${name}`;
  const role = await readRole(client, name);
  if (role === undefined) {
    return [{ check, status: 'fault', finding: 'does not exist', next: 'Run `bulkhead migrate`.' }];
  }
  const id = client.escapeIdentifier(name);
  const faults: [boolean, string, string][] = [
    [!role.login, 'may not log in', `alter role ${id} login;`],
    [role.super, 'is a superuser: no policy applies to it', `alter role ${id} nosuperuser;`],
    [role.bypass, 'has BYPASSRLS: no policy applies to it', `alter role ${id} nobypassrls;`],
    [role.createRole, 'may create roles', `alter role ${id} nocreaterole;`],
    [role.createDatabase, 'may create databases', `alter role ${id} nocreatedb;`],
    [role.replication, 'may replicate', `alter role ${id} noreplication;`],
    [
      role.memberOf.length > 0,
      `is a member of ${role.memberOf.join(', ')}`,
      role.memberOf
        .map((other) => `revoke ${client.escapeIdentifier(other)} from ${id};`)
        .join(' '),
    ],
    [
      role.owns > 0,
      `owns ${role.owns} objects: an owner can switch row-level security off`,
      `reassign owned by ${id} to a role that cannot log in.`,
    ],
    [role.temporary, 'may create temporary tables', 'Run `bulkhead migrate`.'],
    [
      role.createIn.length > 0,
      `may create objects in ${role.createIn.join(', ')}`,
      role.createIn
        .map(
          (schema) =>
            `revoke create on schema ${client.escapeIdentifier(schema)} from public, ${id};`,
        )
        .join(' '),
    ],
  ];
  const found = faults.filter(([wrong]) => wrong);
  if (found.length === 0) {
    return [{ check, status: 'ok', finding: 'owns nothing, is a member of nothing, no BYPASSRLS' }];
  }
  return found.map(([, finding, next]) => ({ check, status: 'fault', finding, next }));
}

/** What `migrate` takes from PUBLIC where it may; for what is left the statement guard stands alone. */
async function hardening(client: ClientBase, name: string): Promise<Diagnosis[]> {
  const check = 'hardening';
  const { rows } = await client.query<{ open: string[]; anonymous: boolean }>(
    `select array(
              select signature from unnest($2::text[]) signature
               where to_regprocedure('pg_catalog.' || signature) is not null
                 and has_function_privilege(r.oid, to_regprocedure('pg_catalog.' || signature), 'EXECUTE')
            ) as open,
            has_language_privilege(r.oid, 'plpgsql', 'USAGE') as anonymous
       from pg_roles r where r.rolname = $1`,
    [name, crossSessionFunctions],
  );
  const [row] = rows;
  if (row === undefined) return [];
  const left = [...(row.anonymous ? ['DO blocks'] : []), ...row.open];
  if (left.length === 0) {
    return [{ check, status: 'ok', finding: 'no DO blocks, no way to other sessions' }];
  }
  const others = left.length > 3 ? ` and ${left.length - 3} more` : '';
  return [
    {
      check,
      status: 'warning',
      finding: `${name} may still use ${left.slice(0, 3).join(', ')}${others}; the guard alone refuses them`,
      next: 'Run `bulkhead migrate` once as a superuser. A managed service may not allow it.',
    },
  ];
}

async function operatorRole(client: ClientBase, name: string | undefined): Promise<Diagnosis> {
  const check = 'operator role';
  if (name === undefined) return { check, status: 'ok', finding: 'none: asOperator is refused' };
  const role = await readRole(client, name);
  const id = client.escapeIdentifier(name);
  if (role === undefined) {
    const next = `create role ${id} login bypassrls;`;
    return { check, status: 'fault', finding: `${name} does not exist`, next };
  }
  if (!role.bypass || !role.login) {
    const finding = `${name} lacks ${role.login ? 'BYPASSRLS' : 'LOGIN'}`;
    return { check, status: 'fault', finding, next: `alter role ${id} login bypassrls;` };
  }
  return { check, status: 'ok', finding: `${name} crosses tenants on its own login` };
}

/** A key that signs before the database knows it would have every query refused. */
async function contextKeys(client: ClientBase, keys: readonly string[]): Promise<Diagnosis[]> {
  const table = await client.query(
    `select 1 where to_regclass('bulkhead.context_key') is not null`,
  );
  if (table.rowCount === 0) {
    const next = 'Run `bulkhead migrate`.';
    return [{ check: 'context keys', status: 'fault', finding: 'there is no key table', next }];
  }
  const { rows } = await client.query<{ kid: string; usable: boolean }>(
    `select kid, revoked_at is null and not_after > clock_timestamp() as usable
       from bulkhead.context_key`,
  );
  return keys.map((text) => {
    const { kid } = parseContextKey(text);
    const check = `context key ${kid}`;
    const row = rows.find((candidate) => candidate.kid === kid);
    if (row === undefined) {
      const next = 'Run `bulkhead key install` before the app signs with it.';
      return { check, status: 'fault', finding: 'is not in the database', next };
    }
    if (!row.usable) {
      const next = 'Run `bulkhead key generate`, install the new key and deploy it.';
      return { check, status: 'fault', finding: 'is revoked or has expired', next };
    }
    return { check, status: 'ok', finding: 'is installed' };
  });
}

async function preparedTransactions(client: ClientBase): Promise<Diagnosis> {
  const check = 'two-phase commit';
  const { rows } = await client.query<{ max: number }>(
    `select current_setting('max_prepared_transactions')::int as max`,
  );
  if ((rows[0]?.max ?? 0) === 0) return { check, status: 'ok', finding: 'off' };
  const next = 'Set max_prepared_transactions = 0 unless something else needs it.';
  return { check, status: 'warning', finding: 'the server allows it', next };
}

async function readRole(client: ClientBase, name: string): Promise<RoleRow | undefined> {
  const { rows } = await client.query<RoleRow>(
    `select r.rolsuper as super, r.rolbypassrls as bypass, r.rolcreaterole as "createRole",
            r.rolcreatedb as "createDatabase", r.rolreplication as replication,
            r.rolcanlogin as login,
            array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid
                   where m.member = r.oid order by 1) as "memberOf",
            (select count(*)::int from pg_class c where c.relowner = r.oid) +
            (select count(*)::int from pg_proc p where p.proowner = r.oid) as owns,
            has_database_privilege(r.oid, current_database(), 'TEMPORARY') as temporary,
            array(select n.nspname::text from pg_namespace n
                   where n.nspname !~ '^pg_(toast|temp)'
                     and has_schema_privilege(r.oid, n.oid, 'CREATE') order by 1) as "createIn"
       from pg_roles r where r.rolname = $1`,
    [name],
  );
  return rows[0];
}
