/** The tree of the tenant: workspaces, projects, and what the app puts below them. */
import { z } from 'zod';
import { databaseFunction } from './call-function.ts';
import { accessOperation } from './define.ts';
import { pageInput, pageOf, readCursor, toPage } from './page.ts';
import { idSchema, kindSchema, type Node, nameSchema, nodeSchema } from './schemas.ts';

const create = databaseFunction('node_create', 'uuid', 'uuid', 'text', 'text');
const rename = databaseFunction('node_rename', 'uuid', 'text');
const move = databaseFunction('node_move', 'uuid', 'uuid');
const remove = databaseFunction('node_delete', 'uuid');
const list = databaseFunction('node_list', 'uuid', 'text', 'uuid', 'integer');
const get = databaseFunction('node_get', 'uuid');

const parent = idSchema.optional().describe('The node above; the tenant itself unless given.');

export const nodeOperations = {
  list: accessOperation({
    name: 'node.list',
    kind: 'read',
    permission: 'node:read',
    node: 'target',
    summary: 'Lists what stands right below a node.',
    input: z.strictObject({ ...pageInput, parent, kind: kindSchema.optional() }),
    output: pageOf(nodeSchema),
    errors: [],
    async run(ports, { limit, after, parent: below = null, kind = null }) {
      const rows = await list(ports, below, kind, ...readCursor(after, 1, 'id'), limit + 1);
      return toPage<Node>(rows, limit, ({ id }) => [id]);
    },
  }),
  get: accessOperation({
    name: 'node.get',
    kind: 'read',
    permission: 'node:read',
    node: 'target',
    summary: 'Shows one node.',
    input: z.strictObject({ id: idSchema }),
    output: nodeSchema,
    errors: [],
    run: (ports, { id }) => get(ports, id),
  }),
  create: accessOperation({
    name: 'node.create',
    kind: 'change',
    permission: 'node:manage',
    node: 'target',
    summary:
      'Puts a node into the tree. Whoever holds the app’s own permission to create its kind, such as `document:create`, may too.',
    input: z.strictObject({
      id: idSchema
        .optional()
        .describe('That of the app’s own row; a random one unless given. Never used twice.'),
      parent,
      kind: kindSchema,
      name: nameSchema,
    }),
    output: nodeSchema,
    event: 'node.created',
    errors: ['access.node_exists', 'access.node_kind_invalid'],
    run: (ports, { id = null, parent: below = null, kind, name }) =>
      create(ports, id, below, kind, name),
  }),
  rename: accessOperation({
    name: 'node.rename',
    kind: 'change',
    permission: 'node:manage',
    node: 'target',
    summary: 'Renames a node.',
    input: z.strictObject({ id: idSchema, name: nameSchema }),
    output: nodeSchema,
    event: 'node.renamed',
    errors: [],
    run: (ports, { id, name }) => rename(ports, id, name),
  }),
  move: accessOperation({
    name: 'node.move',
    kind: 'change',
    permission: 'node:manage',
    node: 'target',
    summary: 'Moves a node with all that is below it. Needs the permission at both places.',
    input: z.strictObject({ id: idSchema, parent }),
    output: nodeSchema,
    event: 'node.moved',
    errors: ['access.exceeds_own', 'access.node_kind_invalid'],
    run: (ports, { id, parent: below = null }) => move(ports, id, below),
  }),
  delete: accessOperation({
    name: 'node.delete',
    kind: 'change',
    permission: 'node:manage',
    node: 'target',
    summary:
      'Deletes a node with all that is below it and all grants there. Whoever holds the app’s own permission to delete its kind may too.',
    input: z.strictObject({ id: idSchema }),
    output: z.strictObject({ nodes: z.int(), grants: z.int() }),
    event: 'node.deleted',
    errors: ['access.node_kind_invalid'],
    run: (ports, { id }) => remove(ports, id),
  }),
};
