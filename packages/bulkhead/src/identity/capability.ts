import type { Capability } from '../kernel/capability.ts';
import { identityErrors } from './errors.ts';
import { applyIdentityGrants } from './grants.ts';
import { tenantCommands } from './tenant-commands.ts';

/** What the identity room brings. */
export const identity: Capability = {
  name: 'identity',
  migrations: new URL('./migrations/', import.meta.url),
  errors: identityErrors,
  commands: tenantCommands,
  afterMigrate: applyIdentityGrants,
};
