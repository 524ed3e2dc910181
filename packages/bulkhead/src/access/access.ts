/**
 * What `bulkhead.access` is: decisions in this process, and the operations that change what they are made of.
 *
 * Promises: an operation does what its function in the database does, in the context of its caller; what it
 * refuses is on record, though nothing changed; what is asked in this process afterwards sees the change.
 */
import type { TenantContext } from '../isolation/index.ts';
import type { Operation, OperationDefinition, StatementPort } from '../kernel/operation.ts';
import { runTellingDenial } from '../kernel/operation-denial.ts';
import type { Decisions } from './authorizer/authorizer.ts';
import { decisionOperations, type Explanation } from './operations/decisions.ts';
import { type Executor, statementsOn } from './operations/executor.ts';
import { grantOperations } from './operations/grants.ts';
import { groupOperations } from './operations/groups.ts';
import { memberOperations } from './operations/members.ts';
import { nodeOperations } from './operations/nodes.ts';
import { roleOperations } from './operations/roles.ts';
import { type PermittedNodes, permittedNodes } from './permitted-nodes.ts';

export interface AccessPorts {
  /** Runs one statement in the caller's context. */
  contextQuery: StatementPort['query'];
  /** The kinds of nodes that the app declares, besides those that are always there. */
  readonly kinds: readonly string[];
  /** The context of the caller, where it is a tenant's. */
  currentTenant(): TenantContext | undefined;
  /** Something was changed and is committed. */
  changed(tenantId: string): void;
  /** Puts a refusal on record. */
  recordDenial(
    context: TenantContext,
    denial: { permission: string; node?: string | undefined; code: string },
  ): void;
}

export interface OperationOptions {
  /**
   * The transaction to do it in: a client of the protected pool on which you sent BEGIN, or the transaction of
   * Kysely, Drizzle or Prisma. Without one it is a transaction of its own.
   */
  readonly on?: Executor;
}

// biome-ignore lint/suspicious/noExplicitAny: any operation, whatever it takes and gives
type AnyOperation = Operation<any, any>;

/** An operation as a method. Input may be left out where it takes none. */
export type OperationCall<O> =
  O extends Operation<infer I, infer R>
    ? Record<string, never> extends I['_zod']['input']
      ? (input?: I['_zod']['input'], options?: OperationOptions) => Promise<R['_zod']['output']>
      : (input: I['_zod']['input'], options?: OperationOptions) => Promise<R['_zod']['output']>
    : never;

type CallsOf<T extends Readonly<Record<string, AnyOperation>>> = {
  readonly [K in keyof T]: OperationCall<T[K]>;
};

/** @typeParam Name the permissions that the app declared, and Bulkhead's own */
export interface Access<Name extends string = string> {
  /**
   * Whether the actor of this context may, at once, from what was loaded when the request began.
   *
   * @throws `access.snapshot_missing` where nothing was loaded, `access.unavailable` when what was loaded is too
   * old, `access.permission_unknown`, `isolation.context_missing`, `isolation.context_expired`
   */
  can(permission: Name, node?: string): boolean;
  /**
   * Settles when the actor of this context may; a denial is put on record. For a dangerous permission, whoever
   * came by a session and has a second factor must have shown it as lately as the tenant's policy says.
   *
   * @throws `policies.step_up_required`; `access.denied`, for a node that is not there as for one of another tenant;
   * `access.unavailable`, `access.permission_unknown`, `isolation.context_missing`, `isolation.context_expired`
   *
   * @example
   * await bulkhead.access.authorize('invoice:void', invoice.project);
   */
  authorize(permission: Name, node?: string): Promise<void>;
  /**
   * Many questions at once, answered in their order.
   *
   * @throws `access.unavailable`, `access.permission_unknown`, `isolation.context_missing`,
   * `isolation.context_expired`
   */
  canAll(
    checks: readonly { readonly permission: Name; readonly node?: string }[],
  ): Promise<boolean[]>;
  /**
   * Which grant decides, by which role and group, or what stands in the way. About others it needs `grant:read`.
   *
   * @throws `access.denied`, `access.permission_unknown`, `isolation.context_missing`
   */
  explain(
    permission: Name,
    node?: string,
    actor?: { readonly type: Explanation['actor']['type']; readonly id: string },
  ): Promise<Explanation>;
  /**
   * The nodes of a kind on which the actor holds a permission, as a part of a statement.
   *
   * @throws `kernel.input_invalid` for what is no permission or no kind.
   *
   * @example
   * const mine = bulkhead.access.listPermitted('invoice:read', 'project');
   * await pool.query(`select * from invoice where project in (${mine.text})`, [...mine.values]);
   */
  listPermitted(permission: Name, kind?: string): PermittedNodes;
  readonly members: CallsOf<typeof memberOperations>;
  readonly nodes: CallsOf<typeof nodeOperations>;
  readonly roles: CallsOf<typeof roleOperations>;
  readonly groups: CallsOf<typeof groupOperations>;
  readonly grants: CallsOf<typeof grantOperations>;
  /** Members and what each holds on a node. */
  readonly matrix: OperationCall<typeof decisionOperations.matrix>;
  /** The nodes on which somebody holds a permission, page by page. */
  readonly permitted: OperationCall<typeof decisionOperations.permitted>;
}

/** Runs an operation in the caller's context, and puts on record what is refused. */
export function createOperationRunner(ports: AccessPorts) {
  return async (
    operation: OperationDefinition,
    input: unknown,
    options: OperationOptions = {},
  ): Promise<unknown> => {
    const context = ports.currentTenant();
    const statements =
      options.on === undefined ? { query: ports.contextQuery } : statementsOn(options.on);
    const result = await runTellingDenial(operation, statements, input, (denial) => {
      if (context !== undefined) ports.recordDenial(context, denial);
    });
    // Inside a caller's transaction nothing is committed yet: the database tells of it when it is.
    if (operation.kind === 'change' && options.on === undefined && context !== undefined) {
      ports.changed(context.tenant.id);
    }
    return result;
  };
}

export function createAccess<Name extends string = string>(
  decisions: Decisions,
  ports: AccessPorts,
): Access<Name> {
  const run = createOperationRunner(ports);
  const callsOf = <T extends Readonly<Record<string, AnyOperation>>>(operations: T): CallsOf<T> =>
    Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => [
        name,
        (input: unknown = {}, options?: OperationOptions) => run(operation, input, options),
      ]),
      // Each entry is the operation's own types around the one runner.
    ) as CallsOf<T>;
  const { explain, matrix, permitted } = callsOf(decisionOperations);
  return {
    authorize: (permission, node) => decisions.authorize(permission, node),
    can: (permission, node) => decisions.can(permission, node),
    canAll: (checks) => decisions.canAll(checks),
    explain: (permission, node, actor) =>
      explain({
        permission,
        ...(node !== undefined && { node }),
        ...(actor !== undefined && { actor: { type: actor.type, id: actor.id } }),
      }),
    listPermitted: (permission, kind) => permittedNodes(permission, kind, ports.kinds),
    members: callsOf(memberOperations),
    nodes: callsOf(nodeOperations),
    roles: callsOf(roleOperations),
    groups: callsOf(groupOperations),
    grants: callsOf(grantOperations),
    matrix,
    permitted,
  };
}
