/**
 * What a new password must be: the strictest of what the user's tenants demand, and a little that always holds.
 *
 * Promises: a refusal says what to change and never repeats the password.
 */
import {
  judge,
  type PolicyRule,
  type PolicySet,
  passwordPolicySchema,
  policySet,
  strictest,
} from '../../../policies/index.ts';
import { identityError } from '../../errors.ts';
import { type AccountsPort, callAccounts } from '../ports.ts';
import type { BreachedList } from './breached-passwords.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { type Password, passwordLength } from './read-password.ts';

/** Whose password it is to be, and what it was before. */
export interface PasswordOwner {
  readonly email: string;
  readonly name: string;
  readonly hash: string | undefined;
  /** The newest first. */
  readonly earlier: readonly string[];
}

export interface PasswordRules {
  /** The policies that hold for a user, whichever tenant asks. */
  of(userId: string): Promise<PolicySet>;
  /** @throws `identity.password_refused`, `identity.breached_list_unavailable` */
  check(password: Password, owner: PasswordOwner, policies: PolicySet): Promise<void>;
}

export function createPasswordRules(ports: {
  readonly accounts: AccountsPort;
  readonly hasher: PasswordHasher;
  readonly breached: BreachedList;
  /** Asks the list also where no policy demands it. */
  readonly breachedAlways: boolean;
}): PasswordRules {
  const { accounts, hasher, breached, breachedAlways } = ports;

  /** How many changes ago it was the password; undefined when it never was, as far as it matters. */
  async function usedChangesAgo(password: Password, owner: PasswordOwner, depth: number) {
    const hashes = [owner.hash, ...owner.earlier].slice(0, depth);
    for (const [index, hash] of hashes.entries()) {
      if (hash !== undefined && (await hasher.compare(password, hash)).matches) return index;
    }
    return undefined;
  }

  return {
    async of(userId) {
      const rows = await callAccounts(
        accounts,
        'select rules from bulkhead.password_rules($1) as r (rules)',
        [userId],
      );
      const none = policySet();
      return strictest(
        rows.map(({ rules }) => ({
          password: passwordPolicySchema.parse(rules ?? {}),
          mfa: none.mfa,
        })),
      );
    },
    async check(password, owner, policies) {
      if (isGuessable(password, owner)) {
        throw refused('This password is the name or the address of its account.');
      }
      const policy = policies.password;
      // The cheap ones first: hashing and asking a list only for what could be taken.
      const nowMs = Date.now();
      const length = passwordLength(password);
      refuse(judge(policies, { nowMs, password: { length } }), policies);
      const changes = await usedChangesAgo(password, owner, policy.reuseHistory);
      refuse(judge(policies, { nowMs, password: { usedChangesAgo: changes } }), policies);
      if (!breachedAlways && !policy.breachedCheck) return;
      if (await breached(password)) {
        throw refused('This password is on a list of passwords that are known from breaches.');
      }
    },
  };
}

function refuse(verdicts: readonly { readonly rule: PolicyRule }[], policies: PolicySet): void {
  const [first] = verdicts;
  if (first === undefined) return;
  const { lengthMin, lengthMax, reuseHistory } = policies.password;
  switch (first.rule) {
    case 'password.length_min':
      throw refused(`A password needs at least ${lengthMin} characters.`);
    case 'password.length_max':
      throw refused(`A password has at most ${Math.max(lengthMax, lengthMin)} characters.`);
    default:
      throw refused(`A password must differ from the last ${reuseHistory}.`);
  }
}

/** What anybody would try first. */
function isGuessable(password: Password, { email, name }: PasswordOwner): boolean {
  const bare = (text: string) => text.toLowerCase().replace(/[\s.@_-]/g, '');
  const given = bare(password);
  return (
    given === '' || [email, name, email.split('@')[0] ?? ''].some((one) => bare(one) === given)
  );
}

const refused = (message: string) => identityError('identity.password_refused', { message });
