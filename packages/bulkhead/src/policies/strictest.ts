/** What somebody must obey who belongs to several tenants: of every setting the strictest. */
import type { PolicyBodies } from './policy-kinds.ts';
import { type PolicySet, policySet } from './policy-set.ts';

/**
 * Of passwords and second factors, which a person has one of for all tenants. Sessions and keys are judged by
 * the tenant that is entered, so those stay the defaults. A second factor that only roles need counts as asked
 * of nobody here: which roles somebody holds is known when they enter.
 */
export function strictest(bodies: readonly Pick<PolicyBodies, 'password' | 'mfa'>[]): PolicySet {
  const [first, ...others] = bodies;
  if (first === undefined) return policySet();
  return policySet(
    others.reduce<Pick<PolicyBodies, 'password' | 'mfa'>>(
      (strict, { password, mfa }) => ({
        password: {
          lengthMin: Math.max(strict.password.lengthMin, password.lengthMin),
          lengthMax: Math.min(strict.password.lengthMax, password.lengthMax),
          reuseHistory: Math.max(strict.password.reuseHistory, password.reuseHistory),
          ageMaxDays: least(strict.password.ageMaxDays, password.ageMaxDays),
          breachedCheck: strict.password.breachedCheck || password.breachedCheck,
        },
        mfa: {
          required: [strict.mfa.required, mfa.required].includes('everyone')
            ? 'everyone'
            : 'nobody',
          roles: [],
          stepUp: strict.mfa.stepUp || mfa.stepUp,
          stepUpAgeMaxMinutes: Math.min(strict.mfa.stepUpAgeMaxMinutes, mfa.stepUpAgeMaxMinutes),
        },
      }),
      { password: first.password, mfa: first.mfa },
    ),
  );
}

function least(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}
