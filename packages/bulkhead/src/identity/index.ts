/**
 * The identity room: who sends a request, for which tenant, and may they.
 * This is its only door; see README.md for what it promises.
 */
export { createRequestGate, type RequestGate } from './admit.ts';
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
export { identityError, identityErrors } from './errors.ts';
export type { AuthenticatedIdentity, Identity } from './identify/identity.ts';
export { auth0, clerk, okta, supabase } from './identify/presets.ts';
export type { RequestLike } from './request.ts';
export { createTenantCache, type TenantCacheOptions, type TenantFinder } from './tenant-cache.ts';
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
