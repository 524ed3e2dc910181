import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge, type PolicyFacts } from './judge.ts';
import { policySchemas } from './policy-kinds.ts';
import { policySet } from './policy-set.ts';
import { refusalOf } from './refusal.ts';

const NOW = Date.UTC(2030, 0, 1);
const MINUTE = 60_000;
const DAY = 86_400_000;

const withSession = (body: object) => policySet({ session: policySchemas.session.parse(body) });
const withApi = (body: object) => policySet({ api: policySchemas.api.parse(body) });
const withPassword = (body: object) => policySet({ password: policySchemas.password.parse(body) });
const withMfa = (body: object) => policySet({ mfa: policySchemas.mfa.parse(body) });

const fresh = { startedAtMs: NOW - MINUTE, lastUsedAtMs: NOW - 1 };
const rules = (policies: ReturnType<typeof policySet>, facts: Omit<PolicyFacts, 'nowMs'>) =>
  judge(policies, { nowMs: NOW, ...facts }).map(({ rule }) => rule);

test('a tenant that has set nothing lets an ordinary session, key and person through', () => {
  expect(
    rules(policySet(), {
      ip: '192.0.2.1',
      roles: ['owner'],
      session: fresh,
      key: { createdAtMs: 0, scopes: null },
      mfa: { enrolled: false, passedAtMs: null },
    }),
  ).toEqual([]);
});

test('an allowlist admits its networks and refuses every other address, and one that is missing or no address', () => {
  const office = withSession({ ipAllowlist: ['192.0.2.0/24', '2001:db8::/32'] });
  for (const ip of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::7']) {
    expect(rules(office, { ip, session: fresh })).toEqual([]);
  }
  for (const ip of ['192.0.3.7', '2001:db9::7', 'unknown', '', undefined]) {
    expect(rules(office, { ip, session: fresh })).toEqual(['session.ip']);
  }
});

test('the allowlist of sessions says nothing about API keys, nor theirs about sessions', () => {
  const office = withSession({ ipAllowlist: ['192.0.2.0/24'] });
  expect(rules(office, { ip: '198.51.100.1', key: { createdAtMs: NOW } })).toEqual([]);
  const servers = withApi({ ipAllowlist: ['192.0.2.0/24'] });
  expect(rules(servers, { ip: '198.51.100.1', session: fresh })).toEqual([]);
  expect(rules(servers, { ip: '198.51.100.1', key: { createdAtMs: NOW } })).toEqual(['api.ip']);
});

test('a session ends at the very moment its time is over, idle or in use', () => {
  const policies = withSession({ idleMaxMinutes: 30, ageMaxMinutes: 60 });
  const session = (startedAgo: number, usedAgo: number) => ({
    session: { startedAtMs: NOW - startedAgo, lastUsedAtMs: NOW - usedAgo },
  });
  expect(rules(policies, session(59 * MINUTE, 30 * MINUTE - 1))).toEqual([]);
  expect(rules(policies, session(59 * MINUTE, 30 * MINUTE))).toEqual(['session.idle']);
  expect(rules(policies, session(60 * MINUTE, 0))).toEqual(['session.age']);
});

test('of a session whose times nobody knows, where it comes from still holds', () => {
  const policies = withSession({ idleMaxMinutes: 5, ipAllowlist: ['192.0.2.0/24'] });
  expect(rules(policies, { ip: '198.51.100.1', session: {} })).toEqual(['session.ip']);
  expect(rules(policies, { ip: '192.0.2.1', session: {} })).toEqual([]);
});

test('of too many sessions the oldest end', () => {
  const policies = withSession({ concurrentMax: 2 });
  const ended = [0, 1, 2, 3].map((newerSessions) =>
    rules(policies, { session: { ...fresh, newerSessions } }).includes('session.concurrent'),
  );
  expect(ended).toEqual([false, false, true, true]);
});

test('an API key is held to its age and to the permissions that keys may carry', () => {
  const policies = withApi({ keyAgeMaxDays: 90, scopesAllowed: ['note:read'] });
  const key = (ageMs: number, scopes: string[] | null) => ({
    key: { createdAtMs: NOW - ageMs, scopes },
  });
  expect(rules(policies, key(90 * DAY - 1, ['note:read']))).toEqual([]);
  expect(rules(policies, key(90 * DAY, ['note:read']))).toEqual(['api.key_age']);
  expect(rules(policies, key(0, ['note:read', 'note:write']))).toEqual(['api.scopes']);
  expect(rules(policies, key(0, null))).toEqual(['api.scopes']);
});

test('a new password is held to length, history and breaches', () => {
  const policies = withPassword({
    lengthMin: 10,
    lengthMax: 64,
    reuseHistory: 3,
    breachedCheck: true,
  });
  expect(rules(policies, { password: { length: 10, breached: false } })).toEqual([]);
  expect(rules(policies, { password: { length: 9 } })).toEqual(['password.length_min']);
  expect(rules(policies, { password: { length: 65 } })).toEqual(['password.length_max']);
  expect(rules(policies, { password: { length: 20, usedChangesAgo: 2 } })).toEqual([
    'password.reuse',
  ]);
  expect(rules(policies, { password: { length: 20, usedChangesAgo: 3 } })).toEqual([]);
  expect(rules(policies, { password: { length: 20, breached: true } })).toEqual([
    'password.breached',
  ]);
  expect(rules(withPassword({}), { password: { length: 20, breached: true } })).toEqual([]);
});

test('a shortest password longer than the longest still leaves passwords that are accepted', () => {
  const policies = withPassword({ lengthMin: 128, lengthMax: 64 });
  expect(rules(policies, { password: { length: 128 } })).toEqual([]);
});

test('an old password must be changed, and only where a limit is set', () => {
  const facts = { password: { changedAtMs: NOW - 365 * DAY } };
  expect(rules(withPassword({}), facts)).toEqual([]);
  expect(judge(withPassword({ ageMaxDays: 365 }), { nowMs: NOW, ...facts })).toEqual([
    { rule: 'password.age', effect: 'remedy' },
  ]);
});

test('a second factor is asked of everyone, or of those with a role, and of no one else', () => {
  const bare = { enrolled: true, passedAtMs: null };
  expect(rules(withMfa({ required: 'everyone' }), { mfa: bare })).toEqual(['mfa.missing']);
  const some = withMfa({ required: 'roles', roles: ['admin'] });
  expect(rules(some, { roles: ['admin', 'viewer'], mfa: bare })).toEqual(['mfa.missing']);
  expect(rules(some, { roles: ['viewer'], mfa: bare })).toEqual([]);
  expect(rules(some, { mfa: bare })).toEqual([]);
});

test('who has no second factor may come to set one up, so nobody is locked out', () => {
  const facts = { nowMs: NOW, mfa: { enrolled: false, passedAtMs: null } };
  expect(judge(withMfa({ required: 'everyone' }), facts)).toEqual([
    { rule: 'mfa.enrolment', effect: 'remedy' },
  ]);
});

test('a dangerous action needs the second factor anew, of those who have one', () => {
  const policies = withMfa({ stepUpAgeMaxMinutes: 10 });
  const passed = (ago: number) => ({ enrolled: true, passedAtMs: NOW - ago });
  expect(rules(policies, { dangerous: true, mfa: passed(10 * MINUTE - 1) })).toEqual([]);
  expect(rules(policies, { dangerous: true, mfa: passed(10 * MINUTE) })).toEqual(['mfa.step_up']);
  expect(rules(policies, { mfa: passed(10 * MINUTE) })).toEqual([]);
  expect(rules(policies, { dangerous: true, mfa: { enrolled: true, passedAtMs: null } })).toEqual([
    'mfa.step_up',
  ]);
  expect(rules(policies, { dangerous: true, mfa: { enrolled: false, passedAtMs: null } })).toEqual(
    [],
  );
  expect(rules(withMfa({ stepUp: false }), { dangerous: true, mfa: passed(DAY) })).toEqual([]);
});

test('the gravest verdict is the one that is told', () => {
  const policies = policySet({
    session: policySchemas.session.parse({ idleMaxMinutes: 5, ipAllowlist: ['192.0.2.0/24'] }),
    mfa: policySchemas.mfa.parse({ required: 'everyone' }),
  });
  const verdicts = judge(policies, {
    nowMs: NOW,
    ip: '198.51.100.1',
    session: { startedAtMs: NOW - DAY, lastUsedAtMs: NOW - DAY },
    mfa: { enrolled: true, passedAtMs: null },
  });
  expect(verdicts.map(({ effect }) => effect)).toEqual(['refuse', 'end', 'remedy']);
  const refusal = refusalOf(verdicts);
  expect(refusal?.code).toBe('policies.address_not_allowed');
  expect(refusal?.detail).toBe('session.ip, session.idle, mfa.missing');
  expect(JSON.stringify(refusal)).not.toContain('session.idle');
});

test('nothing refused is nothing thrown', () => {
  expect(refusalOf([])).toBeUndefined();
});

test('a stricter session policy never admits what a laxer one refused', () => {
  const minutes = fc.tuple(fc.integer({ min: 5, max: 10_000 }), fc.nat(10_000));
  fc.assert(
    fc.property(minutes, minutes, fc.nat(20_000), fc.nat(20_000), (idle, age, started, used) => {
      const lax = withSession({
        idleMaxMinutes: idle[0] + idle[1],
        ageMaxMinutes: 15 + age[0] + age[1],
      });
      const strict = withSession({ idleMaxMinutes: idle[0], ageMaxMinutes: 15 + age[0] });
      const facts = {
        session: { startedAtMs: NOW - started * MINUTE, lastUsedAtMs: NOW - used * MINUTE },
      };
      const refused = new Set(rules(strict, facts));
      for (const rule of rules(lax, facts)) expect(refused).toContain(rule);
    }),
  );
});
