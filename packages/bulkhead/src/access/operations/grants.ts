/** Roles given to members and groups, each on a node, for ever or until a moment. */
import { z } from 'zod';
import { momentSchema } from '../../kernel/moment.ts';
import { databaseFunction } from './call-function.ts';
import { accessOperation } from './define.ts';
import { pageInput, pageOf, readCursor, toPage } from './page.ts';
import {
  type Grant,
  grantSchema,
  holderNameSchema,
  holderSchema,
  idSchema,
  nothingSchema,
  roleKeySchema,
} from './schemas.ts';

const create = databaseFunction('grant_create', 'text', 'text', 'text', 'uuid', 'timestamptz');
const revoke = databaseFunction('grant_revoke', 'uuid');
const changeEnd = databaseFunction('grant_change_end', 'uuid', 'timestamptz');
const list = databaseFunction('grant_list', 'uuid', 'text[]', 'text', 'uuid', 'integer');
const get = databaseFunction('grant_get', 'uuid');

/** As many as a page shows. */
const HOLDERS_MAX = 200;

const node = idSchema.optional().describe('Where; on the tenant itself unless given.');

export const grantOperations = {
  list: accessOperation({
    name: 'grant.list',
    kind: 'read',
    permission: 'grant:read',
    node: 'target',
    summary: 'Lists what was granted: on one node, to some holders, of one role, or all of it.',
    input: z.strictObject({
      ...pageInput,
      node: idSchema.optional().describe('Only what was granted on this very node.'),
      holders: z
        .array(holderNameSchema)
        .max(HOLDERS_MAX)
        .optional()
        .describe('Only what they hold.'),
      role: roleKeySchema.optional(),
    }),
    output: pageOf(grantSchema),
    errors: [],
    async run(ports, { limit, after, node: place = null, holders = null, role = null }) {
      const [last = null] = readCursor(after, 1, 'id');
      const rows = await list(ports, place, holders, role, last, limit + 1);
      return toPage<Grant>(rows, limit, (grant) => [grant.id]);
    },
  }),
  get: accessOperation({
    name: 'grant.get',
    kind: 'read',
    permission: 'grant:read',
    node: 'target',
    summary: 'Shows one grant.',
    input: z.strictObject({ id: idSchema }),
    output: grantSchema,
    errors: ['access.grant_absent'],
    run: (ports, { id }) => get(ports, id),
  }),
  create: accessOperation({
    name: 'grant.create',
    kind: 'change',
    permission: 'grant:manage',
    node: 'target',
    summary: 'Gives a role on a node and all below it; never more than its giver holds there.',
    input: z.strictObject({
      holder: holderSchema,
      role: roleKeySchema,
      node,
      expiresAt: momentSchema.optional().describe('From then on it gives nothing; RFC 3339.'),
    }),
    output: grantSchema,
    event: 'grant.created',
    errors: [
      'access.exceeds_own',
      'access.member_absent',
      'access.group_absent',
      'access.role_absent',
      'access.role_not_for_node',
      'access.grant_exists',
      'access.end_invalid',
    ],
    run: (ports, { holder, role, node: place = null, expiresAt = null }) =>
      create(ports, holder.type, holder.id, role, place, expiresAt),
  }),
  revoke: accessOperation({
    name: 'grant.revoke',
    kind: 'change',
    permission: 'grant:manage',
    node: 'target',
    summary: 'Takes a role away.',
    input: z.strictObject({ id: idSchema }),
    output: nothingSchema,
    event: 'grant.revoked',
    errors: ['access.grant_absent', 'access.owner_protected', 'access.last_owner'],
    run: (ports, { id }) => revoke(ports, id),
  }),
  changeEnd: accessOperation({
    name: 'grant.change_end',
    kind: 'change',
    permission: 'grant:manage',
    node: 'target',
    summary: 'Makes a grant end earlier, later or never.',
    input: z.strictObject({
      id: idSchema,
      expiresAt: momentSchema.nullable().describe('RFC 3339; null for no end.'),
    }),
    output: grantSchema,
    event: 'grant.end_changed',
    errors: [
      'access.grant_absent',
      'access.exceeds_own',
      'access.owner_protected',
      'access.last_owner',
      'access.end_invalid',
    ],
    run: (ports, { id, expiresAt }) => changeEnd(ports, id, expiresAt),
  }),
};
