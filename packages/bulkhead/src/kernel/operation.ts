/**
 * One thing that somebody can do to a tenant, described once: the library, the command line, the HTTP room and
 * the tables of tests all read this value.
 *
 * Promises: input is checked before anything runs, and output before anybody sees it. Who may, and for which
 * tenant, is decided by the database in the context of the caller, not here: `permission` says what it asks.
 */
import { z } from 'zod';
import { kernelError } from './error-codes.ts';

/** Runs one statement in the caller's context; every value comes as text. */
export interface StatementPort {
  query(text: string, values: unknown[]): Promise<{ rows: readonly Record<string, unknown>[] }>;
}

export interface OperationDefinition<Ports = StatementPort> {
  /** `grant.create`: the thing and the verb; unique among all rooms. */
  readonly name: string;
  readonly room: string;
  /** A read leaves everything as it is. */
  readonly kind: 'read' | 'change';
  /** What the actor must hold; null where everybody may, about themself. */
  readonly permission: string | null;
  /** Where it must be held: on the tenant's root, or on the node that the input is about. */
  readonly node: 'root' | 'target';
  /** One sentence, as a heading of documentation. */
  readonly summary: string;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  /** The action of the event that a change records. */
  readonly event?: string | undefined;
  /** Codes that it may refuse with, besides `kernel.input_invalid`. */
  readonly errors: readonly string[];
  /** @throws `kernel.input_invalid` and the codes of `errors`. */
  run(ports: Ports, input: unknown): Promise<unknown>;
}

/** An operation whose input and output the compiler knows. */
export interface Operation<I extends z.ZodType, O extends z.ZodType, Ports = StatementPort>
  extends OperationDefinition<Ports> {
  readonly input: I;
  readonly output: O;
  run(ports: Ports, input: z.input<I>): Promise<z.output<O>>;
}

/**
 * Makes an operation from what it takes, gives and does.
 *
 * @example
 * export const renameNode = defineOperation({
 *   name: 'node.rename', room: 'access', kind: 'change', permission: 'node:manage', node: 'target',
 *   summary: 'Renames a node.', input: z.strictObject({ id: z.uuid(), name: nameSchema }), output: nodeSchema,
 *   event: 'node.renamed', errors: ['access.denied'],
 *   run: (ports, { id, name }) => ports.query(…),
 * });
 */
export function defineOperation<I extends z.ZodType, O extends z.ZodType, Ports = StatementPort>(
  definition: Omit<OperationDefinition<Ports>, 'input' | 'output' | 'run'> & {
    readonly input: I;
    readonly output: O;
    readonly run: (ports: Ports, input: z.output<I>) => Promise<unknown>;
  },
): Operation<I, O, Ports> {
  return {
    ...definition,
    async run(ports, given) {
      const parsed = definition.input.safeParse(given);
      if (!parsed.success) {
        throw kernelError('kernel.input_invalid', { message: z.prettifyError(parsed.error) });
      }
      return definition.output.parse(await definition.run(ports, parsed.data));
    },
  };
}
