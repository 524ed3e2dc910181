/**
 * The app's own permissions.
 *
 * Promises: a misspelt permission does not compile, and every fault of the catalogue shows when it is made.
 */
import { z } from 'zod';
import { accessError } from '../errors.ts';
import { builtInRoleKeys } from './built-in-roles.ts';
import { type OwnPermission, ownPermissions, type PermissionEntry } from './own-permissions.ts';

export type { PermissionEntry } from './own-permissions.ts';

export type PermissionEntries = Readonly<Record<string, PermissionEntry>>;

declare const names: unique symbol;
/** A checked catalogue; made by `definePermissions` alone. */
export interface PermissionCatalogue<P extends PermissionEntries = PermissionEntries> {
  readonly permissions: ReadonlyMap<string, PermissionEntry>;
  /** Carries the types; has no value. */
  readonly [names]?: P;
}

/** The names that an app may ask for: its own and Bulkhead's. */
export type PermissionOf<P extends PermissionEntries> = (keyof P & string) | OwnPermission;

const PERMISSIONS_MAX = 1_000;
const NAME = /^[a-z][a-z0-9_]{0,47}:[a-z][a-z0-9_]{0,47}$/;

const entrySchema = z.strictObject({
  description: z.string().min(1).max(300),
  roles: z.array(z.enum(builtInRoleKeys)).optional(),
  dangerous: z.boolean().optional(),
});

/** Resources that Bulkhead's own permissions are about. */
const ownResources = new Set(Object.keys(ownPermissions).map((name) => name.split(':')[0]));

/**
 * Declares an app's permissions; owner and admin hold all of them, viewers and auditors every `…:read`.
 *
 * @throws `access.permissions_invalid` naming every fault.
 *
 * @example
 * export const permissions = definePermissions({
 *   'invoice:read': { description: 'Reads invoices.', roles: ['member'] },
 *   'invoice:void': { description: 'Voids an invoice.', dangerous: true },
 * });
 */
export function definePermissions<const P extends PermissionEntries>(
  given: P,
): PermissionCatalogue<P> {
  const faults: string[] = [];
  const permissions = new Map<string, PermissionEntry>();
  const entries = Object.entries(given);
  if (entries.length > PERMISSIONS_MAX) faults.push(`there may be ${PERMISSIONS_MAX} at most`);
  for (const [name, entry] of entries) {
    if (!NAME.test(name)) {
      faults.push(`${name}: a permission is resource:action in lower case, such as invoice:read`);
    } else if (ownResources.has(name.split(':')[0])) {
      faults.push(`${name}: the resource is one of Bulkhead's own`);
    }
    const parsed = entrySchema.safeParse(entry);
    if (parsed.success) permissions.set(name, entry);
    else {
      for (const { path, message } of parsed.error.issues) {
        faults.push(`${name}: ${path.join('.')}: ${message}`);
      }
    }
  }
  if (faults.length > 0) {
    throw accessError('access.permissions_invalid', {
      message: `The permissions have faults:\n${faults.map((line) => `  ${line}`).join('\n')}`,
    });
  }
  return { permissions };
}
