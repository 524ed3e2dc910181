/**
 * The one judgement of a tenant's policies: the request gate, sign-in and the dry run ask it alike.
 *
 * Promises: pure: the same policies and facts give the same verdicts. Each rule looks only at facts that are
 * there (no session, no rule about sessions), except that an allowlist refuses an address it is not told.
 * Does not promise what is done about a verdict: `refusalOf` names the usual answer.
 */
import type { PolicySet } from './policy-set.ts';
import { isAllowedFrom } from './policy-set.ts';

/** What is known when a policy is asked. Leave out what the case at hand has not. */
export interface PolicyFacts {
  /** Milliseconds since 1970, as all times here. */
  readonly nowMs: number;
  /** Where the request comes from, as text. */
  readonly ip?: string | undefined;
  /** Keys of every role that the actor holds anywhere in the tenant. */
  readonly roles?: readonly string[] | undefined;
  /** The session that the request came by. */
  readonly session?: SessionFacts | undefined;
  /** The API key that the request came by. */
  readonly key?: KeyFacts | undefined;
  /** A password as it is signed in with or set. */
  readonly password?: PasswordFacts | undefined;
  /** The second factor of a person; leave it out for API keys and service accounts. */
  readonly mfa?: MfaFacts | undefined;
  /** The permission about to be used is a dangerous one. */
  readonly dangerous?: boolean | undefined;
}

/** Of a session that is not ours, such as another issuer's token, times may be unknown; where it may come from holds. */
export interface SessionFacts {
  readonly startedAtMs?: number | undefined;
  readonly lastUsedAtMs?: number | undefined;
  /** How many live sessions of the same user were started later. */
  readonly newerSessions?: number | undefined;
}

export interface KeyFacts {
  readonly createdAtMs: number;
  /** The permissions it carries; null for all that its holder has. */
  readonly scopes?: readonly string[] | null | undefined;
}

export interface PasswordFacts {
  /** Of a new password: how many characters (code points) it has. */
  readonly length?: number | undefined;
  /** Of a new password: how many changes ago it was the password; 0 is the present one. */
  readonly usedChangesAgo?: number | undefined;
  /** Of a new password: it is known from a breach. */
  readonly breached?: boolean | undefined;
  /** Of a present one: since when it is. */
  readonly changedAtMs?: number | undefined;
}

export interface MfaFacts {
  readonly enrolled: boolean;
  /** When a second factor was last shown in this session; null for never. */
  readonly passedAtMs: number | null;
}

/** A rule, `kind.setting`: what stood in the way. */
export type PolicyRule =
  | 'password.length_min'
  | 'password.length_max'
  | 'password.reuse'
  | 'password.breached'
  | 'password.age'
  | 'session.ip'
  | 'session.idle'
  | 'session.age'
  | 'session.concurrent'
  | 'api.ip'
  | 'api.key_age'
  | 'api.scopes'
  | 'mfa.enrolment'
  | 'mfa.missing'
  | 'mfa.step_up';

/** One rule that does not hold. */
export interface Verdict {
  readonly rule: PolicyRule;
  /**
   * `refuse`: not from here, not with this. `end`: the session is over; signing in anew helps. `remedy`: the
   * actor may do the one thing that the rule asks for, and nothing else until then.
   */
  readonly effect: 'refuse' | 'end' | 'remedy';
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Every rule that does not hold, the gravest first; empty when all do. */
export function judge(policies: PolicySet, facts: PolicyFacts): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  if (facts.session !== undefined) judgeSession(policies, facts, facts.session, verdicts);
  if (facts.key !== undefined) judgeKey(policies, facts, facts.key, verdicts);
  if (facts.password !== undefined) judgePassword(policies, facts, facts.password, verdicts);
  if (facts.mfa !== undefined) judgeMfa(policies, facts, facts.mfa, verdicts);
  return verdicts.length < 2 ? verdicts : verdicts.sort((a, b) => gravity(b) - gravity(a));
}

function judgeSession(
  { session: policy, sessionNetworks }: PolicySet,
  { ip, nowMs }: PolicyFacts,
  session: SessionFacts,
  verdicts: Verdict[],
): void {
  if (!isAllowedFrom(sessionNetworks, ip)) verdicts.push({ rule: 'session.ip', effect: 'refuse' });
  if (nowMs - (session.lastUsedAtMs ?? nowMs) >= policy.idleMaxMinutes * MINUTE_MS) {
    verdicts.push({ rule: 'session.idle', effect: 'end' });
  }
  if (nowMs - (session.startedAtMs ?? nowMs) >= policy.ageMaxMinutes * MINUTE_MS) {
    verdicts.push({ rule: 'session.age', effect: 'end' });
  }
  if (policy.concurrentMax !== null && (session.newerSessions ?? 0) >= policy.concurrentMax) {
    verdicts.push({ rule: 'session.concurrent', effect: 'end' });
  }
}

function judgeKey(
  { api: policy, apiNetworks }: PolicySet,
  { ip, nowMs }: PolicyFacts,
  key: KeyFacts,
  verdicts: Verdict[],
): void {
  if (!isAllowedFrom(apiNetworks, ip)) verdicts.push({ rule: 'api.ip', effect: 'refuse' });
  if (policy.keyAgeMaxDays !== null && nowMs - key.createdAtMs >= policy.keyAgeMaxDays * DAY_MS) {
    verdicts.push({ rule: 'api.key_age', effect: 'refuse' });
  }
  const { scopesAllowed } = policy;
  if (scopesAllowed === null || key.scopes === undefined) return;
  // A key without scopes of its own carries whatever its holder has, which no list bounds.
  if (key.scopes === null || !key.scopes.every((scope) => scopesAllowed.includes(scope))) {
    verdicts.push({ rule: 'api.scopes', effect: 'refuse' });
  }
}

function judgePassword(
  { password: policy }: PolicySet,
  { nowMs }: PolicyFacts,
  password: PasswordFacts,
  verdicts: Verdict[],
): void {
  const { length, usedChangesAgo, breached, changedAtMs } = password;
  if (length !== undefined && length < policy.lengthMin) {
    verdicts.push({ rule: 'password.length_min', effect: 'refuse' });
  }
  // A longest length below the shortest would leave no password at all.
  if (length !== undefined && length > Math.max(policy.lengthMax, policy.lengthMin)) {
    verdicts.push({ rule: 'password.length_max', effect: 'refuse' });
  }
  if (usedChangesAgo !== undefined && usedChangesAgo < policy.reuseHistory) {
    verdicts.push({ rule: 'password.reuse', effect: 'refuse' });
  }
  if (breached === true && policy.breachedCheck) {
    verdicts.push({ rule: 'password.breached', effect: 'refuse' });
  }
  if (
    changedAtMs !== undefined &&
    policy.ageMaxDays !== null &&
    nowMs - changedAtMs >= policy.ageMaxDays * DAY_MS
  ) {
    verdicts.push({ rule: 'password.age', effect: 'remedy' });
  }
}

function judgeMfa(
  policies: PolicySet,
  facts: PolicyFacts,
  mfa: MfaFacts,
  verdicts: Verdict[],
): void {
  const policy = policies.mfa;
  const needed = needsMfa(policies, facts.roles ?? []);
  if (needed && !mfa.enrolled) {
    verdicts.push({ rule: 'mfa.enrolment', effect: 'remedy' });
    return;
  }
  if (needed && mfa.passedAtMs === null) {
    verdicts.push({ rule: 'mfa.missing', effect: 'remedy' });
    return;
  }
  if (facts.dangerous !== true || !policy.stepUp || !mfa.enrolled) return;
  const ageMs = mfa.passedAtMs === null ? Number.POSITIVE_INFINITY : facts.nowMs - mfa.passedAtMs;
  if (ageMs >= policy.stepUpAgeMaxMinutes * MINUTE_MS) {
    verdicts.push({ rule: 'mfa.step_up', effect: 'remedy' });
  }
}

/** Whether somebody with these roles needs a second factor to enter. */
export function needsMfa({ mfa }: PolicySet, roles: readonly string[]): boolean {
  if (mfa.required === 'roles') return roles.some((role) => mfa.roles.includes(role));
  return mfa.required === 'everyone';
}

function gravity({ effect }: Verdict): number {
  return effect === 'refuse' ? 2 : effect === 'end' ? 1 : 0;
}
