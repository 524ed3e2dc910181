import type { Capability } from '../kernel/capability.ts';
import type { AccessConfig } from './config.ts';
import { accessErrors } from './errors.ts';

/** What the access room brings. */
export const access: Capability = {
  name: 'access',
  migrations: new URL('./migrations/', import.meta.url),
  errors: accessErrors,
  commands: { access: async () => (await import('./commands.ts')).accessCommands },
  async afterMigrate(client, target) {
    const { applyAccessGrants } = await import('./grants.ts');
    const { publishCatalogue } = await import('./permissions/publish.ts');
    await applyAccessGrants(client, target);
    // The whole configuration was valid before anything was migrated.
    await publishCatalogue(client, target.sections?.access as AccessConfig | undefined);
    return [];
  },
};
