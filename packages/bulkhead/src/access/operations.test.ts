/** Every operation, as everybody, in one's own tenant and with another's things; `operations.expected.ts` says what must come. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { ACME, type AccessApp, BORA, createAccessApp, roles, SYSTEM, user } from '#test/access-app';
import type { Actor } from '../isolation/index.ts';
import { accessOperations } from './operations.ts';
import { everybody, expected } from './testdata/operations.expected.ts';

/** Things of one tenant that operations are about, made afresh for each call. */
interface Things {
  readonly member: { type: 'user'; id: string };
  readonly suspended: { type: 'user'; id: string };
  readonly node: string;
  readonly other: string;
  readonly role: string;
  readonly group: string;
  readonly grant: string;
}

async function makeThings(app: AccessApp, tenant = ACME): Promise<Things> {
  const { access } = app;
  const name = randomUUID();
  return app.as(
    SYSTEM,
    async () => {
      const member = { type: 'user', id: `m-${name}` } as const;
      const suspended = { type: 'user', id: `s-${name}` } as const;
      await access.members.add({ ...member, name });
      await access.members.add({ ...suspended, name });
      await access.members.suspend(suspended);
      const node = await access.nodes.create({ kind: 'workspace', name });
      const project = await access.nodes.create({ kind: 'project', name, parent: node.id });
      const role = `r${name.slice(0, 8)}`;
      await access.roles.create({ key: role, name, permissions: ['invoice:read'] });
      const group = await access.groups.create({ name });
      await access.groups.addMembers({ id: group.id, members: [member] });
      const grant = await access.grants.create({
        holder: { type: 'group', id: group.id },
        role: 'viewer',
        node: project.id,
      });
      return {
        member,
        suspended,
        node: node.id,
        other: project.id,
        role,
        group: group.id,
        grant: grant.id,
      };
    },
    tenant,
  );
}

const nothing: Things = {
  member: { type: 'user', id: 'never-there' },
  suspended: { type: 'user', id: 'never-there' },
  node: randomUUID(),
  other: randomUUID(),
  role: 'never_there',
  group: randomUUID(),
  grant: randomUUID(),
};

const soon = () => new Date(Date.now() + 3_600_000).toISOString();

const inputs: Readonly<Record<string, (t: Things) => unknown>> = {
  'member.list': () => ({}),
  'member.get': ({ member }) => member,
  'member.add': () => ({ type: 'user', id: randomUUID(), name: 'New' }),
  'member.rename': ({ member }) => ({ ...member, name: 'Other' }),
  'member.suspend': ({ member }) => member,
  'member.restore': ({ suspended }) => suspended,
  'member.remove': ({ member }) => member,
  'member.leave': () => ({}),
  'ownership.transfer': ({ member }) => ({ to: member.id }),
  'node.list': ({ node }) => ({ parent: node }),
  'node.get': ({ node }) => ({ id: node }),
  'node.create': ({ node }) => ({ parent: node, kind: 'board', name: 'Board' }),
  'node.rename': ({ node }) => ({ id: node, name: 'Other' }),
  'node.move': ({ other }) => ({ id: other }),
  'node.delete': ({ node }) => ({ id: node }),
  'role.list': () => ({}),
  'role.get': ({ role }) => ({ key: role }),
  'permission.list': () => ({}),
  'role.create': () => ({
    key: `n${randomUUID().slice(0, 8)}`,
    name: 'New',
    permissions: ['invoice:write'],
  }),
  'role.update': ({ role }) => ({ key: role, permissions: ['invoice:write'] }),
  'role.delete': ({ role }) => ({ key: role }),
  'group.list': () => ({}),
  'group.get': ({ group }) => ({ id: group }),
  'group.members': ({ group }) => ({ id: group }),
  'group.create': () => ({ name: randomUUID() }),
  'group.rename': ({ group }) => ({ id: group, name: randomUUID() }),
  'group.delete': ({ group }) => ({ id: group }),
  'group.add_members': ({ group, suspended }) => ({ id: group, members: [suspended] }),
  'group.remove_members': ({ group, member }) => ({ id: group, members: [member] }),
  'grant.list': ({ node }) => ({ node }),
  'grant.get': ({ grant }) => ({ id: grant }),
  'grant.create': ({ member, node }) => ({ holder: member, role: 'member', node }),
  'grant.revoke': ({ grant }) => ({ id: grant }),
  'grant.change_end': ({ grant }) => ({ id: grant, expiresAt: soon() }),
  'access.check': ({ node, member }) => ({
    checks: [{ permission: 'invoice:read', node }],
    actor: member,
  }),
  'access.explain': ({ node, member }) => ({ permission: 'invoice:read', node, actor: member }),
  'access.permitted': ({ node, member }) => ({
    permission: 'invoice:read',
    node,
    actorType: member.type,
    actorId: member.id,
  }),
  'access.matrix': ({ node }) => ({ node, permissions: ['invoice:read'] }),
};

/** Makes somebody in Acme who stands for a column of the table. */
async function makeActor(app: AccessApp, column: string): Promise<Actor> {
  const id = `${column}-${randomUUID()}`;
  switch (column) {
    case 'system':
    case 'operator':
      return { type: column, id };
    case 'stranger':
      return user(id);
    case 'key':
      // For an admin, and limited to what no operation needs.
      await app.join(`admin-${id}`, 'admin');
      await app.admin.query(
        `select bulkhead.access_delegate($1, $2, $3, 'user', $4, '{invoice:read}', null, null)`,
        [ACME, `user:admin-${id}`, id, `admin-${id}`],
      );
      return { type: 'api_key', id };
    case 'suspended':
      await app.join(id, 'admin');
      await app.as(SYSTEM, () => app.access.members.suspend({ type: 'user', id }));
      return user(id);
    case 'nobody':
      await app.join(id);
      return user(id);
    default:
      await app.join(id, column);
      return user(id);
  }
}

const run = (app: AccessApp, name: string, input: unknown) => {
  const operation = accessOperations.find((candidate) => candidate.name === name);
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation.run({ query: (text, values) => app.pool.query(text, values) }, input);
};

/** `yes` or the code it was refused with. */
const answerOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'yes',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );

it('has a line for every operation, and an input to try it with', () => {
  const names = accessOperations.map(({ name }) => name).sort();
  expect(Object.keys(expected).sort()).toEqual(names);
  expect(Object.keys(inputs).sort()).toEqual(names);
  expect(new Set(names).size).toBe(names.length);
});

it('has a line for every permission that an operation asks for, and a change is an event', () => {
  for (const { name, kind, event, permission, node, errors } of accessOperations) {
    expect(event === undefined, name).toBe(kind === 'read');
    expect(
      errors.every((code) => code.startsWith('access.')),
      name,
    ).toBe(true);
    if (permission === null) expect(node).toBe('root');
  }
});

it('everybody may do in their tenant what the table says, and nothing else', async () => {
  const app = await createAccessApp();
  // So that no fresh owner is ever the last.
  await app.join('keeper', 'owner');
  const columns = everybody.split(' ');
  const actors = new Map<string, Actor>();
  expect(columns).toEqual(expect.arrayContaining([...roles]));
  const wrong: string[] = [];
  for (const { name, kind } of accessOperations) {
    const yes = new Set(expected[name]?.yes.split(' '));
    let things = await makeThings(app);
    for (const column of columns) {
      const actor = actors.get(column) ?? (await makeActor(app, column));
      actors.set(column, actor);
      const answer = await answerOf(app.as(actor, () => run(app, name, inputs[name]?.(things))));
      const wanted = yes.has(column)
        ? 'yes'
        : name === 'member.leave' && column === 'stranger'
          ? 'access.member_absent'
          : 'access.denied';
      if (answer !== wanted) wrong.push(`${name} as ${column}: ${answer}, not ${wanted}`);
      // Whatever was refused has changed nothing, and serves the next one.
      if (answer !== 'yes' || kind === 'read') continue;
      things = await makeThings(app);
      if (name === 'member.leave' || name === 'ownership.transfer') actors.delete(column);
    }
  }
  expect(wrong).toEqual([]);
}, 120_000);

it("nobody may do anything in another tenant, and its things look as if they weren't there", async () => {
  const app = await createAccessApp();
  await app.join('owner', 'owner');
  await app.join('keeper', 'owner', BORA);
  const wrong: string[] = [];
  for (const { name } of accessOperations) {
    const theirs = await makeThings(app, BORA);
    const line = expected[name];
    // The owner of one tenant, in a context of the other: a stranger there.
    const inside = await answerOf(
      app.as('owner', () => run(app, name, inputs[name]?.(theirs)), BORA),
    );
    const wanted =
      name === 'permission.list'
        ? 'yes'
        : name === 'member.leave'
          ? 'access.member_absent'
          : 'access.denied';
    if (inside !== wanted) wrong.push(`${name} inside: ${inside}`);
    if (line?.foreign === undefined) continue;
    for (const [what, things] of [
      ['foreign', theirs],
      ['absent', nothing],
    ] as const) {
      const answer = await answerOf(app.as('owner', () => run(app, name, inputs[name]?.(things))));
      if (answer !== line.foreign) wrong.push(`${name} with ${what} things: ${answer}`);
    }
  }
  expect(wrong).toEqual([]);
}, 60_000);
