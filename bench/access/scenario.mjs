/**
 * One tenant as every engine gets it: 40 permissions, 12 roles, 10,000 resources in 100 projects in 10 workspaces,
 * 1,000 users with three grants each, and the questions. The same for the same seed.
 */
export function createScenario({ users = 1_000, questions = 200_000, seed = 1 } = {}) {
  const random = mulberry32(seed);
  const below = (n) => Math.floor(random() * n);
  const pick = (list) => list[below(list.length)];
  const uuid = () => {
    const hex = Array.from({ length: 32 }, () => below(16).toString(16)).join('');
    const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
    // Joined strings are trees until somebody looks closely; everybody gets a flat one.
    return Buffer.from(id).toString('latin1');
  };
  const types = [
    'invoice',
    'order',
    'report',
    'contract',
    'ticket',
    'asset',
    'budget',
    'plan',
    'task',
    'file',
  ];
  const actions = ['read', 'write', 'share', 'void'];
  const permissions = JSON.parse(
    JSON.stringify(types.flatMap((type) => actions.map((action) => `${type}:${action}`))),
  );
  // As constants of the app's code: one string each.
  const named = new Map(
    types.map((type) => [
      type,
      Object.fromEntries(
        actions.map((action) => [
          action,
          permissions[types.indexOf(type) * actions.length + actions.indexOf(action)],
        ]),
      ),
    ]),
  );
  const roles = Array.from({ length: 12 }, (_, n) => ({
    key: `role_${n}`,
    permissions: permissions.filter(() => random() < 0.1 + n * 0.05),
  }));

  const tenant = uuid();
  const nodes = [{ id: tenant, parent: null, kind: 'tenant', path: [tenant] }];
  const add = (parent, kind) => {
    const id = uuid();
    const node = { id, parent: parent.id, kind, path: [...parent.path, id] };
    nodes.push(node);
    return node;
  };
  const workspaces = Array.from({ length: 10 }, () => add(nodes[0], 'workspace'));
  const projects = workspaces.flatMap((w) => Array.from({ length: 10 }, () => add(w, 'project')));
  const resources = projects.flatMap((p) =>
    Array.from({ length: 100 }, (_, n) => ({
      ...add(p, 'resource'),
      type: types[n % types.length],
    })),
  );
  const people = Array.from({ length: users }, (_, n) => {
    const grants = new Map();
    while (grants.size < 3) {
      const where = random();
      const node = where < 0.05 ? nodes[0] : pick(where < 0.45 ? workspaces : projects);
      const role = pick(roles);
      grants.set(`${role.key} ${node.id}`, { role, node: node.id });
    }
    return { id: `user-${n}`, grants: [...grants.values()] };
  });

  // As they come in a request: whole strings, and not the very ones that the engines hold.
  const received = new Map(resources.map(({ id }) => [id, JSON.parse(JSON.stringify(id))]));
  const byNode = new Map();
  for (const resource of resources) {
    for (const id of resource.path) byNode.set(id, [...(byNode.get(id) ?? []), resource]);
  }
  // Half of the questions are about what lies below something granted, or nearly all answers would be no.
  const asked = Array.from({ length: questions }, () => {
    const user = below(users);
    const near = random() < 0.5;
    const resource = near ? pick(byNode.get(pick(people[user].grants).node)) : pick(resources);
    const action = pick(actions);
    return {
      user,
      resource,
      action,
      type: resource.type,
      permission: named.get(resource.type)[action],
      node: received.get(resource.id),
    };
  });
  return { tenant, nodes, resources, roles, permissions, people, questions: asked };
}

/** The rule itself, in the plainest way. */
export function expected({ people }, { user, resource, permission }) {
  return people[user].grants.some(
    ({ role, node }) => resource.path.includes(node) && role.permissions.includes(permission),
  );
}

function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
