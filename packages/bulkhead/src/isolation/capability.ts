import type { Capability } from '../kernel/capability.ts';
import { isolationErrors } from './errors.ts';

/** What the isolation room brings. */
export const isolation: Capability = {
  name: 'isolation',
  migrations: new URL('./migrations/', import.meta.url),
  errors: isolationErrors,
  commands: [],
};
