/** The policies room's door: see README.md for what it promises. */
export { type Address, isInside, type Network, parseAddress, parseNetwork } from './cidr.ts';
export { policyError, policyErrors } from './errors.ts';
export {
  judge,
  type KeyFacts,
  type MfaFacts,
  needsMfa,
  type PasswordFacts,
  type PolicyFacts,
  type PolicyRule,
  type SessionFacts,
  type Verdict,
} from './judge.ts';
export {
  defaultPolicies,
  type PolicyBodies,
  type PolicyInputs,
  type PolicyKind,
  policyKinds,
  policySchemas,
} from './policy-kinds.ts';
export { isAllowedFrom, type PolicySet, policySet } from './policy-set.ts';
export { refusalOf } from './refusal.ts';
