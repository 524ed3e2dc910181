/** The process, the database and twenty lines of model give the same answer to every question. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AccessGround, createAccessGround, user } from '#test/access-ground';
import type { Actor } from '../../isolation/index.ts';

const PERMISSIONS = ['member:read', 'billing:read', 'node:manage', 'role:manage', 'tenant:close'];
const BUILT_IN = ['viewer', 'billing', 'admin'];
const USERS = ['u0', 'u1', 'u2'];

const tenantArbitrary = fc.record({
  seed: fc.uuid(),
  parents: fc.array(fc.nat(50), { maxLength: 8 }),
  roles: fc.array(
    fc.record({
      permissions: fc.uniqueArray(fc.constantFrom(...PERMISSIONS), { maxLength: 3 }),
      // Of built-in roles and of earlier ones of the tenant's own, so that no cycle comes about.
      inherits: fc.uniqueArray(fc.nat(20), { maxLength: 2 }),
    }),
    { maxLength: 4 },
  ),
  suspended: fc.uniqueArray(fc.nat(USERS.length - 1), { maxLength: 1 }),
  groups: fc.array(fc.uniqueArray(fc.nat(USERS.length - 1), { maxLength: 3 }), { maxLength: 2 }),
  grants: fc.uniqueArray(
    fc.record({
      holder: fc.nat(20),
      role: fc.nat(20),
      node: fc.nat(50),
      isOver: fc.boolean(),
    }),
    { maxLength: 6, selector: ({ holder, role, node }) => `${holder % 5} ${role % 7} ${node % 9}` },
  ),
  keys: fc.array(
    fc.record({
      holder: fc.nat(USERS.length - 1),
      permissions: fc.option(fc.uniqueArray(fc.constantFrom(...PERMISSIONS), { maxLength: 3 })),
      nodes: fc.option(fc.uniqueArray(fc.nat(50), { maxLength: 2 })),
      state: fc.constantFrom('good', 'good', 'good', 'over', 'revoked'),
    }),
    { maxLength: 2 },
  ),
  isShut: fc.constantFrom(false, false, false, false, true),
});

interface Tenant {
  readonly id: string;
  readonly nodes: readonly { id: string; parent: number }[];
  readonly roles: readonly {
    key: string;
    permissions: readonly string[];
    inherits: readonly string[];
  }[];
  readonly members: readonly { id: string; isActive: boolean }[];
  readonly groups: readonly { id: string; members: readonly string[] }[];
  readonly grants: readonly {
    type: string;
    holder: string;
    role: string;
    node: string;
    isOver: boolean;
  }[];
  readonly keys: readonly {
    id: string;
    holder: string;
    permissions: readonly string[] | null;
    nodes: readonly string[] | null;
    state: string;
  }[];
  readonly isShut: boolean;
}

type Drawn = typeof tenantArbitrary extends fc.Arbitrary<infer T> ? T : never;

function build(drawn: Drawn, run: number): Tenant {
  const uuid = (what: string) =>
    createHash('md5')
      .update(`${drawn.seed} ${run} ${what}`)
      .digest('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const id = uuid('tenant');
  const nodes = [
    { id, parent: -1 },
    ...drawn.parents.map((p, n) => ({ id: uuid(`node ${n}`), parent: p % (n + 1) })),
  ];
  const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
  const roles = drawn.roles.map(({ permissions, inherits }, n) => ({
    key: `own${n}`,
    permissions,
    inherits: [
      ...new Set(
        inherits.map((i) =>
          pick([...BUILT_IN, ...drawn.roles.slice(0, n).map((_, m) => `own${m}`)], i),
        ),
      ),
    ],
  }));
  const groups = drawn.groups.map((members, n) => ({
    id: uuid(`group ${n}`),
    members: members.map((m) => pick(USERS, m)),
  }));
  const holders = [
    ...USERS.map((holder) => ({ type: 'user', holder })),
    ...groups.map((group) => ({ type: 'group', holder: group.id })),
  ];
  const grants = new Map<string, Tenant['grants'][number]>();
  for (const { holder, role, node, isOver } of drawn.grants) {
    const grant = {
      ...pick(holders, holder),
      role: pick([...BUILT_IN, ...roles.map(({ key }) => key)], role),
      node: pick(nodes, node).id,
      isOver,
    };
    grants.set([grant.holder, grant.role, grant.node].join(), grant);
  }
  return {
    id,
    nodes,
    roles,
    groups,
    members: USERS.map((name, n) => ({ id: name, isActive: !drawn.suspended.includes(n) })),
    grants: [...grants.values()],
    keys: drawn.keys.map(({ holder, permissions, nodes: limited, state }, n) => ({
      id: uuid(`key ${n}`),
      holder: pick(USERS, holder),
      permissions,
      nodes: limited?.map((m) => pick(nodes, m).id) ?? null,
      state,
    })),
    isShut: drawn.isShut,
  };
}

async function store({ admin }: AccessGround, t: Tenant): Promise<void> {
  const insert = (table: string, columns: string, rows: readonly object[]) =>
    admin.query(
      `insert into bulkhead.${table} (${columns}) select ${columns} from json_populate_recordset(null::bulkhead.${table}, $1)`,
      [JSON.stringify(rows)],
    );
  const ancestors = (n: number): string[] => {
    const parent = t.nodes[n]?.parent ?? -1;
    return parent === -1 ? [] : [...ancestors(parent), t.nodes[parent]?.id ?? ''];
  };
  const tenant_id = t.id;
  const when = (isOver: boolean) => (isOver ? '2001-01-01' : null);
  await admin.query('select bulkhead.access_changed($1)', [t.id]);
  await insert(
    'node',
    'tenant_id, id, parent, kind, name, ancestors',
    t.nodes.map(({ id, parent }, n) => ({
      tenant_id,
      id,
      parent: t.nodes[parent]?.id ?? null,
      kind: n === 0 ? 'tenant' : 'project',
      name: 'n',
      ancestors: ancestors(n),
    })),
  );
  await insert(
    'membership',
    'tenant_id, type, id, name, status',
    t.members.map(({ id, isActive }) => ({
      tenant_id,
      type: 'user',
      id,
      name: id,
      status: isActive ? 'active' : 'suspended',
    })),
  );
  await insert(
    'role',
    'tenant_id, key, name',
    t.roles.map(({ key }) => ({ tenant_id, key, name: key })),
  );
  await insert(
    'role_permission',
    'tenant_id, role, permission',
    t.roles.flatMap(({ key, permissions }) =>
      permissions.map((permission) => ({ tenant_id, role: key, permission })),
    ),
  );
  await insert(
    'role_inherits',
    'tenant_id, role, inherits',
    t.roles.flatMap(({ key, inherits }) =>
      inherits.map((from) => ({ tenant_id, role: key, inherits: from })),
    ),
  );
  await insert(
    'actor_group',
    'tenant_id, id, name',
    t.groups.map(({ id }) => ({ tenant_id, id, name: id })),
  );
  await insert(
    'group_member',
    'tenant_id, group_id, type, id',
    t.groups.flatMap(({ id, members }) =>
      members.map((member) => ({ tenant_id, group_id: id, type: 'user', id: member })),
    ),
  );
  await insert(
    'access_grant',
    'tenant_id, holder_type, holder_id, role, node, granted_by, expires_at',
    t.grants.map(({ type, holder, role, node, isOver }, n) => ({
      tenant_id,
      holder_type: type,
      holder_id: holder,
      role,
      node,
      granted_by: 'system:test',
      // One that will end is as good as one without an end until then.
      expires_at: when(isOver) ?? (n % 2 === 0 ? null : '2199-01-01'),
    })),
  );
  await insert(
    'delegation',
    'tenant_id, actor_type, actor_id, holder_type, holder_id, permissions, nodes, expires_at, revoked_at',
    t.keys.map(({ id, holder, permissions, nodes, state }) => ({
      tenant_id,
      actor_type: 'api_key',
      actor_id: id,
      holder_type: 'user',
      holder_id: holder,
      permissions,
      nodes,
      expires_at: when(state === 'over'),
      revoked_at: when(state === 'revoked'),
    })),
  );
  if (t.isShut) await admin.query('select bulkhead.access_tenant_enabled($1, false)', [t.id]);
}

function modelPermits(
  t: Tenant,
  builtIn: ReadonlyMap<string, readonly string[]>,
  actor: Actor,
  permission: string,
  node: string,
): boolean {
  if (t.isShut) return false;
  if (actor.type === 'system') return true;
  const at = t.nodes.findIndex(({ id }) => id === node);
  const path: string[] = [];
  for (let n = at; n !== -1; n = t.nodes[n]?.parent ?? -1) path.push(t.nodes[n]?.id ?? '');
  const key = t.keys.find(({ id }) => id === actor.id);
  if (actor.type === 'api_key') {
    if (key?.state !== 'good') return false;
    if (key.permissions !== null && !key.permissions.includes(permission)) return false;
    if (key.nodes !== null && !key.nodes.some((id) => path.includes(id))) return false;
  }
  const holder = key?.holder ?? actor.id;
  if (t.members.find(({ id }) => id === holder)?.isActive !== true) return false;
  const gives = (role: string): boolean =>
    builtIn.get(role)?.includes(permission) ??
    t.roles.some(
      (r) => r.key === role && (r.permissions.includes(permission) || r.inherits.some(gives)),
    );
  return t.grants.some(
    (g) =>
      !g.isOver &&
      path.includes(g.node) &&
      (g.holder === holder ||
        t.groups.some((group) => group.id === g.holder && group.members.includes(holder))) &&
      gives(g.role),
  );
}

it('decides like bulkhead.permits, the matrix and a naive model, for everybody on every node', {
  timeout: 90_000,
}, async () => {
  const ground = await createAccessGround();
  const { as, authorizer, isolation } = ground.process();
  const lazy = ground.process({ nodesMax: 1 });
  const held = await ground.admin.query(
    'select role, array_agg(permission) as permissions from bulkhead.builtin_role_permission group by role',
  );
  const builtIn = new Map<string, string[]>(
    held.rows.map(({ role, permissions }) => [role, permissions]),
  );
  let run = 0;
  let granted = 0;
  await fc.assert(
    fc.asyncProperty(tenantArbitrary, async (drawn) => {
      run += 1;
      const tenant = build(drawn, run);
      await store(ground, tenant);
      const checks = tenant.nodes.flatMap(({ id }) =>
        PERMISSIONS.map((permission) => ({ permission, node: id })),
      );
      const actors: Actor[] = [
        ...USERS.map(user),
        ...tenant.keys.map(({ id }) => ({ type: 'api_key' as const, id })),
        { type: 'system', id: 'job' },
        user('nobody'),
      ];
      for (const actor of actors) {
        const expected = checks.map(({ permission, node }) =>
          modelPermits(tenant, builtIn, actor, permission, node),
        );
        granted += expected.filter(Boolean).length;
        await as(tenant.id, actor, async (context) => {
          await authorizer.preload(context);
          expect(checks.map(({ permission, node }) => authorizer.can(permission, node))).toEqual(
            expected,
          );
          expect(await authorizer.canAll(checks)).toEqual(expected);
        });
        expect(await lazy.as(tenant.id, actor, () => lazy.authorizer.canAll(checks))).toEqual(
          expected,
        );
        const { rows } = await ground.admin.query(
          `select array(select bulkhead.access_permits($1, $2, $3, c.permission, c.node)
                          from json_to_recordset($4) as c (permission text, node uuid)) as answers`,
          [tenant.id, actor.type, actor.id, JSON.stringify(checks)],
        );
        expect(rows[0].answers).toEqual(expected);
      }
      const all = tenant.nodes.map(({ id }) => id);
      const { rows } = await as(tenant.id, { type: 'operator', id: 'noor' }, () =>
        isolation.contextQuery(
          'select bulkhead.access_matrix(n.id, $2, null, null, null, 200) as shown from unnest($1::uuid[]) with ordinality as n (id, place) order by n.place',
          [all, PERMISSIONS],
        ),
      );
      expect(rows.map(({ shown }) => JSON.parse(String(shown)))).toEqual(
        all.map((node) =>
          USERS.map((id) => ({
            member: expect.objectContaining({ type: 'user', id }),
            holds: PERMISSIONS.filter((permission) =>
              modelPermits(tenant, builtIn, user(id), permission, node),
            ).sort(),
          })),
        ),
      );
    }),
    { numRuns: 25 },
  );
  // The question was not empty.
  expect(granted).toBeGreaterThan(50);
});
