import type { Capability } from '../kernel/capability.ts';
import { isolationErrors } from './errors.ts';
import { applyPrivileges } from './privileges.ts';

/** What the isolation room brings. */
export const isolation: Capability = {
  name: 'isolation',
  migrations: new URL('./migrations/', import.meta.url),
  errors: isolationErrors,
  afterMigrate: applyPrivileges,
  commands: [],
};
