/** The access room's door: see README.md for what it promises. */
export {
  type Access,
  type AccessPorts,
  createAccess,
  createOperationRunner,
  type OperationCall,
  type OperationOptions,
} from './access.ts';
export { type Authorizer, createAuthorizer, type Decisions } from './authorizer/authorizer.ts';
export type { Check } from './authorizer/database-questions.ts';
export { access } from './capability.ts';
export { type AccessConfig, type AccessConfigInput, accessSection } from './config.ts';
export { accessError, accessErrors } from './errors.ts';
export { type Explanation, explanationSchema } from './operations/decisions.ts';
export type { Executor } from './operations/executor.ts';
export type { Grant, Group, Member, Node, Role } from './operations/schemas.ts';
export { accessOperations, accessStatements } from './operations.ts';
export {
  definePermissions,
  type PermissionCatalogue,
  type PermissionEntries,
  type PermissionOf,
} from './permissions/define-permissions.ts';
export { isDangerous } from './permissions/own-permissions.ts';
export { publishCatalogue } from './permissions/publish.ts';
export type { PermittedNodes } from './permitted-nodes.ts';
export { accessRoutes } from './routes.ts';
