/** The isolation room's door. */
export type { ContextKey } from './context-key.ts';
export { generateContextKey, keyPads, parseContextKey } from './context-key.ts';
export { isolationError, isolationErrors } from './errors.ts';
export { type EnterOptions, Isolation, type IsolationOptions, type TenantRef } from './isolate.ts';
export { ScopedPool } from './pool/scoped-pool.ts';
export type { SystemConnection, SystemConnectionEvents } from './pool/system-connection.ts';
export { applyPrivileges } from './privileges.ts';
export { publishContextKey } from './publish-key.ts';
export type { SignedParcel } from './signed-parcel.ts';
export {
  type Actor,
  type ActorType,
  type ApiKeyFacts,
  assertActor,
  type Context,
  currentContext,
  currentTenant,
  isSameContext,
  type OperatorContext,
  parseTenantId,
  peekContext,
  runInContext,
  runOutsideContext,
  type SessionFacts,
  type TenantContext,
  type TenantId,
} from './tenant-context.ts';
export { type TenantStatements, withTenantStatements } from './tenant-statements.ts';
