/** Why somebody may or may not, and who may what on a node. */
import { z } from 'zod';
import { databaseFunction } from './call-function.ts';
import { accessOperation } from './define.ts';
import { pageInput, pageOf, readCursor, toPage } from './page.ts';
import { actorIdSchema, idSchema, kindSchema, memberSchema, permissionSchema } from './schemas.ts';

const check = databaseFunction('access_check', 'text[]', 'uuid[]', 'text', 'text');
const explain = databaseFunction('access_explain', 'text', 'uuid', 'text', 'text');
const permitted = databaseFunction(
  'access_permitted',
  'text',
  'text',
  'uuid',
  'text',
  'text',
  'uuid',
  'integer',
);
const matrix = databaseFunction(
  'access_matrix',
  'uuid',
  'text[]',
  'text',
  'text',
  'text',
  'integer',
);

const actor = z.strictObject({
  type: z.enum(['user', 'service_account', 'api_key', 'system', 'operator']),
  id: actorIdSchema,
});

const line = z.strictObject({
  grant: z.uuid(),
  role: z.string(),
  roles: z
    .array(z.string())
    .describe('From that role to the one that holds the permission itself.'),
  node: z.uuid(),
  nodeName: z.string().nullable(),
  group: z.strictObject({ id: z.string(), name: z.string() }).nullable(),
  source: z.string(),
  expiresAt: z.string().nullable(),
  grantedBy: z.string(),
  hindrance: z.enum(['expired', 'elsewhere', 'wrong_kind']).optional(),
});

export const explanationSchema = z.strictObject({
  permitted: z.boolean(),
  reason: z.enum([
    'granted',
    'everything',
    'no_membership',
    'suspended',
    'tenant_disabled',
    'key_absent',
    'key_revoked',
    'key_expired',
    'key_limited',
    'key_elsewhere',
    'node_absent',
    'expired',
    'elsewhere',
    'wrong_kind',
    'not_granted',
  ]),
  permission: z.string(),
  node: z.uuid(),
  actor,
  holder: actor.nullable().describe('For whom the actor acts; themself unless it is a key.'),
  grants: z.array(line).describe('Those that decide, the nearest first.'),
  near: z.array(line).describe('Those that would, and what is in the way.'),
  rolesWith: z.array(z.string()).describe('The roles of the tenant that hold the permission.'),
});
export type Explanation = z.output<typeof explanationSchema>;

const CHECKS_MAX = 1_000;

const permittedNode = z.strictObject({ id: z.uuid(), kind: z.string() });

const matrixRow = z.strictObject({ member: memberSchema, holds: z.array(z.string()) });

export const decisionOperations = {
  check: accessOperation({
    name: 'access.check',
    kind: 'read',
    permission: 'grant:read',
    node: 'target',
    summary:
      'Says of many things at once whether they are permitted. About oneself everybody may ask.',
    input: z.strictObject({
      checks: z
        .array(
          z.strictObject({
            permission: permissionSchema,
            node: idSchema.optional().describe('On the tenant itself unless given.'),
          }),
        )
        .min(1)
        .max(CHECKS_MAX),
      actor: actor.optional().describe('Who acts, unless given.'),
    }),
    output: z.strictObject({
      permitted: z.array(z.boolean()).describe('In the order of `checks`.'),
    }),
    errors: ['access.permission_unknown'],
    async run(ports, { checks, actor: who }) {
      const answers = await check(
        ports,
        checks.map(({ permission }) => permission),
        checks.map(({ node = null }) => node),
        who?.type ?? null,
        who?.id ?? null,
      );
      return { permitted: answers };
    },
  }),
  explain: accessOperation({
    name: 'access.explain',
    kind: 'read',
    permission: 'grant:read',
    node: 'target',
    summary: 'Says which grant decides, or why there is none. About oneself everybody may ask.',
    input: z.strictObject({
      permission: permissionSchema,
      node: idSchema.optional().describe('On the tenant itself unless given.'),
      actor: actor.optional().describe('Who acts, unless given.'),
    }),
    output: explanationSchema,
    errors: ['access.permission_unknown'],
    run: (ports, { permission, node = null, actor: who }) =>
      explain(ports, permission, node, who?.type ?? null, who?.id ?? null),
  }),
  permitted: accessOperation({
    name: 'access.permitted',
    kind: 'read',
    permission: 'grant:read',
    node: 'target',
    summary:
      'Lists the nodes on which somebody holds a permission, by a grant there or above. About oneself everybody may ask.',
    input: z
      .strictObject({
        ...pageInput,
        permission: permissionSchema,
        kind: kindSchema.optional().describe('Only nodes of this kind.'),
        node: idSchema.optional().describe('Only this one and what is below it.'),
        actorType: actor.shape.type.optional().describe('Who acts, unless given.'),
        actorId: actorIdSchema.optional(),
      })
      .refine(({ actorType, actorId }) => (actorType === undefined) === (actorId === undefined), {
        message: 'actorType and actorId are given both or not at all',
        path: ['actorId'],
      }),
    output: pageOf(permittedNode),
    errors: ['access.permission_unknown'],
    async run(ports, { limit, after, permission, kind, node, actorType, actorId }) {
      const rows = await permitted(
        ports,
        permission,
        kind ?? null,
        node ?? null,
        actorType ?? null,
        actorId ?? null,
        ...readCursor(after, 1, 'id'),
        limit + 1,
      );
      return toPage<z.output<typeof permittedNode>>(rows, limit, ({ id }) => [id]);
    },
  }),
  matrix: accessOperation({
    name: 'access.matrix',
    kind: 'read',
    permission: 'grant:read',
    node: 'target',
    summary: 'Shows what each member holds on a node.',
    input: z.strictObject({
      ...pageInput,
      node: idSchema.optional().describe('On the tenant itself unless given.'),
      permissions: z.array(permissionSchema).max(1_000).optional().describe('Only these.'),
    }),
    output: pageOf(matrixRow),
    errors: [],
    async run(ports, { limit, after, node = null, permissions = null }) {
      const rows = await matrix(ports, node, permissions, ...readCursor(after, 3), limit + 1);
      return toPage<z.output<typeof matrixRow>>(rows, limit, ({ member }) => [
        member.name,
        member.type,
        member.id,
      ]);
    },
  }),
};
