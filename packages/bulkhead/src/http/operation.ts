/**
 * Operations as the control plane runs them: those of the rooms and its own in one shape.
 *
 * Promises: an operation is run only for a caller who was admitted, may do it and has sent what its schema
 * says; what it returns passes its schema before it leaves.
 */
import type { z } from 'zod';
import type { TenantContext } from '../isolation/index.ts';
import type { RouteDefinition } from '../kernel/route.ts';

/** Who calls, once the gate has admitted them. */
export interface Caller {
  /** Operators work across tenants; anybody else in the one that the context names. */
  readonly plane: 'operator' | 'tenant';
  readonly context: TenantContext;
  /** Told by the browser without being asked, so that other sites could make it send them. */
  readonly ambient: boolean;
}

/** The tenant that a path names, already found to be one that the caller may see. */
export interface NamedTenant {
  readonly id: string;
  readonly slug: string;
}

/** Whoever is signed in by a session, in no tenant. */
export interface SignedInSession {
  readonly id: string;
  readonly userId: string;
  /** Those that they belong to. */
  readonly tenants: readonly string[];
}

export interface OperationCall<I = unknown> {
  readonly input: I;
  /** Null on public routes. */
  readonly caller: Caller | null;
  /** Of account routes alone. */
  readonly session: SignedInSession | null;
  readonly tenant: NamedTenant | null;
  readonly reason: string | undefined;
  readonly request: Request;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
  /** Of the client, where the server in front of us says. */
  readonly address: string | undefined;
  /** For an operation that `comparesItself`: those that the change may be based on. */
  readonly versions?: readonly string[] | undefined;
}

/** An answer that is no JSON document: a file, written piece by piece. */
export interface TextStream {
  readonly mediaType: string;
  readonly fileName: string | undefined;
  readonly pieces: AsyncIterable<string | Uint8Array>;
}

export interface ControlOperation {
  readonly name: string;
  readonly room: string;
  readonly summary: string;
  readonly description?: string | undefined;
  /** Null where being admitted is enough. */
  readonly permission: string | null;
  readonly kind: 'read' | 'change';
  readonly input: z.ZodType;
  /** `stream` for a `TextStream`. */
  readonly output: z.ZodType | { readonly stream: readonly string[] };
  readonly errors: readonly string[];
  /** Its function in the database asks whether the actor may, and where: nobody asks for it before. */
  readonly asksItself?: boolean;
  /** Only for a session that showed a second factor of late, whatever else its permission is good for: no key may. */
  readonly dangerous?: boolean;
  /** Its statement compares the versions that an If-Match names: `identity.version_conflict` where it is at none. */
  readonly comparesItself?: boolean;
  /** All that it changes is changed by statements that mark the key they were sent under. */
  readonly fenced?: boolean;
  /** The action under which a change stands in the log. */
  readonly event?: string | undefined;
  run(call: OperationCall): Promise<unknown>;
}

/** Gives an operation the types of its own schemas. */
export function controlOperation<I extends z.ZodType, O extends z.ZodType>(
  definition: Omit<ControlOperation, 'run' | 'input' | 'output' | 'room'> & {
    readonly input: I;
    readonly output: O;
    readonly run: (call: OperationCall<z.output<I>>) => Promise<z.input<O>>;
  },
): ControlOperation {
  // The handler has parsed the input by this very schema.
  const run = (call: OperationCall): Promise<unknown> =>
    definition.run(call as OperationCall<z.output<I>>);
  return { ...definition, room: 'http', run };
}

/** The same for an answer that is written piece by piece. */
export function streamOperation<I extends z.ZodType>(
  definition: Omit<ControlOperation, 'run' | 'input' | 'output' | 'room' | 'kind'> & {
    readonly input: I;
    readonly mediaTypes: readonly string[];
    readonly run: (call: OperationCall<z.output<I>>) => Promise<TextStream>;
  },
): ControlOperation {
  const { mediaTypes, ...rest } = definition;
  const run = (call: OperationCall): Promise<unknown> =>
    definition.run(call as OperationCall<z.output<I>>);
  return { ...rest, kind: 'read', room: 'http', output: { stream: mediaTypes }, run };
}

/** What one part of the API brings: its operations and where they are reached. */
export interface ControlRoom {
  readonly routes: readonly RouteDefinition[];
  readonly operations: readonly ControlOperation[];
}

/** One address of the API. */
export interface Endpoint {
  readonly route: RouteDefinition;
  readonly scope: NonNullable<RouteDefinition['scope']>;
  readonly operation: ControlOperation;
}

/**
 * Joins routes with the operations that they name.
 *
 * @throws for an operation without a route, a route without an operation, and an address named twice: faults
 * of ours, found by the first start.
 */
export function gatherEndpoints(rooms: readonly ControlRoom[]): readonly Endpoint[] {
  const endpoints: Endpoint[] = [];
  const addresses = new Set<string>();
  for (const { routes, operations } of rooms) {
    const byName = new Map(operations.map((operation) => [operation.name, operation]));
    for (const route of routes) {
      const operation = byName.get(route.operation);
      if (operation === undefined) throw new Error(`no operation ${route.operation}`);
      if (endpoints.some(({ operation: { name } }) => name === route.operation)) {
        throw new Error(`two routes to ${route.operation}`);
      }
      const address = `${route.method} ${route.path.replaceAll(/\{[^}]+\}/g, '{}')}`;
      if (addresses.has(address)) throw new Error(`two routes at ${address}`);
      addresses.add(address);
      const scope = route.scope ?? (namesTenant(route.path) ? 'tenant' : 'operators');
      endpoints.push({ route, scope, operation });
    }
  }
  return endpoints;
}

const namesTenant = (path: string): boolean => path.includes('/{tenant}');
