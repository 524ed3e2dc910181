/**
 * Who may do what, as plainly as it can be said: the rule that the database is held to. It knows nothing of guards:
 * it is told what was done, and says what everybody then holds.
 */
import { catalogueOf } from '../../packages/bulkhead/src/access/permissions/publish.ts';
import { permissions } from './access-app.ts';

const builtIn = new Map(
  catalogueOf({
    permissions,
    kinds: ['board', 'card'],
    maxAgeMs: 1_000,
    cacheBytes: 1_000_000,
  }).roles.map((role) => [role.key as string, new Set(role.permissions)]),
);

export interface ModelGrant {
  readonly holder: { readonly type: 'user' | 'group'; readonly id: string };
  readonly role: string;
  readonly node: string;
}

export class AccessModel {
  readonly members = new Map<string, 'active' | 'suspended'>();
  readonly parents = new Map<string, string | null>();
  readonly roles = new Map<string, { permissions: Set<string>; inherits: Set<string> }>();
  readonly groups = new Map<string, Set<string>>();
  readonly grants = new Map<string, ModelGrant>();

  /** All that a role holds. */
  holdings(role: string, seen = new Set<string>()): Set<string> {
    if (seen.has(role)) return new Set();
    seen.add(role);
    const own = this.roles.get(role);
    const held = new Set(own?.permissions ?? builtIn.get(role));
    for (const other of own?.inherits ?? []) {
      for (const permission of this.holdings(other, seen)) held.add(permission);
    }
    return held;
  }

  /** The node and all above it. */
  path(node: string): string[] {
    const parent = this.parents.get(node);
    return parent === undefined ? [] : parent === null ? [node] : [node, ...this.path(parent)];
  }

  below(node: string): string[] {
    return [...this.parents.keys()].filter((other) => this.path(other).includes(node));
  }

  /** What a person holds on a node. */
  held(user: string, node: string): Set<string> {
    const held = new Set<string>();
    if (this.members.get(user) !== 'active') return held;
    const path = this.path(node);
    for (const { holder, role, node: on } of this.grants.values()) {
      const theirs =
        holder.type === 'user' ? holder.id === user : this.groups.get(holder.id)?.has(user);
      if (theirs !== true || !path.includes(on)) continue;
      for (const permission of this.holdings(role)) held.add(permission);
    }
    return held;
  }

  /** All that everybody holds, as `user permission node`. */
  everything(): Set<string> {
    const all = new Set<string>();
    for (const user of this.members.keys()) {
      for (const node of this.parents.keys()) {
        for (const permission of this.held(user, node)) all.add(`${user} ${permission} ${node}`);
      }
    }
    return all;
  }

  /** Whether a role is the owner's, or inherits it. */
  owns(role: string): boolean {
    if (role === 'owner') return true;
    return [...(this.roles.get(role)?.inherits ?? [])].some((other) => this.owns(other));
  }

  owners(root: string): string[] {
    return [...this.members.keys()].filter(
      (user) =>
        this.members.get(user) === 'active' &&
        [...this.grants.values()].some(
          ({ holder, role, node }) =>
            this.owns(role) &&
            node === root &&
            (holder.type === 'user' ? holder.id === user : this.groups.get(holder.id)?.has(user)),
        ),
    );
  }

  dropGrants(which: (grant: ModelGrant) => boolean): void {
    for (const [id, grant] of this.grants) if (which(grant)) this.grants.delete(id);
  }
}
