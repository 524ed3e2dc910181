import { escapeIdentifier } from 'pg';
import type { Capability } from '../kernel/capability.ts';
import { identityErrors } from './errors.ts';
import { tenantCommands } from './tenant-commands.ts';

/** What the identity room brings. */
export const identity: Capability = {
  name: 'identity',
  migrations: new URL('./migrations/', import.meta.url),
  errors: identityErrors,
  commands: tenantCommands,
  // The app may ask for one tenant by name, the operator may keep the directory; nobody else anything.
  afterMigrate: async (client, { appRole, operatorRole }) => {
    await client.query(
      `grant execute on function bulkhead.find_tenant(text, text) to ${escapeIdentifier(appRole)}`,
    );
    if (operatorRole === undefined) return [];
    const operator = escapeIdentifier(operatorRole);
    await client.query(`grant select, insert, update on bulkhead.tenant to ${operator}`);
    await client.query(`grant select, insert, delete on bulkhead.tenant_domain to ${operator}`);
    await client.query(`grant select, insert on bulkhead.tenant_change to ${operator}`);
    await client.query(`grant execute on function bulkhead.find_tenant(text, text) to ${operator}`);
    return [];
  },
};
