/** The access room's door: see README.md for what it promises. */
export { access } from './capability.ts';
export { type AccessConfig, type AccessConfigInput, accessSection } from './config.ts';
export { accessError, accessErrors } from './errors.ts';
export {
  definePermissions,
  type PermissionCatalogue,
  type PermissionEntries,
  type PermissionOf,
} from './permissions/define-permissions.ts';
