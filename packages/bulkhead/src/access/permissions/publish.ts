/**
 * Publishes the catalogue: what may be granted, what the built-in roles hold, and the kinds of nodes.
 *
 * Promises: repeatable; a permission keeps its bit for ever, also when it is dropped and comes back.
 */
import type { ClientBase } from 'pg';
import type { AccessConfig } from '../config.ts';
import { type BuiltInRole, builtInRoleKeys, builtInRoles } from './built-in-roles.ts';
import { type OwnPermission, ownPermissions, type PermissionEntry } from './own-permissions.ts';

/** Kinds of nodes that every tenant has, from the top down; those of the app stand below. */
export const ownKinds = ['tenant', 'workspace', 'project'] as const;

/** An owner's alone. */
const ownersOnly: ReadonlySet<string> = new Set(['tenant:close'] satisfies OwnPermission[]);
const readersOfAll: readonly BuiltInRole[] = ['viewer', 'auditor'];

/** What `bulkhead.access_publish` takes. */
export function catalogueOf(config: AccessConfig | undefined) {
  const own: [string, PermissionEntry][] = Object.entries(ownPermissions);
  const theirs = [...(config?.permissions?.permissions ?? [])];
  const isHeldBy = (role: BuiltInRole, name: string, entry: PermissionEntry, isOwn: boolean) => {
    if (role === 'owner') return true;
    if (role === 'admin') return !ownersOnly.has(name);
    if (entry.roles?.includes(role)) return true;
    return !isOwn && name.endsWith(':read') && readersOfAll.includes(role);
  };
  return {
    permissions: [...own, ...theirs].map(([name, { description, dangerous = false }]) => ({
      name,
      description,
      dangerous,
    })),
    roles: builtInRoleKeys.map((key) => ({
      key,
      ...builtInRoles[key],
      permissions: [
        ...own.filter(([name, entry]) => isHeldBy(key, name, entry, true)),
        ...theirs.filter(([name, entry]) => isHeldBy(key, name, entry, false)),
      ].map(([name]) => name),
    })),
    kinds: [...ownKinds, ...(config?.kinds ?? [])],
  };
}

/**
 * Publishes over a connection of the migrating role.
 *
 * @returns whether anything is other than before.
 */
export async function publishCatalogue(
  client: Pick<ClientBase, 'query'>,
  config: AccessConfig | undefined,
): Promise<boolean> {
  const { rows } = await client.query<{ changed: boolean }>(
    'select bulkhead.access_publish($1) as changed',
    [JSON.stringify(catalogueOf(config))],
  );
  return rows[0]?.changed === true;
}
