/** What the other rooms bring to the API: one line each. */
import { accessOperations, accessRoutes } from '../access/index.ts';
import { type IdentityPorts, identityOperations, identityRoutes } from '../identity/index.ts';
import type { StatementPort } from '../kernel/operation.ts';
import { type PolicyPorts, policyOperations, policyRoutes } from '../policies/index.ts';
import type { ControlRoom } from './operation.ts';
import { controlRoom, type RoomHooks } from './room.ts';

/** What the operations of each room work with. */
export interface OtherPorts {
  readonly access: StatementPort;
  readonly policies: PolicyPorts;
  readonly identity: IdentityPorts;
  readonly hooks: RoomHooks;
}

/** Whoever registers a node's id first owns its place: ids are made here. */
const WITHHELD = { 'node.create': ['id'] };

/** Those of identity that are one call each; the others also work on accounts, or in several steps. */
const FENCED: ReadonlySet<string> = new Set([
  'service_account.create',
  'service_account.update',
  'service_account.disable',
  'service_account.enable',
  'api_key.create',
  'api_key.rotate',
  'api_key.revoke',
  'invitation.create',
  'invitation.revoke',
  'verified_domain.add',
  'verified_domain.remove',
  'session.revoke',
  'session.revoke_all',
]);

export function otherRooms({
  access,
  policies,
  identity,
  hooks,
}: OtherPorts): readonly ControlRoom[] {
  return [
    controlRoom({
      routes: accessRoutes,
      operations: accessOperations,
      ports: access,
      hooks,
      withheld: WITHHELD,
      // Each is one call of its function.
      isFenced: () => true,
    }),
    controlRoom({
      routes: policyRoutes,
      operations: policyOperations,
      ports: policies,
      hooks,
      isFenced: (operation) => operation === 'policy.set',
    }),
    controlRoom({
      routes: identityRoutes,
      operations: identityOperations,
      ports: identity,
      hooks,
      isFenced: (operation) => FENCED.has(operation),
    }),
  ];
}
