/**
 * The dry run: what a policy would change for those who are in, by the same judgement that would change it.
 *
 * Promises: names who is affected only where they are not already; changes nothing. Lists are bounded, counts
 * are not. Does not promise the future: somebody may come from another network tomorrow.
 */
import type { Entrant } from './entry-facts.ts';
import { judge, type PolicyFacts, type PolicyRule, type Verdict } from './judge.ts';
import type { PolicySet } from './policy-set.ts';

const LISTED_MAX = 200;

export interface AffectedWay {
  readonly id: string;
  readonly rules: readonly PolicyRule[];
}

export interface AffectedMember {
  readonly type: 'user' | 'service_account';
  readonly id: string;
  readonly name: string;
  /** True when every session of theirs is refused where it is: they would be shut out. */
  readonly shutOut: boolean;
  /** Rules about the person: a factor to set up, a password to change. */
  readonly rules: readonly PolicyRule[];
  readonly sessions: readonly AffectedWay[];
  readonly keys: readonly (AffectedWay & { readonly name: string })[];
}

export interface PreviewEffect {
  /** A whole sentence. */
  readonly text: string;
  readonly count: number;
  readonly severity: 'none' | 'attention' | 'breach';
}

export interface PolicyPreview {
  /** Gravest first; one that says so when nobody would notice. */
  readonly effects: readonly PreviewEffect[];
  /** The first 200 who would notice. */
  readonly members: readonly AffectedMember[];
  readonly membersAffected: number;
  /** Owners who sign in here, and how many of them would be shut out. */
  readonly owners: number;
  readonly ownersShutOut: number;
}

export async function previewPolicies(
  present: PolicySet,
  draft: PolicySet,
  entrants: AsyncIterable<readonly Entrant[]>,
  nowMs: number,
): Promise<PolicyPreview> {
  const members: AffectedMember[] = [];
  const counts = new Map<PolicyRule | 'shut_out', number>();
  const count = (what: PolicyRule | 'shut_out') => counts.set(what, (counts.get(what) ?? 0) + 1);
  let membersAffected = 0;
  let owners = 0;
  let ownersShutOut = 0;
  let ownersUnseen = 0;
  for await (const page of entrants) {
    for (const entrant of page) {
      const affected = affectedMember(present, draft, entrant, nowMs);
      const { isOwner } = entrant;
      if (isOwner) owners += 1;
      if (isOwner && entrant.sessions.length === 0) ownersUnseen += 1;
      if (affected === undefined) continue;
      membersAffected += 1;
      if (affected.shutOut && isOwner) ownersShutOut += 1;
      if (affected.shutOut) count('shut_out');
      for (const rule of affected.rules) count(rule);
      for (const { rules } of [...affected.sessions, ...affected.keys]) rules.forEach(count);
      if (members.length < LISTED_MAX) members.push(affected);
    }
  }
  return {
    effects: effectsOf(counts, {
      owners,
      ownersShutOut,
      ownersUnseen: narrowsNetworks(present, draft) ? ownersUnseen : 0,
    }),
    members,
    membersAffected,
    owners,
    ownersShutOut,
  };
}

/** Whether people may come from fewer networks than before; which ones those are is not compared. */
function narrowsNetworks(present: PolicySet, draft: PolicySet): boolean {
  const [before, after] = [present, draft].map(({ session }) =>
    session.ipAllowlist.toSorted().join(),
  );
  return after !== '' && after !== before;
}

/** What is new for one member; undefined when nothing is. */
function affectedMember(
  present: PolicySet,
  draft: PolicySet,
  entrant: Entrant,
  nowMs: number,
): AffectedMember | undefined {
  const news = (facts: Omit<PolicyFacts, 'nowMs'>): Verdict[] => {
    const now = judge(present, { nowMs, ...facts }).map(({ rule }) => rule);
    return judge(draft, { nowMs, ...facts }).filter(({ rule }) => !now.includes(rule));
  };
  const { roles, passwordChangedAtMs } = entrant;
  const mfa =
    entrant.mfaEnrolled === undefined
      ? undefined
      : // Their next sign-in shows the factor; whether there is one to show is the question here.
        { enrolled: entrant.mfaEnrolled, passedAtMs: nowMs };
  const own = news({ roles, mfa, password: { changedAtMs: passwordChangedAtMs } });
  const sessions = entrant.sessions
    .map((session) => ({
      id: session.id,
      verdicts: news({
        ip: session.ip,
        roles,
        session,
        ...(entrant.mfaEnrolled && { mfa: { enrolled: true, passedAtMs: session.mfaPassedAtMs } }),
      }),
    }))
    .filter(({ verdicts }) => verdicts.length > 0);
  const keys = entrant.keys
    .map(({ id, name, ip, ...key }) => ({ id, name, verdicts: news({ ip, key }) }))
    .filter(({ verdicts }) => verdicts.length > 0);
  if (own.length + sessions.length + keys.length === 0) return undefined;
  const refused = sessions.filter(({ verdicts }) => verdicts.some(isRefusal)).length;
  return {
    type: entrant.type,
    id: entrant.id,
    name: entrant.name,
    shutOut: refused > 0 && refused === entrant.sessions.length,
    rules: own.map(({ rule }) => rule),
    sessions: sessions.map(({ id, verdicts }) => ({ id, rules: verdicts.map(({ rule }) => rule) })),
    keys: keys.map(({ id, name, verdicts }) => ({
      id,
      name,
      rules: verdicts.map(({ rule }) => rule),
    })),
  };
}

function isRefusal({ effect }: Verdict): boolean {
  return effect === 'refuse';
}

type Counted = PolicyRule | 'shut_out';

/** `1 session would end`: a noun for one, one for several, and what would happen to it. */
const sentences: Partial<Record<Counted, readonly [one: string, many: string, what: string]>> = {
  shut_out: [
    'person',
    'people',
    'would be shut out: no session of theirs comes from an allowed network.',
  ],
  'api.ip': ['API key', 'API keys', 'would be refused: not last used from an allowed network.'],
  'api.key_age': ['API key', 'API keys', 'would be refused: too old.'],
  'api.scopes': [
    'API key',
    'API keys',
    'would be refused: with permissions that keys may not have.',
  ],
  'session.ip': ['session', 'sessions', 'would be refused from where last used.'],
  'session.idle': ['session', 'sessions', 'would end: unused for too long.'],
  'session.age': ['session', 'sessions', 'would end: too old.'],
  'session.concurrent': ['session', 'sessions', 'would end: more than a user may have.'],
  'mfa.enrolment': [
    'person',
    'people',
    'would have to set up a second factor before anything else.',
  ],
  'mfa.missing': ['session', 'sessions', 'would have to confirm with the second factor.'],
  'password.age': ['person', 'people', 'would have to change the password.'],
};

function effectsOf(
  counts: ReadonlyMap<Counted, number>,
  {
    owners,
    ownersShutOut,
    ownersUnseen,
  }: Record<'owners' | 'ownersShutOut' | 'ownersUnseen', number>,
): readonly PreviewEffect[] {
  const effects: PreviewEffect[] = [];
  if (owners > 0 && ownersShutOut === owners) {
    effects.push({
      text: 'Every owner would be shut out. Setting this is refused.',
      count: ownersShutOut,
      severity: 'breach',
    });
  }
  if (owners > 0 && ownersUnseen === owners) {
    effects.push({
      text: 'No owner is signed in: whether the networks let one of them in cannot be told.',
      count: ownersUnseen,
      severity: 'attention',
    });
  }
  for (const [counted, sentence] of Object.entries(sentences)) {
    // The keys of the record above.
    const count = counts.get(counted as Counted) ?? 0;
    if (count === 0 || sentence === undefined) continue;
    const [one, many, what] = sentence;
    effects.push({
      text: `${count} ${count === 1 ? one : many} ${what}`,
      count,
      severity: 'attention',
    });
  }
  if (effects.length === 0) {
    effects.push({ text: 'Nobody would notice.', count: 0, severity: 'none' });
  }
  return effects;
}
