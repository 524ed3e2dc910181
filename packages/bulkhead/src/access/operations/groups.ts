/** Groups of members, to grant to many at once. */
import { z } from 'zod';
import { databaseFunction } from './call-function.ts';
import { accessOperation } from './define.ts';
import { pageInput, pageOf, readCursor, toPage } from './page.ts';
import {
  type Group,
  groupSchema,
  idSchema,
  type Member,
  memberRef,
  memberSchema,
  nameSchema,
  nothingSchema,
} from './schemas.ts';

const create = databaseFunction('group_create', 'text');
const rename = databaseFunction('group_rename', 'uuid', 'text');
const remove = databaseFunction('group_delete', 'uuid');
const addMembers = databaseFunction('group_add_members', 'uuid', 'text[]', 'text[]');
const removeMembers = databaseFunction('group_remove_members', 'uuid', 'text[]', 'text[]');
const list = databaseFunction('group_list', 'text', 'integer');
const get = databaseFunction('group_get', 'uuid');
const members = databaseFunction('group_members', 'uuid', 'text', 'text', 'integer');

const MEMBERS_MAX = 10_000;
const one = z.strictObject({ id: idSchema });
const many = z.strictObject({
  id: idSchema,
  members: z.array(z.strictObject(memberRef)).min(1).max(MEMBERS_MAX),
});

export const groupOperations = {
  list: accessOperation({
    name: 'group.list',
    kind: 'read',
    permission: 'group:read',
    summary: 'Lists the groups, by name.',
    input: z.strictObject(pageInput),
    output: pageOf(groupSchema),
    errors: [],
    async run(ports, { limit, after }) {
      const rows = await list(ports, ...readCursor(after, 1), limit + 1);
      return toPage<Group>(rows, limit, ({ name }) => [name]);
    },
  }),
  get: accessOperation({
    name: 'group.get',
    kind: 'read',
    permission: 'group:read',
    summary: 'Shows one group and how many are in it.',
    input: one,
    output: groupSchema.extend({ members: z.int() }),
    errors: ['access.group_absent'],
    run: (ports, { id }) => get(ports, id),
  }),
  members: accessOperation({
    name: 'group.members',
    kind: 'read',
    permission: 'group:read',
    summary: 'Lists who is in a group.',
    input: z.strictObject({ ...pageInput, id: idSchema }),
    output: pageOf(memberSchema),
    errors: ['access.group_absent'],
    async run(ports, { limit, after, id }) {
      const rows = await members(ports, id, ...readCursor(after, 2), limit + 1);
      return toPage<Member>(rows, limit, (member) => [member.type, member.id]);
    },
  }),
  create: accessOperation({
    name: 'group.create',
    kind: 'change',
    permission: 'group:manage',
    summary: 'Makes a group.',
    input: z.strictObject({ name: nameSchema }),
    output: groupSchema,
    event: 'group.created',
    errors: ['access.group_exists', 'access.limit_reached'],
    run: (ports, { name }) => create(ports, name),
  }),
  rename: accessOperation({
    name: 'group.rename',
    kind: 'change',
    permission: 'group:manage',
    summary: 'Renames a group.',
    input: z.strictObject({ id: idSchema, name: nameSchema }),
    output: groupSchema,
    event: 'group.renamed',
    errors: ['access.group_absent', 'access.group_exists'],
    run: (ports, { id, name }) => rename(ports, id, name),
  }),
  delete: accessOperation({
    name: 'group.delete',
    kind: 'change',
    permission: 'group:manage',
    summary: 'Deletes a group with all that was granted to it.',
    input: one,
    output: nothingSchema,
    event: 'group.deleted',
    errors: ['access.group_absent', 'access.owner_protected', 'access.last_owner'],
    run: (ports, { id }) => remove(ports, id),
  }),
  addMembers: accessOperation({
    name: 'group.add_members',
    kind: 'change',
    permission: 'group:manage',
    summary:
      'Puts members into a group, which needs all that the group was granted; 10,000 at most.',
    input: many,
    output: z.strictObject({ added: z.int() }),
    event: 'group.members_added',
    errors: ['access.group_absent', 'access.member_absent', 'access.exceeds_own'],
    run: (ports, { id, members: given }) =>
      addMembers(
        ports,
        id,
        given.map((member) => member.type),
        given.map((member) => member.id),
      ),
  }),
  removeMembers: accessOperation({
    name: 'group.remove_members',
    kind: 'change',
    permission: 'group:manage',
    summary: 'Takes members out of a group; 10,000 at most.',
    input: many,
    output: z.strictObject({ removed: z.int() }),
    event: 'group.members_removed',
    errors: ['access.group_absent', 'access.owner_protected', 'access.last_owner'],
    run: (ports, { id, members: given }) =>
      removeMembers(
        ports,
        id,
        given.map((member) => member.type),
        given.map((member) => member.id),
      ),
  }),
};
