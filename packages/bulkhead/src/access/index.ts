/** The access room's door: see README.md for what it promises. */
export { type Authorizer, createAuthorizer, type Decisions } from './authorizer/authorizer.ts';
export type { Check } from './authorizer/database-questions.ts';
export { access } from './capability.ts';
export { type AccessConfig, type AccessConfigInput, accessSection } from './config.ts';
export { accessError, accessErrors } from './errors.ts';
export {
  definePermissions,
  type PermissionCatalogue,
  type PermissionEntries,
  type PermissionOf,
} from './permissions/define-permissions.ts';
