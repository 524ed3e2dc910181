/** What an operation does: one call of the function of the database that is the operation. */
import { databaseRefusal } from '../../kernel/database-refusal.ts';
import type { StatementPort } from '../../kernel/operation.ts';
import { accessErrors } from '../errors.ts';

/** The text by which a function is called; the guard lets through these alone. */
export function callText(name: string, types: readonly string[]): string {
  const places = types.map((type, index) => `$${index + 1}::${type}`).join(', ');
  return `select bulkhead.${name}(${places})::text as result`;
}

/**
 * A function of the database, by its name and the types of its parameters.
 *
 * @throws the code that the function refused with
 */
export function databaseFunction(name: string, ...types: readonly string[]) {
  const text = callText(name, types);
  callTexts.add(text);
  return async (ports: StatementPort, ...values: unknown[]): Promise<unknown> => {
    let rows: readonly Record<string, unknown>[];
    try {
      ({ rows } = await ports.query(text, values));
    } catch (error) {
      throw databaseRefusal(error, accessErrors) ?? error;
    }
    const result = rows[0]?.result;
    return typeof result === 'string' ? JSON.parse(result) : result;
  };
}

const callTexts = new Set<string>();

/** Every text that was made above, for the guard. */
export const accessStatements = (): readonly string[] => [...callTexts];
