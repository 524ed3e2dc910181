/**
 * No history of grants, edited roles, groups, moves and removals gives anybody a permission that nobody allowed.
 *
 * After each step that the database let happen, everything that anybody holds and did not hold before must be
 * something that whoever made the step held there themself; and at the end the database answers for every person,
 * permission and node what the plain model answers.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AccessApp, createAccessApp, SYSTEM } from '#test/access-app';
import { AccessModel } from '#test/access-model';
import { isBulkheadError } from '../kernel/errors.ts';

const people = ['owner', 'lead', 'local', 'plain', 'idle'];
const roleKeys = ['lead', 'one', 'two', 'three'];
const watched = [
  'invoice:read',
  'invoice:write',
  'invoice:void',
  'role:manage',
  'grant:manage',
  'group:manage',
  'node:manage',
  'member:manage',
  'tenant:close',
];

/** One attempt: who, what, and numbers that pick out of what there is. */
interface Step {
  readonly actor: number;
  readonly verb: string;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly set: readonly string[];
}

const verbs = [
  'grant',
  'grant',
  'grant',
  'revoke',
  'role',
  'role',
  'unrole',
  'join',
  'join',
  'unjoin',
  'move',
  'move',
  'make',
  'delete',
  'suspend',
  'restore',
  'remove',
  'add',
  'transfer',
  'leave',
];

const step: fc.Arbitrary<Step> = fc.record({
  // Those who may do much are tried more often.
  actor: fc.constantFrom(0, 0, 1, 1, 1, 2, 2, 3, 4),
  verb: fc.constantFrom(...verbs),
  a: fc.nat(1_000),
  b: fc.nat(1_000),
  c: fc.nat(1_000),
  set: fc.subarray(watched, { maxLength: 3 }),
});

const person = (id: string) => ({ type: 'user', id }) as const;
const pick = <T>(from: Iterable<T>, n: number): T | undefined => {
  const list = [...from];
  return list[n % Math.max(list.length, 1)];
};

class History {
  readonly app: AccessApp;
  readonly tenant = randomUUID();
  readonly model = new AccessModel();
  done = 0;

  constructor(app: AccessApp) {
    this.app = app;
  }

  as<T>(actor: Parameters<AccessApp['as']>[0], fn: () => Promise<T>): Promise<T> {
    return this.app.as(actor, fn, this.tenant);
  }

  async begin(): Promise<void> {
    const { app, model, tenant } = this;
    const { access } = app;
    await app.admin.query(`insert into bulkhead.tenant (id, slug, name) values ($1, $2, 'T')`, [
      tenant,
      `t${tenant.slice(0, 8)}`,
    ]);
    model.parents.set(tenant, null);
    await this.as(SYSTEM, async () => {
      for (const id of people) {
        await access.members.add({ ...person(id), name: id });
        model.members.set(id, 'active');
      }
      for (const [key, held] of [
        [
          'lead',
          [
            'role:manage',
            'grant:manage',
            'group:manage',
            'node:manage',
            'member:manage',
            'invoice:read',
          ],
        ],
        ['one', ['invoice:read']],
        ['two', []],
      ] as const) {
        await access.roles.create({ key, name: key, permissions: [...held] });
        model.roles.set(key, { permissions: new Set(held), inherits: new Set() });
      }
      const spaces: string[] = [];
      for (let n = 0; n < 2; n += 1) spaces.push(await this.makeNode(tenant, 'workspace'));
      for (let n = 0; n < 3; n += 1) await this.makeNode(spaces[n % 2] ?? tenant, 'project');
      for (let n = 0; n < 2; n += 1)
        model.groups.set((await access.groups.create({ name: `g${n}` })).id, new Set());
      const [strong = ''] = model.groups.keys();
      await this.makeGrant({ type: 'user', id: 'owner' }, 'owner', tenant);
      await this.makeGrant({ type: 'user', id: 'lead' }, 'lead', tenant);
      await this.makeGrant({ type: 'user', id: 'local' }, 'admin', spaces[0] ?? tenant);
      await this.makeGrant({ type: 'user', id: 'plain' }, 'two', tenant);
      await this.makeGrant({ type: 'group', id: strong }, 'admin', spaces[1] ?? tenant);
    });
  }

  async makeNode(parent: string, kind: string): Promise<string> {
    const { id } = await this.app.access.nodes.create({ parent, kind, name: kind });
    this.model.parents.set(id, parent);
    return id;
  }

  async makeGrant(
    holder: { type: 'user' | 'group'; id: string },
    role: string,
    node: string,
  ): Promise<void> {
    const { id } = await this.app.access.grants.create({ holder, role, node });
    this.model.grants.set(id, { holder, role, node });
  }

  /** Tries a step; what the database does, the model does. */
  async take({ actor, verb, a, b, c, set }: Step): Promise<void> {
    const { model, tenant } = this;
    const by = people[actor] ?? 'owner';
    const before = model.everything();
    try {
      await this.as(by, () => this.#attempt(verb, by, a, b, c, set));
    } catch (error) {
      // Whatever is refused is refused for a reason with a code, and changes nothing.
      if (!isBulkheadError(error)) throw error;
      return;
    }
    this.done += 1;
    // Restoring gives back what others allowed; a new node holds what its parent holds.
    if (verb === 'restore' || verb === 'make') return;
    for (const gain of model.everything()) {
      if (before.has(gain)) continue;
      const [user, permission, node] = gain.split(' ');
      expect(before, `${by} ${verb}: ${user} got ${permission}`).toContain(
        `${by} ${permission} ${node}`,
      );
    }
    expect(model.owners(tenant), `${by} ${verb}`).not.toEqual([]);
  }

  async #attempt(
    verb: string,
    by: string,
    a: number,
    b: number,
    c: number,
    set: readonly string[],
  ): Promise<void> {
    const { model, tenant } = this;
    const { access } = this.app;
    const node = pick(model.parents.keys(), a) ?? tenant;
    const other = pick(model.parents.keys(), b) ?? tenant;
    const user = pick(people, b) ?? 'owner';
    const group = pick(model.groups.keys(), c) ?? '';
    switch (verb) {
      case 'grant': {
        const role = pick(['owner', 'admin', 'member', 'viewer', ...roleKeys], c) ?? 'viewer';
        const holder =
          b % 3 === 0 ? { type: 'group' as const, id: group } : { type: 'user' as const, id: user };
        return this.makeGrant(holder, role, node);
      }
      case 'revoke': {
        const id = pick(model.grants.keys(), a);
        if (id === undefined) return;
        await access.grants.revoke({ id });
        model.grants.delete(id);
        return;
      }
      case 'role': {
        const key = pick(roleKeys, a) ?? 'one';
        const inherits =
          b % 2 === 0 ? [] : [pick([...roleKeys, 'member', 'admin', 'owner'], c) ?? 'one'];
        const parts = { permissions: [...set], inherits };
        if (model.roles.has(key)) await access.roles.update({ key, ...parts });
        else await access.roles.create({ key, name: key, ...parts });
        model.roles.set(key, { permissions: new Set(set), inherits: new Set(inherits) });
        return;
      }
      case 'unrole': {
        const key = pick(roleKeys, a) ?? 'one';
        await access.roles.delete({ key });
        model.roles.delete(key);
        return;
      }
      case 'join':
        await access.groups.addMembers({ id: group, members: [person(user)] });
        model.groups.get(group)?.add(user);
        return;
      case 'unjoin':
        await access.groups.removeMembers({ id: group, members: [person(user)] });
        model.groups.get(group)?.delete(user);
        return;
      case 'move':
        await access.nodes.move({ id: node, parent: other });
        model.parents.set(node, other);
        return;
      case 'make':
        await this.makeNode(node, pick(['workspace', 'project', 'board'], c) ?? 'project');
        return;
      case 'delete': {
        await access.nodes.delete({ id: node });
        const gone = new Set(model.below(node));
        model.dropGrants((grant) => gone.has(grant.node));
        for (const id of gone) model.parents.delete(id);
        return;
      }
      case 'suspend':
        await access.members.suspend(person(user));
        model.members.set(user, 'suspended');
        return;
      case 'restore':
        await access.members.restore(person(user));
        model.members.set(user, 'active');
        return;
      case 'remove':
        await access.members.remove(person(user));
        return this.#forget(user);
      case 'leave':
        await access.members.leave();
        return this.#forget(by);
      case 'add':
        await access.members.add({ ...person(user), name: user });
        model.members.set(user, 'active');
        return;
      case 'transfer': {
        await access.members.transferOwnership({ to: user });
        const { items } = await this.as(SYSTEM, () =>
          access.grants.list({ limit: 200, node: tenant }),
        );
        model.dropGrants((grant) => grant.node === tenant);
        for (const { id, holder, role, node: on } of items) {
          // Service accounts take no part here.
          model.grants.set(id, {
            holder: holder as { type: 'user' | 'group'; id: string },
            role,
            node: on,
          });
        }
        return;
      }
      default:
        throw new Error(`no such step: ${verb}`);
    }
  }

  #forget(user: string): void {
    this.model.members.delete(user);
    this.model.dropGrants(({ holder }) => holder.type === 'user' && holder.id === user);
    for (const members of this.model.groups.values()) members.delete(user);
  }

  /** What the database says of every person, permission and node. */
  async answers(): Promise<Set<string>> {
    const { rows } = await this.app.admin.query(
      `select u || ' ' || p || ' ' || n as held from unnest($2::text[]) u, unnest($3::text[]) p, unnest($4::uuid[]) n
        where bulkhead.access_permits($1, 'user', u, p, n)`,
      [this.tenant, people, watched, [...this.model.parents.keys()]],
    );
    return new Set(rows.map(({ held }) => held));
  }
}

/** Runs random histories; says how it went and how much of what was tried the database let happen. */
async function runHistories(app: AccessApp, options: fc.Parameters<[Step[]]>) {
  let done = 0;
  let tried = 0;
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 25, maxLength: 45 }),
    async (steps) => {
      const history = new History(app);
      await history.begin();
      for (const each of steps) await history.take(each);
      done += history.done;
      tried += steps.length;
      const wanted = [...history.model.everything()].filter((line) =>
        watched.some((permission) => line.includes(` ${permission} `)),
      );
      expect([...(await history.answers())].sort()).toEqual(wanted.sort());
    },
  );
  const details = await fc.check(property, {
    endOnFailure: true,
    interruptAfterTimeLimit: 80_000,
    markInterruptAsFailure: false,
    ...options,
  });
  return { details, share: done / tried };
}

it('gives nobody what nobody allowed, and answers as the model does', async () => {
  const { details, share } = await runHistories(await createAccessApp(), { numRuns: 15 });
  expect(details.failed, fc.defaultReportMessage(details)).toBe(false);
  // A run in which almost everything is refused would show nothing.
  expect(share).toBeGreaterThan(1 / 8);
}, 120_000);

it.each([
  [
    'that nobody hands on what they lack',
    'access_guard_handing_on(tenant uuid, handed text[], place uuid, until timestamptz)',
    /got [a-z]+:[a-z]+: expected Set/,
  ],
  [
    'of the last owner',
    'access_keep_owner(tenant uuid, had_owner boolean)',
    /expected \[\] to not/,
  ],
])(
  'would notice if the guard %s were not there',
  async (_, signature) => {
    const app = await createAccessApp();
    await app.admin.query(
      `create or replace function bulkhead.${signature} returns void language plpgsql as 'begin end'`,
    );
    const { details } = await runHistories(app, { numRuns: 60, seed: 7 });
    expect(details.failed).toBe(true);
  },
  120_000,
);
