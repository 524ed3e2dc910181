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

/** A person and their user have one id; the first of an organization owns it. */
export async function seedAccounts(client: pg.Client): Promise<void> {
  await client.query(`insert into bulkhead.user_account (id, email, name, email_verified_at)
    select id, email, name, now() from person on conflict do nothing`);
  const owners = ORGANIZATIONS.map((organization) => seedId(organization, 'person', 0));
  await client.query(
    `select bulkhead.access_give(joined.tenant_id, 'system:seed', 'user', joined.id::text,
       case when joined.id = any ($1) then 'owner' else 'member' end, null, 'direct', null)
     from (select p.tenant_id, p.id,
             bulkhead.access_member_join(p.tenant_id, 'system:seed', 'user', p.id::text, p.name, p.email) as is_new
           from person p order by p.id = any ($1) desc, p.id offset 0) as joined
     where joined.is_new`,
    [owners],
  );
}

export async function givePasswords({ identity }: NotesBulkhead): Promise<void> {
  for (const organization of ORGANIZATIONS) {
    for (const index of organization.people.keys()) {
      await identity.passwords
        .establish({ userId: seedId(organization, 'person', index), password: DEMO_PASSWORD })
        .catch((error: unknown) => {
          if (!isBulkheadError(error, 'identity.password_exists')) throw error;
        });
    }
  }
}
