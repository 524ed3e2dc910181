/**
 * The identity room: who sends a request, for which tenant, and may they.
 * This is its only door; see README.md for what it promises.
 */
export type { AccountsQuery } from './accounts/accounts-query.ts';
export type { By, ForOperator, FromVersions, NewUser, User, Users } from './accounts/users.ts';
export { createRequestGate, type EntryFacts, type GatePorts, type RequestGate } from './admit.ts';
export { type AddedHeader, headersToAdd, withAddedHeaders } from './answer-headers.ts';
export { identity } from './capability.ts';
export {
  type Authenticate,
  type IdentityConfig,
  type IdentityConfigInput,
  identitySection,
  type JwtIssuerInput,
  parseIdentityConfig,
  type TenantSource,
} from './config.ts';
export {
  createIdentityRoom,
  type IdentityDoor,
  type IdentityRoom,
  type IdentityRoomPorts,
} from './create-identity.ts';
export {
  domainOf,
  type EmailAddress,
  parseEmailAddress,
  readEmailAddress,
} from './email-address.ts';
export { identityError, identityErrors } from './errors.ts';
export type { AuthenticatedIdentity, Identity } from './identify/identity.ts';
export { auth0, clerk, okta, supabase } from './identify/presets.ts';
export { apiKeyPattern } from './keys/api-key-token.ts';
export { mailLinks } from './mail/links.ts';
export type { IdentityPorts } from './operations/identity-operation.ts';
export { identityOperations } from './operations.ts';
export type { RequestLike } from './request.ts';
export { identityRoutes } from './routes.ts';
export type { CsrfTokens } from './sessions/csrf.ts';
export { createSessionCookie, type SessionCookie } from './sessions/session-cookie.ts';
export { mintSessionToken } from './sessions/session-token.ts';
export type { NewSession, OwnSession, Sessions, StartedSession } from './sessions/sessions.ts';
export {
  type Factor,
  type Factors,
  type FinishedStep,
  generateCredentialKey,
  type Mail,
  newSecret,
  requireRecentMfa,
  type Sender,
  type SignIn,
  type SignInCall,
  type SignInStep,
  signInCalls,
  type UnfinishedStep,
} from './sign-in/index.ts';
export { networkOf } from './sign-in/throttle/network.ts';
export {
  createTenantCache,
  type TenantCache,
  type TenantCacheOptions,
  type TenantFinder,
} from './tenant-cache.ts';
export {
  createTenantDirectory,
  type NewTenant,
  type Tenant,
  type TenantDirectory,
  type TenantPage,
} from './tenant-directory.ts';
export type { ImportResult, TenantImport } from './tenant-import.ts';
export { createTenantLookup, type QueryPort } from './tenant-lookup.ts';
export {
  type LookupHow,
  readTenantName,
  type TenantLookup,
  type TenantName,
  type TenantRecord,
} from './tenant-record.ts';
