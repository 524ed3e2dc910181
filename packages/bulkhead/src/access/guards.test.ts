/** What the database refuses, whoever asks: losing the last owner, and handing on what one does not hold. */
import { describe, expect, it } from 'vitest';
import {
  ACME,
  type AccessApp,
  BORA,
  createAccessApp,
  createStaffedApp,
  SYSTEM,
} from '#test/access-app';

const person = (id: string) => ({ type: 'user', id }) as const;
const code = (expected: string) => expect.objectContaining({ code: expected });
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

/** The id of a person's grant on the tenant. */
async function grantOf(app: AccessApp, id: string): Promise<string> {
  const { items } = await app.as(SYSTEM, () => app.access.grants.list({ holders: [`user:${id}`] }));
  const [first] = items;
  if (first === undefined) throw new Error(`${id} has no grant`);
  return first.id;
}

/** What disabling an account says on all of its memberships. */
const shut = (app: AccessApp, id: string) =>
  app.admin.query(
    `set role bulkhead; select bulkhead.access_member_shut('user', '${id}', true); reset role`,
  );

async function owners(app: AccessApp, tenant = ACME): Promise<string[]> {
  const { rows } = await app.admin.query('select bulkhead.access_owners($1) as id', [tenant]);
  return rows.map(({ id }) => id).sort();
}

describe('the last active owner', () => {
  it.each<[string, (app: AccessApp) => Promise<unknown>]>([
    ['cannot leave', (app) => app.as('owner', () => app.access.members.leave())],
    [
      'cannot be suspended',
      (app) => app.as(SYSTEM, () => app.access.members.suspend(person('owner'))),
    ],
    [
      'cannot be removed',
      (app) => app.as(SYSTEM, () => app.access.members.remove(person('owner'))),
    ],
    [
      'cannot lose the grant',
      async (app) => {
        const id = await grantOf(app, 'owner');
        await app.as('owner', () => app.access.grants.revoke({ id }));
      },
    ],
    [
      'cannot let the grant end',
      async (app) => {
        const id = await grantOf(app, 'owner');
        await app.as('owner', () => app.access.grants.changeEnd({ id, expiresAt: inMs(60_000) }));
      },
    ],
  ])('%s', async (_, attempt) => {
    const app = await createStaffedApp();
    await expect(attempt(app)).rejects.toEqual(code('access.last_owner'));
    expect(await owners(app)).toEqual(['owner']);
  });

  it('may be a group’s member, who cannot be taken out, nor the group or its grant deleted', async () => {
    const app = await createStaffedApp();
    const { access, as } = app;
    const group = await as('owner', () => access.groups.create({ name: 'Owners' }));
    await as('owner', () =>
      access.groups.addMembers({ id: group.id, members: [person('nobody')] }),
    );
    const grant = await as('owner', () =>
      access.grants.create({ holder: { type: 'group', id: group.id }, role: 'owner' }),
    );
    await as('owner', () => access.members.leave());
    expect(await owners(app)).toEqual(['nobody']);
    for (const attempt of [
      () => access.groups.removeMembers({ id: group.id, members: [person('nobody')] }),
      () => access.groups.delete({ id: group.id }),
      () => access.grants.revoke({ id: grant.id }),
      () => access.members.leave(),
    ]) {
      await expect(as<unknown>('nobody', attempt)).rejects.toEqual(code('access.last_owner'));
    }
    expect(await owners(app)).toEqual(['nobody']);
  });

  it('is not replaced by an owner whose grant ends, who is suspended, or who is a service account', async () => {
    const app = await createStaffedApp();
    const { access, as } = app;
    await as('owner', async () => {
      await access.grants.create({
        holder: person('member'),
        role: 'owner',
        expiresAt: inMs(3_600_000),
      });
      await access.grants.create({ holder: person('viewer'), role: 'owner' });
      await access.members.suspend(person('viewer'));
      await access.members.add({ type: 'service_account', id: 'robot', name: 'Robot' });
      await access.grants.create({
        holder: { type: 'service_account', id: 'robot' },
        role: 'owner',
      });
    });
    await expect(as('owner', () => access.members.leave())).rejects.toEqual(
      code('access.last_owner'),
    );
  });

  it('hands the tenant to nobody whose account is disabled, also where somebody else owns it', async () => {
    const app = await createStaffedApp();
    const { access, as, admin } = app;
    const hand = () => as('owner', () => access.members.transferOwnership({ to: 'viewer' }));
    await shut(app, 'viewer');
    await expect(hand()).rejects.toEqual(code('access.member_absent'));
    expect(await owners(app)).toEqual(['owner']);
    await app.join('other', 'owner');
    await expect(hand()).rejects.toEqual(code('access.member_absent'));
    expect(await owners(app)).toEqual(['other', 'owner']);
    await admin.query('update bulkhead.membership set shut_out = false');
    await hand();
    expect(await owners(app)).toEqual(['other', 'viewer']);
  });

  it('hands the tenant over in one step, and stays as an admin', async () => {
    const app = await createStaffedApp();
    const { access, as } = app;
    await as('owner', () => access.members.transferOwnership({ to: 'viewer' }));
    expect(await owners(app)).toEqual(['viewer']);
    await as('owner', () => access.authorize('member:manage'));
    await expect(as('owner', () => access.authorize('tenant:close'))).rejects.toEqual(
      code('access.denied'),
    );
    await expect(
      as('owner', () => access.members.transferOwnership({ to: 'owner' })),
    ).rejects.toEqual(code('access.denied'));
  });

  it('remains through a hundred attempts at once, each to take out one of ten owners', async () => {
    const app = await createAccessApp();
    const names = Array.from({ length: 10 }, (_, index) => `owner${index}`);
    for (const name of names) await app.join(name, 'owner');
    const grants = await Promise.all(names.map((name) => grantOf(app, name)));
    const attempts = Array.from({ length: 100 }, (_, index) => {
      const target = index % 10;
      const name = names[target] ?? '';
      const id = grants[target] ?? '';
      // Everybody tries to take out everybody, themselves too, in each of the ways there are.
      const by = names[(index * 7 + Math.floor(index / 10)) % 10] ?? '';
      const ways = [
        () => app.access.members.suspend(person(name)),
        () => app.access.members.remove(person(name)),
        () => app.access.grants.revoke({ id }),
        () => app.access.grants.changeEnd({ id, expiresAt: inMs(60_000) }),
      ] as const;
      const way = ways[Math.floor(index / 3) % ways.length] ?? ways[0];
      return index % 11 === 0
        ? app.as(name, () => app.access.members.leave())
        : app.as(by, way as () => Promise<unknown>);
    });
    const answers = await Promise.allSettled(attempts);
    const done = answers.filter(({ status }) => status === 'fulfilled').length;
    expect(done).toBeGreaterThan(0);
    expect(await owners(app)).not.toEqual([]);
    const codes = answers.flatMap((a) => (a.status === 'rejected' ? [a.reason.code] : []));
    expect(new Set(codes)).not.toContain(undefined);
    for (const each of new Set(codes)) {
      expect([
        'access.denied',
        'access.last_owner',
        'access.owner_protected',
        // To put off an end that another has set.
        'access.exceeds_own',
        'access.member_absent',
        'access.grant_absent',
      ]).toContain(each);
    }
  }, 60_000);

  it('remains when the last two leave at the same moment, in transactions of their own', async () => {
    const app = await createAccessApp();
    await app.join('ann', 'owner');
    await app.join('bob', 'owner');
    for (let round = 0; round < 10; round += 1) {
      const leave = (id: string) => app.as(id, () => app.access.members.leave());
      const answers = await Promise.allSettled([leave('ann'), leave('bob')]);
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const [left] = await owners(app);
      await app.join(left === 'ann' ? 'bob' : 'ann', 'owner');
    }
  });
});

describe('an owner by a role that inherits', () => {
  /** `chief` inherits `boss`, which inherits `owner`. */
  async function led(by: Readonly<Record<string, string>>): Promise<AccessApp> {
    const app = await createAccessApp();
    await app.as(SYSTEM, async () => {
      await app.access.roles.create({ key: 'boss', name: 'Boss', inherits: ['owner'] });
      await app.access.roles.create({ key: 'chief', name: 'Chief', inherits: ['boss'] });
    });
    for (const [id, role] of Object.entries(by)) await app.join(id, role);
    return app;
  }
  const inherit = (key: string, inherits: string[]) => (app: AccessApp) =>
    app.access.roles.update({ key, inherits });

  it.each<[string, typeof SYSTEM | string, (app: AccessApp) => Promise<unknown>]>([
    ['leave', 'ann', (app) => app.access.members.leave()],
    ['be suspended', SYSTEM, (app) => app.access.members.suspend(person('ann'))],
    ['be removed', SYSTEM, (app) => app.access.members.remove(person('ann'))],
    [
      'lose the grant',
      'ann',
      async (app) => app.access.grants.revoke({ id: await grantOf(app, 'ann') }),
    ],
    [
      'let the grant end',
      'ann',
      async (app) =>
        app.access.grants.changeEnd({ id: await grantOf(app, 'ann'), expiresAt: inMs(60_000) }),
    ],
    ['have the role inherit less', 'ann', inherit('chief', ['admin'])],
    ['have the role in between inherit less', 'ann', inherit('boss', ['admin'])],
    ['have the role inherit nothing', SYSTEM, inherit('boss', [])],
  ])('cannot %s where they are the last one', async (_, by, attempt) => {
    const app = await led({ ann: 'chief', bob: 'admin' });
    await expect(app.as(by, () => attempt(app))).rejects.toEqual(code('access.last_owner'));
    expect(await owners(app)).toEqual(['ann']);
    await app.as('ann', () => app.access.authorize('tenant:close'));
    await app.join('cleo', 'owner');
    await app.as(by, () => attempt(app));
    expect(await owners(app)).toEqual(['cleo']);
  });

  it('is one whom another owner can leave the tenant to, and who can make a new one', async () => {
    const app = await led({ ann: 'chief', olga: 'owner', bob: 'viewer' });
    await app.as('olga', () => app.access.members.leave());
    expect(await owners(app)).toEqual(['ann']);
    await app.as('ann', () => app.access.grants.create({ holder: person('bob'), role: 'owner' }));
    await app.as('ann', () => app.access.members.leave());
    expect(await owners(app)).toEqual(['bob']);
  });

  it('hands the tenant over, and stays as an admin', async () => {
    const app = await led({ ann: 'chief', bob: 'viewer' });
    await app.as('ann', () => app.access.members.transferOwnership({ to: 'bob' }));
    expect(await owners(app)).toEqual(['bob']);
    await expect(app.as('ann', () => app.access.authorize('tenant:close'))).rejects.toEqual(
      code('access.denied'),
    );
    await app.as('ann', () => app.access.authorize('member:manage'));
  });

  it('may be a group’s member, who cannot be taken out, nor the group or its grant deleted', async () => {
    const app = await led({ ann: 'viewer', olga: 'owner' });
    const { access, as } = app;
    const { group, grant } = await as('olga', () => board(app, 'ann', 'chief'));
    await as('olga', () => access.members.leave());
    expect(await owners(app)).toEqual(['ann']);
    for (const attempt of [
      () => access.groups.removeMembers({ id: group.id, members: [person('ann')] }),
      () => access.groups.delete({ id: group.id }),
      () => access.grants.revoke({ id: grant.id }),
      () => access.roles.update({ key: 'boss', inherits: [] }),
      () => access.members.leave(),
    ]) {
      await expect(as<unknown>('ann', attempt)).rejects.toEqual(code('access.last_owner'));
    }
  });

  /** A group of one, which has a role on the tenant. */
  async function board(app: AccessApp, id: string, role: string) {
    const group = await app.access.groups.create({ name: 'Board' });
    await app.access.groups.addMembers({ id: group.id, members: [person(id)] });
    const holder = { type: 'group', id: group.id } as const;
    return { group, grant: await app.access.grants.create({ holder, role }) };
  }

  const uncounted: Readonly<Record<string, (app: AccessApp) => Promise<unknown>>> = {
    'whose grant ends': (app) =>
      app.access.grants.create({
        holder: person('bob'),
        role: 'chief',
        expiresAt: inMs(3_600_000),
      }),
    'who is suspended': async (app) => {
      await app.access.members.suspend(person('bob'));
      await app.access.grants.create({ holder: person('bob'), role: 'chief' });
    },
    'whose account is disabled': async (app) => {
      await app.access.grants.create({ holder: person('bob'), role: 'chief' });
      await shut(app, 'bob');
    },
    'whose account is disabled, in a group': async (app) => {
      await board(app, 'bob', 'chief');
      await shut(app, 'bob');
    },
    'who is a service account': async (app) => {
      await app.access.members.add({ type: 'service_account', id: 'bob', name: 'Robot' });
      const holder = { type: 'service_account', id: 'bob' } as const;
      await app.access.grants.create({ holder, role: 'chief' });
    },
    'of a part of the tenant': async (app) => {
      const node = await app.access.nodes.create({ kind: 'workspace', name: 'W' });
      await app.access.grants.create({ holder: person('bob'), role: 'chief', node: node.id });
    },
    'of a group that nobody is in': async (app) => {
      const group = await app.access.groups.create({ name: 'Board' });
      await app.access.grants.create({ holder: { type: 'group', id: group.id }, role: 'chief' });
    },
  };

  it.each(Object.entries(uncounted))('%s is none that the tenant is left to', async (_, make) => {
    const app = await led({ ann: 'owner', bob: 'viewer' });
    await app.as(SYSTEM, () => make(app));
    expect(await owners(app)).toEqual(['ann']);
    for (const attempt of [
      () => app.access.members.leave(),
      async () => app.access.grants.revoke({ id: await grantOf(app, 'ann') }),
    ]) {
      await expect(app.as<unknown>('ann', attempt)).rejects.toEqual(code('access.last_owner'));
    }
  });

  it.each(Object.entries(uncounted))('%s holds nothing fast', async (_, make) => {
    const app = await led({ bob: 'viewer' });
    await app.as(SYSTEM, () => make(app));
    expect(await owners(app)).toEqual([]);
    await app.as(SYSTEM, async () => {
      await app.access.roles.update({ key: 'boss', inherits: [] });
      for (const { id } of (await app.access.groups.list({})).items) {
        await app.access.groups.delete({ id });
      }
      await app.access.members.remove(person('bob'));
    });
  });

  it('is in the reach of owners alone, also by what their role inherits', async () => {
    const app = await led({ ann: 'chief', olga: 'owner', bob: 'admin' });
    const { access, as } = app;
    for (const key of ['chief', 'boss']) {
      for (const inherits of [[], ['admin']]) {
        await expect(as('bob', () => access.roles.update({ key, inherits }))).rejects.toEqual(
          code('access.owner_protected'),
        );
      }
    }
    expect(await owners(app)).toEqual(['ann', 'olga']);
    await as('bob', () => access.roles.update({ key: 'chief', name: 'The Chief' }));
    // Of who is no owner by it, an admin may change what they like.
    await as('olga', () => access.roles.update({ key: 'chief', inherits: ['admin'] }));
    await as('bob', () => access.roles.update({ key: 'boss', inherits: [] }));
    expect(await owners(app)).toEqual(['olga']);
  });

  it('remains when the last two go at the same moment, in whatever way', async () => {
    const app = await led({ ann: 'chief', bob: 'boss' });
    const { access } = app;
    const ways = (id: string): (() => Promise<unknown>)[] => [
      () => access.members.leave(),
      async () => access.grants.revoke({ id: await grantOf(app, id) }),
      () => access.roles.update({ key: 'chief', inherits: [] }),
      () => access.roles.update({ key: 'boss', inherits: [] }),
    ];
    for (let round = 0; round < 16; round += 1) {
      const [first, second] = [
        ways('ann')[round % 4] ?? ways('ann')[0],
        ways('bob')[Math.floor(round / 4)] ?? ways('bob')[0],
      ];
      const answers = await Promise.allSettled([
        app.as<unknown>('ann', first as () => Promise<unknown>),
        app.as<unknown>('bob', second as () => Promise<unknown>),
      ]);
      const left = await owners(app);
      expect(left).not.toEqual([]);
      for (const answer of answers) {
        if (answer.status === 'fulfilled') continue;
        expect(['access.last_owner', 'access.owner_protected', 'access.denied']).toContain(
          answer.reason.code,
        );
      }
      await app.as(SYSTEM, async () => {
        await access.roles.update({ key: 'boss', inherits: ['owner'] });
        await access.roles.update({ key: 'chief', inherits: ['boss'] });
        const { items } = await access.members.list({});
        for (const [id, role] of [
          ['ann', 'chief'],
          ['bob', 'boss'],
        ] as const) {
          if (!items.some((member) => member.id === id)) {
            await access.members.add({ ...person(id), name: id });
          }
          const held = await access.grants.list({ holders: [`user:${id}`] });
          if (held.items.length === 0) await access.grants.create({ holder: person(id), role });
        }
      });
      expect(await owners(app)).toEqual(['ann', 'bob']);
    }
  }, 60_000);
});

describe('an owner', () => {
  it.each<[string, (app: AccessApp) => Promise<unknown>]>([
    ['suspend', (app) => app.access.members.suspend(person('owner'))],
    ['remove', (app) => app.access.members.remove(person('owner'))],
    ['demote', async (app) => app.access.grants.revoke({ id: await grantOf(app, 'owner') })],
    [
      'put an end on',
      async (app) =>
        app.access.grants.changeEnd({ id: await grantOf(app, 'owner'), expiresAt: inMs(60_000) }),
    ],
  ])('is nobody that an admin could %s', async (_, attempt) => {
    const app = await createStaffedApp();
    await app.join('second', 'owner');
    await expect(app.as('admin', () => attempt(app))).rejects.toEqual(
      code('access.owner_protected'),
    );
    expect(await owners(app)).toEqual(['owner', 'second']);
  });
});

describe('nobody hands on what they do not hold', () => {
  /** `lead` manages everything about access and may read invoices, but neither write nor void them. */
  async function withLead(app: AccessApp, expiresAt?: string): Promise<void> {
    await app.as(SYSTEM, async () => {
      await app.access.roles.create({
        key: 'lead',
        name: 'Lead',
        permissions: [
          'role:manage',
          'grant:manage',
          'group:manage',
          'node:manage',
          'member:manage',
          'api_key:manage',
          'service_account:manage',
          'invoice:read',
        ],
      });
      await app.access.members.add({ ...person('lead'), name: 'Lead' });
      await app.access.grants.create({
        holder: person('lead'),
        role: 'lead',
        ...(expiresAt !== undefined && { expiresAt }),
      });
    });
  }

  const may = (app: AccessApp, id: string, permission: string, node?: string) =>
    app.as(id, async () => {
      const { permitted } = await app.access.explain(permission, node);
      return permitted;
    });

  it('by a grant, to themself or to others', async () => {
    const app = await createAccessApp();
    await withLead(app);
    await app.join('friend');
    for (const id of ['lead', 'friend']) {
      for (const role of ['owner', 'admin', 'member']) {
        await expect(
          app.as('lead', () => app.access.grants.create({ holder: person(id), role })),
        ).rejects.toEqual(code('access.exceeds_own'));
      }
    }
    await app.as('lead', () =>
      app.access.grants.create({ holder: person('friend'), role: 'lead' }),
    );
  });

  it('by making a role, editing one that somebody holds, or letting it inherit', async () => {
    const app = await createAccessApp();
    await withLead(app);
    const { access, as } = app;
    for (const input of [
      { key: 'strong', name: 'Strong', permissions: ['invoice:void'] },
      { key: 'strong', name: 'Strong', inherits: ['member'] },
      { key: 'strong', name: 'Strong', inherits: ['owner'] },
    ]) {
      await expect(as('lead', () => access.roles.create(input))).rejects.toEqual(
        code('access.exceeds_own'),
      );
    }
    await as('lead', () =>
      access.roles.create({ key: 'weak', name: 'Weak', permissions: ['invoice:read'] }),
    );
    for (const change of [
      { key: 'lead', permissions: ['invoice:read', 'role:manage', 'invoice:void'] },
      { key: 'lead', inherits: ['admin'] },
      { key: 'weak', inherits: ['member'] },
    ]) {
      await expect(as('lead', () => access.roles.update(change))).rejects.toEqual(
        code('access.exceeds_own'),
      );
    }
    // Nothing of the refused edits is left.
    expect(await as(SYSTEM, () => access.roles.get({ key: 'weak' }))).toMatchObject({
      holds: ['invoice:read'],
    });
  });

  it('by editing a role that another inherits', async () => {
    const app = await createAccessApp();
    await withLead(app);
    const { access, as } = app;
    await as(SYSTEM, async () => {
      await access.roles.create({ key: 'base', name: 'Base' });
      await access.roles.update({ key: 'lead', inherits: ['base'] });
    });
    await expect(
      as('lead', () => access.roles.update({ key: 'base', permissions: ['invoice:void'] })),
    ).rejects.toEqual(code('access.exceeds_own'));
    expect(await may(app, 'lead', 'invoice:void')).toBe(false);
  });

  it('by coming into a group that holds more', async () => {
    const app = await createAccessApp();
    await withLead(app);
    const { access, as } = app;
    const group = await as(SYSTEM, async () => {
      const made = await access.groups.create({ name: 'Strong' });
      await access.grants.create({ holder: { type: 'group', id: made.id }, role: 'admin' });
      return made;
    });
    await expect(
      as('lead', () => access.groups.addMembers({ id: group.id, members: [person('lead')] })),
    ).rejects.toEqual(code('access.exceeds_own'));
    expect(await may(app, 'lead', 'invoice:void')).toBe(false);
  });

  it('by moving something to where more was granted, nor by deleting and making it there anew', async () => {
    const app = await createAccessApp();
    await withLead(app);
    const { access, as } = app;
    const [mine, vault, secret] = await as(SYSTEM, async () => {
      const a = await access.nodes.create({ kind: 'workspace', name: 'Mine' });
      const b = await access.nodes.create({ kind: 'workspace', name: 'Vault' });
      const c = await access.nodes.create({ kind: 'project', name: 'Secret', parent: b.id });
      await access.grants.create({ holder: person('lead'), role: 'admin', node: a.id });
      return [a, b, c] as const;
    });
    await expect(
      as('lead', () => access.nodes.move({ id: secret.id, parent: mine.id })),
    ).rejects.toEqual(code('access.exceeds_own'));
    expect(await may(app, 'lead', 'invoice:void', secret.id)).toBe(false);
    await as('lead', () => access.nodes.delete({ id: secret.id }));
    await expect(
      as('lead', () =>
        access.nodes.create({ id: secret.id, parent: mine.id, kind: 'project', name: 'Secret' }),
      ),
    ).rejects.toEqual(code('access.node_exists'));
    // The system, which undoes a deletion, may.
    await as(SYSTEM, () =>
      access.nodes.create({ id: secret.id, parent: vault.id, kind: 'project', name: 'Secret' }),
    );
  });

  it('for longer than they hold it themselves', async () => {
    const app = await createAccessApp();
    const end = inMs(3_600_000);
    await withLead(app, end);
    await app.join('friend');
    const { access, as } = app;
    const give = (expiresAt?: string) =>
      as('lead', () =>
        access.grants.create({
          holder: person('friend'),
          role: 'lead',
          ...(expiresAt !== undefined && { expiresAt }),
        }),
      );
    await expect(give()).rejects.toEqual(code('access.exceeds_own'));
    await expect(give(inMs(7_200_000))).rejects.toEqual(code('access.exceeds_own'));
    const given = await give(inMs(1_800_000));
    await expect(
      as('lead', () => access.grants.changeEnd({ id: given.id, expiresAt: null })),
    ).rejects.toEqual(code('access.exceeds_own'));
    // A role that they hold without an end would keep what they put into it.
    await as(SYSTEM, async () => {
      await access.roles.create({ key: 'small', name: 'Small' });
      await access.grants.create({ holder: person('lead'), role: 'small' });
    });
    await expect(
      as('lead', () => access.roles.update({ key: 'small', permissions: ['invoice:read'] })),
    ).rejects.toEqual(code('access.exceeds_own'));
  });

  it('on a lower node they hand on what they hold there, and nothing above it', async () => {
    const app = await createStaffedApp();
    const { access, as } = app;
    const node = await as(SYSTEM, async () => {
      const made = await access.nodes.create({ kind: 'workspace', name: 'W' });
      await access.grants.create({ holder: person('nobody'), role: 'admin', node: made.id });
      return made;
    });
    await as('nobody', () =>
      access.grants.create({ holder: person('viewer'), role: 'admin', node: node.id }),
    );
    await expect(
      as('nobody', () => access.grants.create({ holder: person('viewer'), role: 'viewer' })),
    ).rejects.toEqual(code('access.denied'));
    await expect(
      as('nobody', () =>
        access.grants.create({ holder: person('viewer'), role: 'owner', node: node.id }),
      ),
    ).rejects.toEqual(code('access.exceeds_own'));
  });

  it('by a key: not for another person, not for a stronger service account, not by a key', async () => {
    const app = await createAccessApp();
    await withLead(app);
    const { access, as, admin } = app;
    await as(SYSTEM, async () => {
      await access.members.add({ ...person('boss'), name: 'Boss' });
      for (const [id, role] of [
        ['strong', 'admin'],
        ['equal', 'lead'],
      ] as const) {
        await access.members.add({ type: 'service_account', id, name: id });
        await access.grants.create({ holder: { type: 'service_account', id }, role });
      }
    });
    const delegate = (
      who: string,
      key: string,
      type: string,
      id: string,
      only: string[] | null = null,
    ) =>
      admin.query('select bulkhead.access_delegate($1, $2, $3, $4, $5, $6, null, null)', [
        ACME,
        who,
        key,
        type,
        id,
        only,
      ]);
    for (const attempt of [
      () => delegate('user:lead', 'k1', 'user', 'boss'),
      () => delegate('user:lead', 'k2', 'service_account', 'strong'),
      () => delegate('user:lead', 'k3', 'service_account', 'strong', ['invoice:void']),
      () => delegate('api_key:any', 'k4', 'service_account', 'equal'),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ message: 'access.exceeds_own' });
    }
    await delegate('user:lead', 'own', 'user', 'lead', ['invoice:read', 'invoice:void']);
    await delegate('user:lead', 'equal', 'service_account', 'equal');
    await delegate('user:lead', 'less', 'service_account', 'strong', ['invoice:read']);
    const key = { type: 'api_key', id: 'own' } as const;
    await as(key, () => access.authorize('invoice:read'));
    // Within the key's limits, but not its holder's.
    await expect(as(key, () => access.authorize('invoice:void'))).rejects.toEqual(
      code('access.denied'),
    );
    await expect(as(key, () => access.authorize('grant:manage'))).rejects.toEqual(
      code('access.denied'),
    );
    await admin.query(`select bulkhead.access_undelegate($1, 'user:lead', 'own')`, [ACME]);
    // Withdrawn elsewhere: this process hears of it within a second.
    await expect
      .poll(() => as(key, () => access.canAll([{ permission: 'invoice:read' }])), {
        timeout: 5_000,
      })
      .toEqual([false]);
    expect(await as(SYSTEM, () => access.explain('invoice:read', undefined, key))).toMatchObject({
      permitted: false,
      reason: 'key_revoked',
    });
  });
});

describe('roles', () => {
  it('inherit along a chain 50 deep, up to 64 and no further', async () => {
    const app = await createAccessApp();
    await app.join('ann');
    const { access, as } = app;
    await as(SYSTEM, async () => {
      await access.roles.create({ key: 'r1', name: 'r1', permissions: ['invoice:void'] });
      for (let n = 2; n <= 64; n += 1) {
        await access.roles.create({ key: `r${n}`, name: `r${n}`, inherits: [`r${n - 1}`] });
      }
      await access.grants.create({ holder: person('ann'), role: 'r50' });
    });
    await as('ann', () => access.authorize('invoice:void'));
    const { grants } = await as('ann', () => access.explain('invoice:void'));
    expect(grants[0]?.roles).toHaveLength(50);
    const longer = () =>
      as(SYSTEM, () => access.roles.create({ key: 'r65', name: 'r65', inherits: ['r64'] }));
    await expect(longer()).rejects.toEqual(code('access.role_too_deep'));
    // Nor from below, nor by joining two chains in the middle.
    await as(SYSTEM, () =>
      access.roles.create({ key: 'r0', name: 'r0', permissions: ['invoice:read'] }),
    );
    await expect(
      as(SYSTEM, () => access.roles.update({ key: 'r1', inherits: ['r0'] })),
    ).rejects.toEqual(code('access.role_too_deep'));
  });

  it('never inherit themselves, also not through each other at the same moment', async () => {
    const app = await createAccessApp();
    const { access, as } = app;
    await as(SYSTEM, async () => {
      await access.roles.create({ key: 'a', name: 'a' });
      await access.roles.create({ key: 'b', name: 'b', inherits: ['a'] });
      await access.roles.create({ key: 'c', name: 'c', inherits: ['b'] });
    });
    const inherit = (key: string, from: string) =>
      as(SYSTEM, () => access.roles.update({ key, inherits: [from] }));
    for (const from of ['a', 'b', 'c']) {
      await expect(inherit('a', from)).rejects.toEqual(code('access.role_cycle'));
    }
    await as(SYSTEM, () => access.roles.create({ key: 'x', name: 'x' }));
    await as(SYSTEM, () => access.roles.create({ key: 'y', name: 'y' }));
    const both = await Promise.allSettled([inherit('x', 'y'), inherit('y', 'x')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('are not deleted under those who have them, and never change where built in', async () => {
    const app = await createStaffedApp();
    const { access, as } = app;
    await as('owner', () =>
      access.roles.create({ key: 'clerk', name: 'Clerk', permissions: ['invoice:read'] }),
    );
    const grant = await as('owner', () =>
      access.grants.create({ holder: person('nobody'), role: 'clerk' }),
    );
    await expect(as('owner', () => access.roles.delete({ key: 'clerk' }))).rejects.toEqual(
      code('access.role_in_use'),
    );
    await as('owner', () => access.grants.revoke({ id: grant.id }));
    await as('owner', () => access.roles.delete({ key: 'clerk' }));
    for (const attempt of [
      () => access.roles.update({ key: 'viewer', permissions: ['invoice:void'] }),
      () => access.roles.delete({ key: 'viewer' }),
    ]) {
      await expect(as<unknown>('owner', attempt)).rejects.toEqual(code('access.role_builtin'));
    }
  });

  it('of a kind are given on nodes of that kind alone', async () => {
    const app = await createStaffedApp();
    const { access, as } = app;
    const [workspace, project] = await as('owner', async () => {
      const w = await access.nodes.create({ kind: 'workspace', name: 'W' });
      const p = await access.nodes.create({ kind: 'project', name: 'P', parent: w.id });
      await access.roles.create({
        key: 'pm',
        name: 'PM',
        kind: 'project',
        permissions: ['invoice:void'],
      });
      return [w, p] as const;
    });
    const give = (node: string) =>
      as('owner', () => access.grants.create({ holder: person('nobody'), role: 'pm', node }));
    await expect(give(workspace.id)).rejects.toEqual(code('access.role_not_for_node'));
    await give(project.id);
    expect(await as('nobody', () => access.explain('invoice:void', workspace.id))).toMatchObject({
      permitted: false,
      reason: 'wrong_kind',
      near: [{ hindrance: 'wrong_kind', role: 'pm', node: project.id }],
    });
  });
});

describe('the tree', () => {
  it('keeps the ancestors of all below when something moves, and never closes a circle', async () => {
    const app = await createStaffedApp();
    const { access, as } = app;
    await as('owner', async () => {
      const [one, two] = [
        await access.nodes.create({ kind: 'workspace', name: 'One' }),
        await access.nodes.create({ kind: 'workspace', name: 'Two' }),
      ];
      const project = await access.nodes.create({ kind: 'project', name: 'P', parent: one.id });
      const board = await access.nodes.create({ kind: 'board', name: 'B', parent: project.id });
      const card = await access.nodes.create({ kind: 'card', name: 'C', parent: board.id });
      await access.nodes.move({ id: project.id, parent: two.id });
      expect((await access.nodes.get({ id: card.id })).ancestors).toEqual([
        ACME,
        two.id,
        project.id,
        board.id,
      ]);
      await expect(access.nodes.move({ id: project.id, parent: card.id })).rejects.toEqual(
        code('access.node_kind_invalid'),
      );
      await expect(access.nodes.move({ id: board.id, parent: board.id })).rejects.toEqual(
        code('access.node_kind_invalid'),
      );
      await expect(access.nodes.move({ id: ACME, parent: two.id })).rejects.toEqual(
        code('access.node_kind_invalid'),
      );
      expect(await access.nodes.delete({ id: two.id })).toEqual({ nodes: 4, grants: 0 });
      await expect(access.nodes.get({ id: card.id })).rejects.toEqual(code('access.node_absent'));
    });
  });

  it('adds to a branch that moves at the same moment in its old or its new place, never in between', async () => {
    const app = await createStaffedApp();
    const { access, as, admin } = app;
    const [one, two] = await as('owner', async () => [
      await access.nodes.create({ kind: 'workspace', name: 'One' }),
      await access.nodes.create({ kind: 'workspace', name: 'Two' }),
    ]);
    const project = await as('owner', () =>
      access.nodes.create({ kind: 'project', name: 'P', parent: one?.id }),
    );
    for (let round = 0; round < 8; round += 1) {
      const to = round % 2 === 0 ? two : one;
      await Promise.all([
        as('owner', () => access.nodes.move({ id: project.id, parent: to?.id })),
        ...[1, 2, 3].map((n) =>
          as('owner', () =>
            access.nodes.create({ kind: 'board', name: `B${n}`, parent: project.id }),
          ),
        ),
      ]);
    }
    const { rows } = await admin.query(
      `select count(*)::int as wrong from bulkhead.node n join bulkhead.node p on p.tenant_id = n.tenant_id and p.id = n.parent
        where n.ancestors <> p.ancestors || p.id`,
    );
    expect(rows).toEqual([{ wrong: 0 }]);
  });
});

describe('groups', () => {
  it('take ten thousand members in one call, and each of them is in the log', async () => {
    const app = await createStaffedApp();
    const { access, as, admin } = app;
    await admin.query(
      `insert into bulkhead.membership (tenant_id, type, id, name) select $1, 'user', 'u' || n, 'U' from generate_series(1, 10000) n`,
      [ACME],
    );
    const members = Array.from({ length: 10_000 }, (_, index) => person(`u${index + 1}`));
    const group = await as('owner', () => access.groups.create({ name: 'All' }));
    await as('owner', () =>
      access.grants.create({ holder: { type: 'group', id: group.id }, role: 'member' }),
    );
    expect(await as('owner', () => access.groups.addMembers({ id: group.id, members }))).toEqual({
      added: 10_000,
    });
    await as('u7777', () => access.authorize('invoice:write'));
    const added = (await app.events()).filter(({ action }) => action === 'group.members_added');
    const named = added.flatMap(({ targets }) =>
      (targets as { type: string; id: string }[]).filter(({ type }) => type === 'user'),
    );
    expect(new Set(named.map(({ id }) => id)).size).toBe(10_000);
    expect(await as('owner', () => access.groups.removeMembers({ id: group.id, members }))).toEqual(
      { removed: 10_000 },
    );
    await expect(as('u7777', () => access.authorize('invoice:write'))).rejects.toEqual(
      code('access.denied'),
    );
    await expect(
      as('owner', () =>
        access.groups.addMembers({ id: group.id, members: [...members, person('u1')] }),
      ),
    ).rejects.toEqual(code('kernel.input_invalid'));
  }, 60_000);

  it('take nobody who is no member, not even one of another tenant', async () => {
    const app = await createStaffedApp();
    const { access, as } = app;
    await app.join('theirs', 'member', BORA);
    const group = await as('owner', () => access.groups.create({ name: 'G' }));
    for (const id of ['theirs', 'never-there']) {
      await expect(
        as('owner', () =>
          access.groups.addMembers({ id: group.id, members: [person('nobody'), person(id)] }),
        ),
      ).rejects.toEqual(code('access.member_absent'));
    }
    expect(await as('owner', () => access.groups.get({ id: group.id }))).toMatchObject({
      members: 0,
    });
  });
});

describe('a grant with an end', () => {
  it('gives nothing from then on, and leaves room for a new one', async () => {
    const app = await createStaffedApp();
    const { access, as, admin } = app;
    const given = await as('owner', () =>
      access.grants.create({ holder: person('nobody'), role: 'member', expiresAt: inMs(60_000) }),
    );
    await as('nobody', () => access.authorize('invoice:write'));
    await expect(
      as('owner', () => access.grants.create({ holder: person('nobody'), role: 'member' })),
    ).rejects.toEqual(code('access.grant_exists'));
    // The clock cannot be moved on: the end is moved back, as time would.
    await admin.query('begin');
    await admin.query('select bulkhead.access_changed($1)', [ACME]);
    await admin.query(
      `update bulkhead.access_grant set expires_at = now() - interval '1 second' where id = $1`,
      [given.id],
    );
    await admin.query('commit');
    const { rows } = await as('nobody', () =>
      app.pool.query(`select bulkhead.permits('invoice:write', null) as may`),
    );
    expect(rows).toEqual([{ may: false }]);
    expect(await as('nobody', () => access.explain('invoice:write'))).toMatchObject({
      permitted: false,
      reason: 'expired',
      near: [{ hindrance: 'expired', role: 'member' }],
    });
    await as('owner', () => access.grants.create({ holder: person('nobody'), role: 'member' }));
    await expect(
      as('owner', () =>
        access.grants.create({ holder: person('viewer'), role: 'member', expiresAt: inMs(-1) }),
      ),
    ).rejects.toEqual(code('access.end_invalid'));
  });
});

describe('every change is an event with what was before and after, and every denial is one', () => {
  it('in the tenant’s log, by who did it', async () => {
    const app = await createStaffedApp();
    const { access, as } = app;
    await as('owner', () =>
      access.roles.create({ key: 'clerk', name: 'Clerk', permissions: ['invoice:read'] }),
    );
    await as('owner', () => access.roles.update({ key: 'clerk', permissions: ['invoice:write'] }));
    const grant = await as('owner', () =>
      access.grants.create({ holder: person('nobody'), role: 'clerk' }),
    );
    await as('owner', () => access.grants.revoke({ id: grant.id }));
    const events = (await app.events()).filter(({ by }) => by === 'user:owner');
    expect(events).toMatchObject([
      { action: 'role.created', after: { key: 'clerk', permissions: ['invoice:read'] } },
      {
        action: 'role.updated',
        before: { permissions: ['invoice:read'] },
        after: { permissions: ['invoice:write'] },
      },
      {
        action: 'grant.created',
        targets: [{ type: 'grant' }, { type: 'user', id: 'nobody' }, { type: 'node', id: ACME }],
        after: { role: 'clerk', node: ACME, expiresAt: null },
      },
      { action: 'grant.revoked', before: { role: 'clerk', node: ACME } },
    ]);
    await expect(as('viewer', () => access.roles.delete({ key: 'clerk' }))).rejects.toEqual(
      code('access.denied'),
    );
    // Denials go by the queue, which outlives what was rolled back.
    const denials = async () => {
      const { rows } = await app.admin.query(
        `select event from bulkhead.audit_pending where strpos(event, '"access.denied"') > 0`,
      );
      return rows.map(({ event }) => event).join('\n');
    };
    await expect.poll(denials, { timeout: 5_000 }).toContain('role:manage');
    expect(await denials()).toContain('"outcome":"denied"');
  }, 30_000);

  it('which holds a person’s name and address as personal values', async () => {
    const app = await createAccessApp();
    await app.as(SYSTEM, () =>
      app.access.members.add({ type: 'user', id: 'ann', name: 'Ann', email: 'ann@example.com' }),
    );
    expect(await app.events()).toMatchObject([
      {
        action: 'member.added',
        personal: [
          { path: '/after/name', subject: { type: 'user', id: 'ann' } },
          { path: '/after/email', subject: { type: 'user', id: 'ann' } },
        ],
      },
    ]);
  });
});

describe('in a transaction of the app’s', () => {
  it('an operation is done with it or not at all', async () => {
    const app = await createStaffedApp();
    const { access, as, pool } = app;
    const id = '11111111-1111-4111-8111-111111111111';
    await as('owner', async () => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await access.nodes.create({ id, kind: 'workspace', name: 'W' }, { on: client });
        await client.query('rollback');
        await expect(access.nodes.get({ id })).rejects.toEqual(code('access.node_absent'));
        await client.query('begin');
        await access.nodes.create({ id, kind: 'workspace', name: 'W' }, { on: client });
        await client.query('commit');
      } finally {
        client.release();
      }
      expect(await access.nodes.get({ id })).toMatchObject({ name: 'W' });
    });
  });
});

describe('the grants of some holders', () => {
  it('are theirs alone, each once, however often one is named', async () => {
    const app = await createStaffedApp();
    const held = (tenant: string, holders: string[]) =>
      app.as(SYSTEM, () => app.access.grants.list({ holders, limit: 200 }), tenant);
    const all = await app.as(SYSTEM, () => app.access.grants.list({ limit: 200 }));
    const two = await held(ACME, ['user:owner', 'user:admin', 'user:owner', 'group:owner']);
    expect(two.items).toEqual(
      all.items.filter(({ holder }) => ['owner', 'admin'].includes(holder.id)),
    );
    expect((await held(ACME, [])).items).toEqual([]);
    // Another tenant's, of whoever is called the same.
    expect((await held(BORA, ['user:admin'])).items).not.toContainEqual(two.items[0]);
    await expect(held(ACME, ['owner'])).rejects.toThrow('a colon, and an id');
  });
});
