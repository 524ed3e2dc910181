/** Who belongs to the tenant. People with accounts of Bulkhead's own join by invitation; see the identity room. */
import { z } from 'zod';
import { databaseFunction } from './call-function.ts';
import { accessOperation } from './define.ts';
import { pageInput, pageOf, readCursor, toPage } from './page.ts';
import {
  actorIdSchema,
  type Member,
  memberRef,
  memberSchema,
  nameSchema,
  nothingSchema,
} from './schemas.ts';

const add = databaseFunction('member_add', 'text', 'text', 'text', 'text');
const rename = databaseFunction('member_rename', 'text', 'text', 'text');
const suspend = databaseFunction('member_suspend', 'text', 'text');
const restore = databaseFunction('member_restore', 'text', 'text');
const remove = databaseFunction('member_remove', 'text', 'text');
const leave = databaseFunction('member_leave');
const list = databaseFunction('member_list', 'text', 'text', 'text', 'integer', 'text', 'text');
const get = databaseFunction('member_get', 'text', 'text');
const transfer = databaseFunction('ownership_transfer', 'text');

const one = z.strictObject(memberRef);

export const memberOperations = {
  list: accessOperation({
    name: 'member.list',
    kind: 'read',
    permission: 'member:read',
    summary: 'Lists who belongs to the tenant, by name.',
    input: z.strictObject({
      ...pageInput,
      status: z.enum(['active', 'suspended']).optional(),
      search: z.string().min(1).max(200).optional().describe('Part of a name or an address.'),
    }),
    output: pageOf(memberSchema),
    errors: [],
    async run(ports, { limit, after, status = null, search = null }) {
      const rows = await list(ports, ...readCursor(after, 3), limit + 1, status, search);
      return toPage<Member>(rows, limit, ({ name, type, id }) => [name, type, id]);
    },
  }),
  get: accessOperation({
    name: 'member.get',
    kind: 'read',
    permission: 'member:read',
    summary: 'Shows one member; everybody may look at themself.',
    input: one,
    output: memberSchema,
    errors: ['access.member_absent'],
    run: (ports, { type, id }) => get(ports, type, id),
  }),
  add: accessOperation({
    name: 'member.add',
    kind: 'change',
    permission: 'member:manage',
    summary: 'Makes somebody a member, who may do nothing until a role is granted.',
    input: z.strictObject({ ...memberRef, name: nameSchema, email: z.email().max(320).optional() }),
    output: memberSchema,
    event: 'member.added',
    errors: ['access.member_exists'],
    run: (ports, { type, id, name, email = null }) => add(ports, type, id, name, email),
  }),
  rename: accessOperation({
    name: 'member.rename',
    kind: 'change',
    permission: 'member:manage',
    summary: 'Changes what the tenant calls a member.',
    input: z.strictObject({ ...memberRef, name: nameSchema }),
    output: memberSchema,
    event: 'member.renamed',
    errors: ['access.member_absent'],
    run: (ports, { type, id, name }) => rename(ports, type, id, name),
  }),
  suspend: accessOperation({
    name: 'member.suspend',
    kind: 'change',
    permission: 'member:manage',
    summary: 'Shuts a member out, who keeps what was granted for when they are restored.',
    input: one,
    output: memberSchema,
    event: 'member.suspended',
    errors: ['access.member_absent', 'access.owner_protected', 'access.last_owner'],
    run: (ports, { type, id }) => suspend(ports, type, id),
  }),
  restore: accessOperation({
    name: 'member.restore',
    kind: 'change',
    permission: 'member:manage',
    summary: 'Lets a suspended member in again.',
    input: one,
    output: memberSchema,
    event: 'member.restored',
    errors: ['access.member_absent', 'access.owner_protected'],
    run: (ports, { type, id }) => restore(ports, type, id),
  }),
  remove: accessOperation({
    name: 'member.remove',
    kind: 'change',
    permission: 'member:manage',
    summary: 'Ends a membership with all its grants, groups and keys.',
    input: one,
    output: nothingSchema,
    event: 'member.removed',
    errors: ['access.member_absent', 'access.owner_protected', 'access.last_owner'],
    run: (ports, { type, id }) => remove(ports, type, id),
  }),
  leave: accessOperation({
    name: 'member.leave',
    kind: 'change',
    permission: null,
    summary: 'Ends one’s own membership.',
    input: z.strictObject({}),
    output: nothingSchema,
    event: 'member.left',
    errors: ['access.member_absent', 'access.last_owner'],
    run: (ports) => leave(ports),
  }),
  transferOwnership: accessOperation({
    name: 'ownership.transfer',
    kind: 'change',
    permission: 'grant:manage',
    summary: 'Hands one’s ownership to another member and stays as an admin.',
    input: z.strictObject({ to: actorIdSchema.describe('The user who becomes an owner.') }),
    output: nothingSchema,
    event: 'ownership.transferred',
    errors: ['access.member_absent'],
    run: (ports, { to }) => transfer(ports, to),
  }),
};
