import { expect, test } from 'vitest';
import type { Entrant } from './entry-facts.ts';
import { type PolicyKind, policySchemas } from './policy-kinds.ts';
import { policySet } from './policy-set.ts';
import { previewPolicies } from './preview.ts';
import { strictest } from './strictest.ts';

const NOW = Date.UTC(2030, 0, 1);
const DAY = 86_400_000;

const person = (given: Partial<Entrant>): Entrant => ({
  type: 'user',
  id: 'u',
  name: 'Ada',
  roles: ['member'],
  isOwner: false,
  mfaEnrolled: false,
  sessions: [],
  keys: [],
  ...given,
});
const session = (ip: string, given = {}) => ({
  id: `s-${ip}`,
  startedAtMs: NOW - DAY,
  lastUsedAtMs: NOW - 60_000,
  ip,
  newerSessions: 0,
  mfaPassedAtMs: null,
  ...given,
});
async function* pages(...entrants: Entrant[]): AsyncGenerator<readonly Entrant[]> {
  for (const entrant of entrants) yield [entrant];
}
const preview = (kind: PolicyKind, body: object, entrants: Entrant[], present = policySet()) =>
  previewPolicies(
    present,
    policySet({ ...present, [kind]: policySchemas[kind].parse(body) }),
    pages(...entrants),
    NOW,
  );

test('an allowlist names who would be shut out, and tells them from whom one session remains', async () => {
  const found = await preview('session', { ipAllowlist: ['192.0.2.0/24'] }, [
    person({ id: 'in', sessions: [session('192.0.2.1')] }),
    person({ id: 'half', sessions: [session('192.0.2.1'), session('198.51.100.1')] }),
    person({ id: 'out', sessions: [session('198.51.100.1')] }),
    person({ id: 'absent' }),
  ]);
  expect(found.members.map(({ id, shutOut }) => ({ id, shutOut }))).toEqual([
    { id: 'half', shutOut: false },
    { id: 'out', shutOut: true },
  ]);
  expect(found.effects.map(({ text }) => text)).toEqual([
    '1 person would be shut out: no session of theirs comes from an allowed network.',
    '2 sessions would be refused from where last used.',
  ]);
});

test('when every owner would be shut out, it says so first', async () => {
  const found = await preview('session', { ipAllowlist: ['192.0.2.0/24'] }, [
    person({ isOwner: true, sessions: [session('198.51.100.1')] }),
    person({ sessions: [session('192.0.2.1')] }),
  ]);
  expect(found).toMatchObject({ owners: 1, ownersShutOut: 1 });
  expect(found.effects[0]).toMatchObject({ severity: 'breach' });
});

test('where no owner is signed in, it says that nobody knows whether one could enter', async () => {
  const owners = [person({ isOwner: true })];
  const text = 'No owner is signed in: whether the networks let one of them in cannot be told.';
  const { effects } = await preview('session', { ipAllowlist: ['192.0.2.0/24'] }, owners);
  expect(effects).toEqual([{ text, count: 1, severity: 'attention' }]);
  const other = await preview('session', { idleMaxMinutes: 5 }, owners);
  expect(other.effects).toMatchObject([{ severity: 'none' }]);
});

test('a demand for a second factor names who has none, and whose session has not shown one', async () => {
  const found = await preview('mfa', { required: 'everyone' }, [
    person({ id: 'none' }),
    person({ id: 'shown', mfaEnrolled: true, sessions: [session('::1', { mfaPassedAtMs: NOW })] }),
    person({ id: 'not shown', mfaEnrolled: true, sessions: [session('::1')] }),
    person({ id: 'machine', type: 'service_account', mfaEnrolled: undefined }),
  ]);
  expect(found.members.map(({ id, rules, sessions }) => [id, rules, sessions.length])).toEqual([
    ['none', ['mfa.enrolment'], 0],
    ['not shown', [], 1],
  ]);
});

test('keys that are too old, carry too much or come from elsewhere are named', async () => {
  const key = (id: string, given = {}) => ({
    id,
    name: id,
    createdAtMs: NOW - DAY,
    scopes: ['note:read'],
    ip: '192.0.2.1',
    ...given,
  });
  const found = await preview(
    'api',
    { keyAgeMaxDays: 30, ipAllowlist: ['192.0.2.0/24'], scopesAllowed: ['note:read'] },
    [
      person({
        type: 'service_account',
        keys: [
          key('good'),
          key('old', { createdAtMs: NOW - 31 * DAY }),
          key('wide', { scopes: null }),
          key('far', { ip: '198.51.100.1' }),
        ],
      }),
    ],
  );
  expect(found.members[0]?.keys).toEqual([
    { id: 'old', name: 'old', rules: ['api.key_age'] },
    { id: 'wide', name: 'wide', rules: ['api.scopes'] },
    { id: 'far', name: 'far', rules: ['api.ip'] },
  ]);
});

test('what a policy demands already is no news, and nobody is named for nothing', async () => {
  const present = policySet({ mfa: policySchemas.mfa.parse({ required: 'everyone' }) });
  const found = await preview(
    'mfa',
    { required: 'everyone', stepUp: false },
    [person({})],
    present,
  );
  expect(found).toMatchObject({
    members: [],
    membersAffected: 0,
    effects: [{ text: 'Nobody would notice.', severity: 'none' }],
  });
});

test('ten thousand members are counted, two hundred are listed', async () => {
  async function* many(): AsyncGenerator<readonly Entrant[]> {
    for (let page = 0; page < 20; page += 1) {
      yield Array.from({ length: 500 }, (_, index) => person({ id: `${page}-${index}` }));
    }
  }
  const draft = policySet({ mfa: policySchemas.mfa.parse({ required: 'everyone' }) });
  const found = await previewPolicies(policySet(), draft, many(), NOW);
  expect(found.membersAffected).toBe(10_000);
  expect(found.members).toHaveLength(200);
});

test('the strictest of several tenants is at least as strict as each', () => {
  const bodies = [
    { lengthMin: 8, lengthMax: 64, reuseHistory: 0, ageMaxDays: 30, breachedCheck: false },
    { lengthMin: 16, lengthMax: 256, reuseHistory: 9, ageMaxDays: null, breachedCheck: true },
  ].map((password, index) => ({
    password,
    mfa: policySchemas.mfa.parse({ required: index === 0 ? 'nobody' : 'everyone' }),
  }));
  const expected = {
    password: {
      lengthMin: 16,
      lengthMax: 64,
      reuseHistory: 9,
      ageMaxDays: 30,
      breachedCheck: true,
    },
    mfa: { required: 'everyone' },
  };
  expect(strictest(bodies)).toMatchObject(expected);
  expect(strictest(bodies.toReversed())).toMatchObject(expected);
  expect(strictest([])).toEqual(policySet());
});
