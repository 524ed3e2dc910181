/**
 * What `bulkhead.access_snapshot` answers, and the permits made of it.
 *
 * Promises: whatever the answer names that this process does not know (a node, a permission) gives nothing.
 */
import type { ActorFacts, HeldGrant, HeldLimits } from './actor-permits.ts';
import { MaskTable } from './mask-table.ts';
import { NodeTree, ROOT } from './node-tree.ts';
import { PermissionIndex, type PermissionMask } from './permission-index.ts';

/** As the database function writes it; epochs are bigints below 2^53. */
export interface SnapshotAnswer {
  readonly epoch: number;
  readonly tree: number;
  readonly catalogue: number;
  /** Every permission of the tenant: the system and its operators. */
  readonly everything: boolean;
  /** Until nothing holds any more; null without an end. */
  readonly endsInMs: number | null;
  /** Names, each with whether it is dangerous; null when the asker's catalogue is this one. */
  readonly permissions: readonly (readonly [string, boolean])[] | null;
  /** Each role's permissions, inherited ones included. */
  readonly roles: readonly (readonly string[])[];
  /** Node, number of the role in `roles`, milliseconds until its end. */
  readonly grants: readonly (readonly [string, number, number | null])[];
  readonly limit: {
    readonly permissions: readonly string[] | null;
    readonly nodes: readonly string[] | null;
  } | null;
  /** The whole tree, parents first, as node and parent; null when the asker has it or it is too big. */
  readonly nodes: readonly (readonly [string, string])[] | null;
  /** Of a tree too big to send: the paths of the nodes that matter here, from below the root down. */
  readonly paths: readonly (readonly string[])[] | null;
}

/** What the process has already and need not be sent. */
export interface KnownParts {
  readonly masks: MaskTable | undefined;
  readonly tree: NodeTree | undefined;
}

/**
 * @param askedAtMs when the question was sent: ends are counted from there, so that they come early rather
 * than late.
 */
export function readAnswer(
  tenant: string,
  answer: SnapshotAnswer,
  known: KnownParts,
  askedAtMs: number,
): ActorFacts {
  const masks =
    answer.permissions === null
      ? known.masks
      : new MaskTable(new PermissionIndex(answer.catalogue, answer.permissions));
  if (masks === undefined) throw new Error('the database answered without its permissions');
  const { index } = masks;
  const tree = treeOf(tenant, answer, known.tree);
  const end = (inMs: number | null) =>
    inMs === null ? Number.POSITIVE_INFINITY : askedAtMs + inMs;
  const roles = answer.roles.map((names) => index.maskOf(names));
  return {
    masks,
    tree,
    grants: answer.everything
      ? [{ place: ROOT, mask: index.everything(), endsAtMs: Number.POSITIVE_INFINITY }]
      : answer.grants.flatMap(([id, role, inMs]) => held(tree.own(id), roles[role], end(inMs))),
    limits: limitsOf(answer, index, tree),
    endsAtMs: end(answer.endsInMs),
  };
}

function held(
  place: number | undefined,
  mask: PermissionMask | undefined,
  endsAtMs: number,
): HeldGrant[] {
  return place === undefined || mask === undefined ? [] : [{ place, mask, endsAtMs }];
}

function treeOf(tenant: string, answer: SnapshotAnswer, known: NodeTree | undefined): NodeTree {
  const tree = known?.epoch === answer.tree ? known : new NodeTree(answer.tree, tenant);
  for (const [id, parent] of answer.nodes ?? []) tree.add(id, parent);
  for (const path of answer.paths ?? []) tree.addPath(tenant, path);
  return tree;
}

function limitsOf(
  { limit }: SnapshotAnswer,
  index: PermissionIndex,
  tree: NodeTree,
): HeldLimits | undefined {
  if (limit === null) return undefined;
  return {
    mask: limit.permissions === null ? undefined : index.maskOf(limit.permissions),
    places:
      limit.nodes === null ? undefined : new Set(limit.nodes.flatMap((id) => tree.own(id) ?? [])),
  };
}
