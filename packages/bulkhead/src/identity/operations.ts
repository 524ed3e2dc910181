/**
 * All that can be done in a tenant with what this room keeps: one value an operation, for the library, the
 * command line, HTTP and the tables of tests.
 */
import type { OperationDefinition } from '../kernel/operation.ts';
import { type DomainPorts, domainOperations } from './domains/operations.ts';
import { type InvitationPorts, invitationOperations } from './invitations/operations.ts';
import { apiKeyCreate, apiKeyList, apiKeyRevoke, apiKeyRotate } from './operations/api-keys.ts';
import type { IdentityPorts } from './operations/identity-operation.ts';
import { tenantClose, tenantRead, tenantSetName } from './operations/own-tenant.ts';
import {
  serviceAccountCreate,
  serviceAccountDelete,
  serviceAccountDisable,
  serviceAccountEnable,
  serviceAccountGet,
  serviceAccountList,
  serviceAccountUpdate,
} from './operations/service-accounts.ts';
import { sessionList, sessionRevoke, sessionRevokeAll } from './operations/tenant-sessions.ts';

/** What all of them run on. */
export interface RoomPorts extends IdentityPorts, InvitationPorts, DomainPorts {}

export const identityOperations: readonly OperationDefinition<RoomPorts>[] = [
  tenantRead,
  tenantSetName,
  tenantClose,
  serviceAccountGet,
  serviceAccountList,
  serviceAccountCreate,
  serviceAccountUpdate,
  serviceAccountDisable,
  serviceAccountEnable,
  serviceAccountDelete,
  apiKeyList,
  apiKeyCreate,
  apiKeyRotate,
  apiKeyRevoke,
  sessionList,
  sessionRevoke,
  sessionRevokeAll,
  ...invitationOperations,
  ...domainOperations,
];
