/**
 * Refusals that the database raises: `errcode` of class BH, the code as `message`, what to say as `detail`.
 *
 * Promises: only a code of the given catalogue becomes an error of Bulkhead's; anything else, whatever it calls
 * itself, is left to the caller as it came. A `hint` is for the log alone.
 */
import { BulkheadError, type ErrorCatalogue } from './errors.ts';

const REFUSAL = /^BH[0-9A-Z]{3}$/;

/**
 * The error that a function of ours meant, or undefined when it was no refusal.
 *
 * @param catalogue of the room, together with those of lower rooms whose functions its own call.
 *
 * @example
 * try { … } catch (error) { throw databaseRefusal(error, accessErrors) ?? error; }
 */
export function databaseRefusal(
  error: unknown,
  catalogue: ErrorCatalogue,
): BulkheadError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, message, detail, hint } = error as Error & Record<string, unknown>;
  if (typeof code !== 'string' || !REFUSAL.test(code)) return undefined;
  const entry = Object.hasOwn(catalogue, message) ? catalogue[message] : undefined;
  if (entry === undefined) return undefined;
  return new BulkheadError(message, entry, {
    ...(typeof detail === 'string' && detail !== '' && { message: detail }),
    ...(typeof hint === 'string' && hint !== '' && { detail: hint }),
    cause: error,
  });
}
