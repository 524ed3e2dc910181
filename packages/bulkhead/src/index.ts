/** Bulkhead's one door. */
export {
  type Access,
  definePermissions,
  type Explanation,
  type Grant,
  type Group,
  type Member,
  type Node,
  type PermissionCatalogue,
  type PermissionOf,
  type PermittedNodes,
  type Role,
} from './access/index.ts';
export {
  type ActionCatalogue,
  type ActionDefinition,
  type ActionDefinitions,
  type ActionsOf,
  type Audit,
  type AuditEvent,
  defineActions,
  type EventInput,
  type Executor,
  generateSigningKey,
  generateVaultKey,
  type RecordOptions,
} from './audit/index.ts';
export { type BulkheadConfig, defineConfig } from './config.ts';
export {
  type AsOperatorOptions,
  type AsTenantOptions,
  type Bulkhead,
  createBulkhead,
} from './create-bulkhead.ts';
export {
  type AuthenticatedIdentity,
  auth0,
  clerk,
  type Factor,
  type Factors,
  type FinishedStep,
  generateCredentialKey,
  okta,
  type RequestGate,
  type RequestLike,
  requireRecentMfa,
  type Sender,
  type SignInStep,
  supabase,
  type Tenant,
  type TenantDirectory,
} from './identity/index.ts';
export type {
  Actor,
  ActorType,
  Context,
  OperatorContext,
  TenantContext,
  TenantId,
} from './isolation/index.ts';
export { generateContextKey } from './isolation/index.ts';
export { BulkheadError, isBulkheadError } from './kernel/errors.ts';
