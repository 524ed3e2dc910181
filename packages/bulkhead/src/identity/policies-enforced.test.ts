/** Each setting of a tenant's policies on real sessions, keys and factors, through the gate that requests take. */
import { expect, test } from 'vitest';
import { runInContext } from '../isolation/index.ts';
import type { PolicyKind } from '../policies/index.ts';
import { type House, openHouse, withCookie } from './testdata/house.ts';

const PLACE = '192.0.2.7';

interface Case {
  readonly kind: PolicyKind;
  /** What is in force. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Makes the way in one that the policy refuses; what it is before passes under the same policy. */
  readonly spoil: (house: House, way: Way) => Promise<unknown> | Partial<Way>;
  readonly code: string;
}

interface Way {
  readonly user: string;
  readonly session: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ip: string;
}

const older =
  (column: string, interval: string) =>
  (house: House, { session }: Way) =>
    house.admin.query(
      `update bulkhead.session set ${column} = ${column} - interval '${interval}' where id = $1`,
      [session],
    );
const elsewhere = () => ({ ip: '198.51.100.1' });
const noFactorShown = (house: House, { session }: Way) =>
  house.admin.query('update bulkhead.session set mfa_at = null where id = $1', [session]);
const factorGone = (house: House, { user }: Way) =>
  house.admin.query('delete from bulkhead.totp where user_id = $1', [user]);

const ofSessions: Readonly<Record<string, Case>> = {
  'idle for too long': {
    kind: 'session',
    body: { idleMaxMinutes: 30 },
    spoil: older('last_seen_at', '31 minutes'),
    code: 'policies.session_ended',
  },
  'too old': {
    kind: 'session',
    body: { ageMaxMinutes: 60 },
    spoil: older('created_at', '61 minutes'),
    code: 'policies.session_ended',
  },
  'one of too many': {
    kind: 'session',
    body: { concurrentMax: 1 },
    spoil: async (house, { user }) => {
      const { token } = await begin(house, user);
      await house.admit({ headers: withCookie(token), ip: PLACE }, house.another());
    },
    code: 'policies.session_ended',
  },
  'from another network': {
    kind: 'session',
    body: { ipAllowlist: ['192.0.2.0/24'] },
    spoil: elsewhere,
    code: 'policies.address_not_allowed',
  },
  'without the factor that everybody needs': {
    kind: 'mfa',
    body: { required: 'everyone' },
    spoil: noFactorShown,
    code: 'policies.mfa_required',
  },
  'without the factor that their role needs': {
    kind: 'mfa',
    body: { required: 'roles', roles: ['member'] },
    spoil: noFactorShown,
    code: 'policies.mfa_required',
  },
  'of somebody who has no factor': {
    kind: 'mfa',
    body: { required: 'everyone' },
    spoil: factorGone,
    code: 'policies.mfa_enrolment_required',
  },
};

const ofKeys: Readonly<Record<string, Case>> = {
  'too old': {
    kind: 'api',
    body: { keyAgeMaxDays: 30 },
    spoil: (house) =>
      house.admin.query(`update bulkhead.api_key set created_at = created_at - interval '31 days'`),
    code: 'policies.key_too_old',
  },
  'from another network': {
    kind: 'api',
    body: { ipAllowlist: ['192.0.2.0/24'] },
    spoil: elsewhere,
    code: 'policies.address_not_allowed',
  },
  'with what keys may not carry': {
    kind: 'api',
    body: { scopesAllowed: ['member:read'] },
    spoil: (house) =>
      house.admin.query(
        `update bulkhead.delegation set permissions = '{member:read,role:read}' where actor_type = 'api_key'`,
      ),
    code: 'policies.scope_not_allowed',
  },
};

const begin = (house: House, user: string) =>
  house.bulkhead.identity.sessions.start(user, { methods: ['password'], ip: PLACE });

/** A member with a second factor, signed in with it. */
async function signedIn(house: House, role = 'member'): Promise<Way> {
  const user = await house.person(role, house.acme);
  await house.admin.query(
    `insert into bulkhead.totp (user_id, sealed, confirmed_at) values ($1, $2, now())`,
    [user, Buffer.alloc(32)],
  );
  const { token, id: session } = await begin(house, user);
  await house.admin.query('update bulkhead.session set mfa_at = now() where id = $1', [session]);
  return { user, session, headers: withCookie(token), ip: PLACE };
}

async function withKey(house: House): Promise<Way> {
  const user = await house.person('owner', house.acme);
  const { token } = await house.as(house.acme, user, () =>
    house.bulkhead.identity.apiKeys.create({ name: 'CI', permissions: ['member:read'] }),
  );
  return { user, session: '', headers: { authorization: `Bearer ${token}` }, ip: PLACE };
}

/** What a process that knows nothing yet says. */
async function outcome(house: House, { headers, ip }: Way): Promise<string> {
  const fresh = house.another();
  try {
    await house.admit({ headers, ip }, fresh);
    return 'admitted';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

async function check(house: House, way: Way, { kind, body, spoil, code }: Case): Promise<void> {
  await house.as(house.acme, { type: 'system', id: 'test' }, async () => {
    const { version } = await house.bulkhead.policies.get(kind);
    await house.bulkhead.policies.set(kind, body as never, { version });
  });
  expect(await outcome(house, way)).toBe('admitted');
  const change = await spoil(house, way);
  const spoilt = {
    ...way,
    ...(change !== null && typeof change === 'object' && 'ip' in change && change),
  };
  expect(await outcome(house, spoilt as Way)).toBe(code);
  await house.as(house.acme, { type: 'system', id: 'test' }, async () => {
    const { version } = await house.bulkhead.policies.get(kind);
    await house.bulkhead.policies.set(kind, {}, { version });
  });
}

test('a session that a policy no longer lets in is refused, whatever the setting', async () => {
  const house = await openHouse();
  for (const each of Object.values(ofSessions)) await check(house, await signedIn(house), each);
});

test('an API key that a policy no longer lets in is refused, whatever the setting', async () => {
  const house = await openHouse();
  for (const each of Object.values(ofKeys)) await check(house, await withKey(house), each);
});

test('what is dangerous needs the factor of whoever has one anew, as lately as the policy says', async () => {
  const house = await openHouse();
  const way = await signedIn(house, 'owner');
  const act = async (permission: string, headers = way.headers) => {
    const process = house.another();
    const context = await house.admit({ headers, ip: PLACE }, process);
    if (context === null) throw new Error('nobody was admitted');
    return runInContext(context, () => process.access.authorize(permission as 'policy:manage'));
  };
  await act('policy:manage');
  await older('mfa_at', '16 minutes')(house, way);
  await expect(act('policy:manage')).rejects.toMatchObject({ code: 'policies.step_up_required' });
  await act('policy:read');
  await house.as(house.acme, { type: 'system', id: 'test' }, () =>
    house.bulkhead.policies.set('mfa', { stepUpAgeMaxMinutes: 20 }, { version: 0 }),
  );
  await act('policy:manage');
  await noFactorShown(house, way);
  await expect(act('policy:manage')).rejects.toMatchObject({ code: 'policies.step_up_required' });
  await house.as(house.acme, { type: 'system', id: 'test' }, () =>
    house.bulkhead.policies.set('mfa', { stepUp: false }, { version: 1 }),
  );
  await act('policy:manage');
});

test('a dry run names real people, sessions and keys, and is right: who it names is refused afterwards', async () => {
  const house = await openHouse();
  const owner = await signedIn(house, 'owner');
  const member = await signedIn(house);
  const abroad = { ...(await signedIn(house)), ip: '198.51.100.9' };
  expect(await outcome(house, abroad)).toBe('admitted');
  const key = await withKey(house);
  await house.admin.query(
    `update bulkhead.api_key set created_at = created_at - interval '40 days'`,
  );
  const { policies } = house.bulkhead;
  const asOwner = <T>(fn: () => Promise<T>) => house.as(house.acme, owner.user, fn);

  const body = { ipAllowlist: ['192.0.2.0/24'] };
  const said = await asOwner(() => policies.preview('session', body));
  expect(said.members.filter(({ shutOut }) => shutOut)).toMatchObject([
    { id: abroad.user, sessions: [{ id: abroad.session, rules: ['session.ip'] }] },
  ]);
  expect(said).toMatchObject({ ownersShutOut: 0 });
  // Nothing was set by looking.
  expect(await outcome(house, abroad)).toBe('admitted');
  await asOwner(() => policies.set('session', body, { version: 0 }));
  expect(await outcome(house, abroad)).toBe('policies.address_not_allowed');
  expect(await outcome(house, member)).toBe('admitted');

  const keys = await asOwner(() => policies.preview('api', { keyAgeMaxDays: 30 }));
  expect(keys.members).toMatchObject([
    { id: key.user, keys: [{ name: 'CI', rules: ['api.key_age'] }] },
  ]);

  await factorGone(house, member);
  const mfa = await asOwner(() => policies.preview('mfa', { required: 'everyone' }));
  const without = mfa.members.filter(({ rules }) => rules.includes('mfa.enrolment'));
  expect(without.map(({ id }) => id).sort()).toEqual([key.user, member.user].sort());
});

test('nobody locks the last owner out: not by networks, and a factor they lack they may still set up', async () => {
  const house = await openHouse();
  const owner = await signedIn(house, 'owner');
  const { policies } = house.bulkhead;
  const asOwner = <T>(fn: () => Promise<T>) => house.as(house.acme, owner.user, fn);
  const body = { ipAllowlist: ['203.0.113.0/24'] };
  expect(await outcome(house, owner)).toBe('admitted');
  const said = await asOwner(() => policies.preview('session', body));
  expect(said).toMatchObject({ owners: 1, ownersShutOut: 1 });
  expect(said.effects[0]).toMatchObject({ severity: 'breach' });
  await expect(asOwner(() => policies.set('session', body, { version: 0 }))).rejects.toMatchObject({
    code: 'policies.owners_locked_out',
  });
  const admin = await signedIn(house, 'admin');
  const byAdmin = () => policies.set('session', body, { version: 0 });
  await expect(house.as(house.acme, admin.user, byAdmin)).rejects.toMatchObject({
    code: 'policies.owners_locked_out',
  });
  // Another owner who is inside the network makes it possible, also by a role that inherits.
  const other = await signedIn(house);
  await asOwner(async () => {
    const { roles, grants } = house.bulkhead.access;
    await roles.create({ key: 'boss', name: 'Boss', inherits: ['owner'] });
    await grants.create({ holder: { type: 'user', id: other.user }, role: 'boss' });
  });
  expect(await asOwner(() => policies.preview('session', body))).toMatchObject({ owners: 2 });
  await outcome(house, { ...other, ip: '203.0.113.5' });
  await asOwner(() => policies.set('session', body, { version: 0 }));
  expect(await outcome(house, { ...other, ip: '203.0.113.5' })).toBe('admitted');
});

test('a factor that a role needs is needed by whoever inherits the role, also by a group', async () => {
  const house = await openHouse();
  const { access, policies } = house.bulkhead;
  const owner = await signedIn(house, 'owner');
  const asOwner = <T>(fn: () => Promise<T>) => house.as(house.acme, owner.user, fn);
  const [heir, grouped, other] = [
    await signedIn(house),
    await signedIn(house),
    await signedIn(house),
  ];
  await asOwner(async () => {
    await access.roles.create({ key: 'deputy', name: 'Deputy', inherits: ['admin'] });
    await access.grants.create({ holder: { type: 'user', id: heir.user }, role: 'deputy' });
    const { id: group } = await access.groups.create({ name: 'Deputies' });
    await access.groups.addMembers({ id: group, members: [{ type: 'user', id: grouped.user }] });
    await access.grants.create({ holder: { type: 'group', id: group }, role: 'deputy' });
  });
  for (const way of [heir, grouped, other]) await factorGone(house, way);
  const body = { required: 'roles' as const, roles: ['admin'] };

  const said = await asOwner(() => policies.preview('mfa', body));
  const named = said.members.filter(({ rules }) => rules.includes('mfa.enrolment'));
  expect(named.map(({ id }) => id).sort()).toEqual([heir.user, grouped.user].sort());
  await asOwner(() => policies.set('mfa', body, { version: 0 }));
  for (const way of [heir, grouped]) {
    expect(await outcome(house, way)).toBe('policies.mfa_enrolment_required');
  }
  expect(await outcome(house, other)).toBe('admitted');
  // What signing in tells of, and what keeps a last factor from being taken away.
  const demanded = async ({ user }: Way) =>
    (await house.admin.query('select bulkhead.mfa_demanded($1)', [user])).rows[0].mfa_demanded;
  expect(await Promise.all([heir, grouped, other].map(demanded))).toEqual([true, true, false]);
});
