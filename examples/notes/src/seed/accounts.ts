/**
 * Accounts for the seeded people: users, their memberships and roles, and everyone's password.
 *
 * Promises: safe to run at every start; what is there stays, a changed password too. The first two are written
 * with the administrator's connection, like the seed; a product would invite people instead.
 */
import { isBulkheadError } from 'bulkhead';
import type pg from 'pg';
import type { NotesBulkhead } from '../actions.ts';
import { seedId } from './rows.ts';
import { DEMO_PASSWORD, ORGANIZATIONS } from './seed.ts';

/** Who runs the product, across its customers; the console is theirs. */
export const STAFF = [
  {
    id: '0be7a701-5afe-8000-a000-000000000001',
    name: 'Noor Haddad',
    email: 'noor@notes.example',
    role: 'owner',
    title: 'operator',
  },
  {
    id: '0be7a701-5afe-8000-a000-000000000002',
    name: 'Arne Solvang',
    email: 'arne@notes.example',
    role: 'auditor',
    title: 'auditor',
  },
] as const;
/** Those who run the product are a tenant of their own. */
const OPERATORS = '00000000-0000-0000-0000-000000000000';

/** By the order in which an organization names its people; whoever comes after is a member. */
const ROLES = ['owner', 'admin', 'member', 'viewer', 'billing'];

/** A person and their user have one id; the first of an organization owns it. */
export async function seedAccounts(client: pg.Client): Promise<void> {
  await client.query(`insert into bulkhead.user_account (id, email, name, email_verified_at)
    select id, email, name, now() from person on conflict do nothing`);
  const roles = ORGANIZATIONS.flatMap((organization) =>
    ROLES.map((role, index) => ({ id: seedId(organization, 'person', index), role })),
  );
  await client.query(
    `select bulkhead.access_give(joined.tenant_id, 'system:seed', 'user', joined.id::text,
       joined.role, null, 'direct', null)
     from (select p.tenant_id, p.id, coalesce(r.role, 'member') as role,
             bulkhead.access_member_join(p.tenant_id, 'system:seed', 'user', p.id::text, p.name, p.email) as is_new
           from person p left join jsonb_to_recordset($1) as r (id uuid, role text) using (id)
           order by coalesce(r.role = 'owner', false) desc, p.id offset 0) as joined
     where joined.is_new`,
    [JSON.stringify(roles)],
  );
  await client.query(
    `with staff as (select * from jsonb_to_recordset($2) as s (id uuid, name text, email text, role text)),
       added as (insert into bulkhead.user_account (id, email, name, email_verified_at)
         select id, email, name, now() from staff on conflict do nothing)
     select bulkhead.access_give($1, 'system:seed', 'user', s.id::text, s.role, null, 'direct', null)
       from staff as s
      where bulkhead.access_member_join($1, 'system:seed', 'user', s.id::text, s.name, s.email)`,
    [OPERATORS, JSON.stringify(STAFF)],
  );
}

export async function givePasswords({ identity }: NotesBulkhead): Promise<void> {
  const people = ORGANIZATIONS.flatMap((organization) =>
    organization.people.map((_, index) => seedId(organization, 'person', index)),
  );
  for (const userId of [...people, ...STAFF.map(({ id }) => id)]) {
    await identity.passwords
      .establish({ userId, password: DEMO_PASSWORD })
      .catch((error: unknown) => {
        if (!isBulkheadError(error, 'identity.password_exists')) throw error;
      });
  }
}
