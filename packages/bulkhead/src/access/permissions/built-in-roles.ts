/** The roles that every tenant has. */

export const builtInRoles = {
  owner: {
    name: 'Owner',
    description: 'Everything, closing the tenant and making owners included.',
  },
  admin: {
    name: 'Admin',
    description: 'Everything but closing the tenant and making owners.',
  },
  member: {
    name: 'Member',
    description: 'Works in the tenant: what the app says members may.',
  },
  viewer: {
    name: 'Viewer',
    description: 'Reads what the app has, and sees who belongs to the tenant.',
  },
  auditor: {
    name: 'Auditor',
    description: 'Reads everything, the audit log and the security policies included.',
  },
  billing: {
    name: 'Billing',
    description: 'Sees and changes plan and payment.',
  },
} as const;

export type BuiltInRole = keyof typeof builtInRoles;

export const builtInRoleKeys = Object.keys(builtInRoles) as readonly BuiltInRole[];
