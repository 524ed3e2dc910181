/**
 * Refusals of operations that somebody earned by reaching for more than they may.
 *
 * Promises: whichever door an operation is called by, such a refusal is told, though the transaction that it
 * happened in is rolled back. Bad input and absent things are no such refusals.
 */
import { type BulkheadError, isBulkheadError } from './errors.ts';
import type { OperationDefinition } from './operation.ts';

export interface OperationDenial {
  readonly permission: string;
  /** Where it was to happen, as far as the input says. */
  readonly node: string | undefined;
  readonly code: string;
}

const DENIALS: ReadonlySet<string> = new Set([
  'access.denied',
  'access.exceeds_own',
  'access.owner_protected',
]);

/** Whether an error refuses somebody for reaching for more than they may. */
export const isDenial = (error: unknown): error is BulkheadError =>
  isBulkheadError(error) && DENIALS.has(error.code);

/** Runs an operation, and tells of its denial before the caller hears of it. */
export async function runTellingDenial<Ports>(
  operation: OperationDefinition<Ports>,
  ports: Ports,
  input: unknown,
  denied: (denial: OperationDenial) => void,
): Promise<unknown> {
  try {
    return await operation.run(ports, input);
  } catch (error) {
    if (isDenial(error)) {
      denied({
        permission: operation.permission ?? operation.name,
        node: operation.node === 'target' ? nodeOf(operation.name, input) : undefined,
        code: error.code,
      });
    }
    throw error;
  }
}

/** An `id` is a node's where the operation is about one. */
function nodeOf(name: string, input: unknown): string | undefined {
  const { node, parent, id } = (input ?? {}) as Readonly<Record<string, unknown>>;
  const place = node ?? (name.startsWith('node.') ? id : undefined) ?? parent;
  return typeof place === 'string' ? place : undefined;
}
