/** From verdicts to what the one who is refused is told. */
import type { BulkheadError } from '../kernel/errors.ts';
import { policyError, type policyErrors } from './errors.ts';
import type { PolicyRule, Verdict } from './judge.ts';

const codes: Record<PolicyRule, keyof typeof policyErrors> = {
  'password.length_min': 'policies.password_too_short',
  'password.length_max': 'policies.password_too_long',
  'password.reuse': 'policies.password_reused',
  'password.breached': 'policies.password_breached',
  'password.age': 'policies.password_expired',
  'session.ip': 'policies.address_not_allowed',
  'session.idle': 'policies.session_ended',
  'session.age': 'policies.session_ended',
  'session.concurrent': 'policies.session_ended',
  'api.ip': 'policies.address_not_allowed',
  'api.key_age': 'policies.key_too_old',
  'api.scopes': 'policies.scope_not_allowed',
  'mfa.enrolment': 'policies.mfa_enrolment_required',
  'mfa.missing': 'policies.mfa_required',
  'mfa.step_up': 'policies.step_up_required',
};

/** The error of the gravest verdict, with all rules in its detail; undefined when every rule holds. */
export function refusalOf(verdicts: readonly Verdict[]): BulkheadError | undefined {
  const [gravest] = verdicts;
  if (gravest === undefined) return undefined;
  return policyError(codes[gravest.rule], { detail: verdicts.map(({ rule }) => rule).join(', ') });
}
