import type { Capability } from '../kernel/capability.ts';
import { policyErrors } from './errors.ts';

/** What the policies room brings. */
export const policies: Capability = {
  name: 'policies',
  migrations: new URL('./migrations/', import.meta.url),
  errors: policyErrors,
  commands: { policy: async () => (await import('./commands.ts')).policyCommands },
  // The app's role reads its own tenant's policies and sets them by the one function; the role that signs
  // people in asks what a person's tenants demand.
  afterMigrate: async (client, target) => {
    const { escapeIdentifier } = await import('pg');
    const app = escapeIdentifier(target.appRole);
    await client.query(`grant select on bulkhead.tenant_policy to ${app}`);
    await client.query(
      `grant execute on function bulkhead.policy_set(text, jsonb, integer, text, text),
         bulkhead.policy_role_fault(text, jsonb), bulkhead.policies_held(text), bulkhead.policy_entrants(uuid, integer) to ${app}`,
    );
    if (target.operatorRole !== undefined) {
      const operator = escapeIdentifier(target.operatorRole);
      await client.query(`grant select on bulkhead.tenant_policy to ${operator}`);
    }
    if (target.identityRole !== undefined) {
      await client.query(
        `grant execute on function bulkhead.policies_of_user(uuid) to ${escapeIdentifier(target.identityRole)}`,
      );
    }
    return [];
  },
};
