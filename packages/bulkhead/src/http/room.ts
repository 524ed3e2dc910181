/** Brings another room's operations into the shape that the control plane runs. */
import type { OperationDefinition } from '../kernel/operation.ts';
import type { RouteDefinition } from '../kernel/route.ts';
import type { ControlRoom } from './operation.ts';

/** @param ports what the room's operations work with; they are run in the caller's context */
export function controlRoom<Ports>(
  routes: readonly RouteDefinition[],
  operations: readonly OperationDefinition<Ports>[],
  ports: Ports,
): ControlRoom {
  return {
    routes,
    operations: operations.map((definition) => ({
      ...definition,
      run: ({ input }) => definition.run(ports, input),
    })),
  };
}
