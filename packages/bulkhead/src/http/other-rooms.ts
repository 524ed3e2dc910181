/** What the other rooms bring to the API: one line each. */
import { type IdentityPorts, identityOperations } from '../identity/index.ts';
import { identityRoutes } from '../identity/routes.ts';
import { type PolicyPorts, policyOperations } from '../policies/index.ts';
import { policyRoutes } from '../policies/routes.ts';
import type { ControlRoom } from './operation.ts';
import { controlRoom } from './room.ts';

/** What the operations of each room work with. */
export interface OtherPorts {
  readonly policies: PolicyPorts;
  readonly identity: IdentityPorts;
}

export function otherRooms(ports: OtherPorts): readonly ControlRoom[] {
  return [
    controlRoom(policyRoutes, policyOperations, ports.policies),
    controlRoom(identityRoutes, identityOperations, ports.identity),
  ];
}
