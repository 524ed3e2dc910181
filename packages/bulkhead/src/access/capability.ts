import type { Capability } from '../kernel/capability.ts';
import { accessCommands } from './commands.ts';
import type { AccessConfig } from './config.ts';
import { accessErrors } from './errors.ts';
import { applyAccessGrants } from './grants.ts';
import { publishCatalogue } from './permissions/publish.ts';

/** What the access room brings. */
export const access: Capability = {
  name: 'access',
  migrations: new URL('./migrations/', import.meta.url),
  errors: accessErrors,
  commands: accessCommands,
  async afterMigrate(client, target) {
    await applyAccessGrants(client, target);
    // The whole configuration was valid before anything was migrated.
    await publishCatalogue(client, target.sections?.access as AccessConfig | undefined);
    return [];
  },
};
