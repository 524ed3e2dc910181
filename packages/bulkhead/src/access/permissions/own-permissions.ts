/** Bulkhead's own permissions, and who of the built-in roles holds them besides owner and admin. */
import type { BuiltInRole } from './built-in-roles.ts';

export interface PermissionEntry {
  /** One sentence for whoever composes a role. */
  readonly description: string;
  /** Built-in roles that hold it, besides owner and admin. */
  readonly roles?: readonly BuiltInRole[];
  /** The database is asked each time, whatever a process remembers. */
  readonly dangerous?: boolean;
}

const everybody = ['member', 'viewer', 'auditor'] as const;

export const ownPermissions = {
  'tenant:read': { description: "Reads the tenant's settings.", roles: ['auditor'] },
  'tenant:manage': { description: "Changes the tenant's settings." },
  'tenant:close': { description: 'Closes the tenant for good.', dangerous: true },
  'member:read': { description: 'Sees who belongs to the tenant.', roles: everybody },
  // An invitation gives a role, to whoever reads a mailbox.
  'member:invite': { description: 'Invites people.', dangerous: true },
  'member:manage': { description: 'Adds, suspends and removes members.', dangerous: true },
  'role:read': { description: 'Sees the roles and what they hold.', roles: ['auditor'] },
  'role:manage': { description: 'Makes and changes roles.', dangerous: true },
  'grant:read': { description: 'Sees who was given what.', roles: ['auditor'] },
  'grant:manage': { description: 'Gives and takes away roles.', dangerous: true },
  'group:read': { description: 'Sees groups and who is in them.', roles: ['auditor'] },
  'group:manage': { description: 'Makes groups and says who is in them.', dangerous: true },
  'node:read': {
    description: 'Sees workspaces, projects and what is below them.',
    roles: ['auditor'],
  },
  'node:manage': {
    description: 'Makes, moves and deletes workspaces, projects and what is below.',
  },
  'service_account:manage': { description: 'Makes and ends service accounts.', dangerous: true },
  'api_key:read': { description: 'Sees which API keys there are.', roles: ['auditor'] },
  'api_key:manage': { description: 'Makes and revokes API keys.', dangerous: true },
  'session:read': { description: "Sees members' sessions.", roles: ['auditor'] },
  'session:manage': { description: "Ends members' sessions." },
  'policy:read': { description: 'Sees the security policies.', roles: ['auditor'] },
  'policy:manage': { description: 'Changes the security policies.', dangerous: true },
  'audit:read': { description: 'Reads the audit log.', roles: ['auditor'] },
  'audit:export': { description: 'Exports the audit log.', roles: ['auditor'] },
  'audit:erase': {
    description: "Makes a person's data in the audit log unreadable.",
    dangerous: true,
  },
  'billing:read': { description: 'Sees plan, usage and invoices.', roles: ['billing'] },
  'billing:manage': { description: 'Changes plan and payment.', roles: ['billing'] },
} as const satisfies Readonly<Record<string, PermissionEntry>>;

export type OwnPermission = keyof typeof ownPermissions;

/** Whether a permission of Bulkhead's own is one for which a session shows the second factor anew. */
export function isDangerous(permission: string): boolean {
  const entries: Readonly<Record<string, PermissionEntry>> = ownPermissions;
  return Object.hasOwn(entries, permission) && entries[permission]?.dangerous === true;
}
