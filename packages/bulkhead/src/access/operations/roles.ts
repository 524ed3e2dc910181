/** The tenant's own roles beside the built-in ones. */
import { z } from 'zod';
import { databaseFunction } from './call-function.ts';
import { accessOperation } from './define.ts';
import {
  kindSchema,
  nameSchema,
  nothingSchema,
  permissionSchema,
  roleKeySchema,
  roleSchema,
  wholeRoleSchema,
} from './schemas.ts';

const create = databaseFunction('role_create', 'text', 'text', 'text', 'text', 'text[]', 'text[]');
const update = databaseFunction('role_update', 'text', 'text', 'text', 'text[]', 'text[]');
const remove = databaseFunction('role_delete', 'text');
const list = databaseFunction('role_list');
const get = databaseFunction('role_get', 'text');
const catalogue = databaseFunction('access_catalogue');

const permissions = z.array(permissionSchema).max(1_000);
const inherits = z.array(roleKeySchema).max(64);
const description = z.string().max(1_000);

export const roleOperations = {
  list: accessOperation({
    name: 'role.list',
    kind: 'read',
    permission: 'role:read',
    summary: 'Lists the built-in roles and the tenant’s own.',
    input: z.strictObject({}),
    output: z.array(roleSchema),
    errors: [],
    run: (ports) => list(ports),
  }),
  get: accessOperation({
    name: 'role.get',
    kind: 'read',
    permission: 'role:read',
    summary: 'Shows one role with all that it holds.',
    input: z.strictObject({ key: roleKeySchema }),
    output: wholeRoleSchema,
    errors: ['access.role_absent'],
    run: (ports, { key }) => get(ports, key),
  }),
  permissions: accessOperation({
    name: 'permission.list',
    kind: 'read',
    permission: null,
    summary: 'Lists the permissions and the kinds of nodes there are; the same for every tenant.',
    input: z.strictObject({}),
    output: z.strictObject({
      permissions: z.array(
        z.strictObject({
          name: z.string(),
          bit: z.int(),
          description: z.string(),
          dangerous: z.boolean(),
        }),
      ),
      kinds: z.array(z.string()),
    }),
    errors: [],
    run: (ports) => catalogue(ports),
  }),
  create: accessOperation({
    name: 'role.create',
    kind: 'change',
    permission: 'role:manage',
    summary: 'Makes a role of what its maker holds on the tenant.',
    input: z.strictObject({
      key: roleKeySchema,
      name: nameSchema,
      description: description.default(''),
      kind: kindSchema.optional().describe('The only kind of node it can be granted on.'),
      permissions: permissions.default([]),
      inherits: inherits.default([]).describe('Roles, built-in or not, all of which it holds too.'),
    }),
    output: roleSchema,
    event: 'role.created',
    errors: [
      'access.exceeds_own',
      'access.role_exists',
      'access.role_absent',
      'access.role_cycle',
      'access.role_too_deep',
      'access.permission_unknown',
      'access.node_kind_invalid',
      'access.limit_reached',
    ],
    run: (
      ports,
      { key, name, description: about, kind = null, permissions: own, inherits: from },
    ) => create(ports, key, name, about, kind, own, from),
  }),
  update: accessOperation({
    name: 'role.update',
    kind: 'change',
    permission: 'role:manage',
    summary: 'Changes a role, and so what all who have it may do. What is left out stays.',
    input: z.strictObject({
      key: roleKeySchema,
      name: nameSchema.optional(),
      description: description.optional(),
      permissions: permissions.optional(),
      inherits: inherits.optional(),
    }),
    output: roleSchema,
    event: 'role.updated',
    errors: [
      'access.exceeds_own',
      'access.owner_protected',
      'access.last_owner',
      'access.role_absent',
      'access.role_builtin',
      'access.role_cycle',
      'access.role_too_deep',
      'access.permission_unknown',
    ],
    run: (
      ports,
      {
        key,
        name = null,
        description: about = null,
        permissions: own = null,
        inherits: from = null,
      },
    ) => update(ports, key, name, about, own, from),
  }),
  delete: accessOperation({
    name: 'role.delete',
    kind: 'change',
    permission: 'role:manage',
    summary: 'Deletes a role that nobody has.',
    input: z.strictObject({ key: roleKeySchema }),
    output: nothingSchema,
    event: 'role.deleted',
    errors: ['access.role_absent', 'access.role_builtin', 'access.role_in_use'],
    run: (ports, { key }) => remove(ports, key),
  }),
};
