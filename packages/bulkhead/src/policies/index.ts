/** The policies room's door: see README.md for what it promises. */

export { policies } from './capability.ts';
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
export { type Policy, type PolicyPorts, policyOperations } from './operations.ts';
export { createPolicies, type Policies, type PoliciesRoom } from './policies.ts';
export { policiesOfUser } from './policy-cache.ts';
export {
  defaultPolicies,
  mfaPolicySchema,
  type PolicyBodies,
  type PolicyInputs,
  type PolicyKind,
  passwordPolicySchema,
  policyKinds,
  policySchemas,
} from './policy-kinds.ts';
export { isAllowedFrom, type PolicySet, policySet } from './policy-set.ts';
export type { PolicyPreview } from './preview.ts';
export { refusalOf } from './refusal.ts';
export { policyRoutes } from './routes.ts';
export { strictest } from './strictest.ts';
