/** What a command threw, in Bulkhead's codes. */
import { kernelError } from '../kernel/error-codes.ts';
import { type BulkheadError, isBulkheadError } from '../kernel/errors.ts';

/** A schema, function or table that is not there, by its SQLSTATE. */
const ABSENT: ReadonlySet<unknown> = new Set(['3F000', '42883', '42P01']);

/** @param thrown anything: what nobody foresaw becomes `kernel.unexpected` */
export function toldError(thrown: unknown): BulkheadError {
  if (isBulkheadError(thrown)) return thrown;
  const { code, message } = (thrown ?? {}) as {
    readonly code?: unknown;
    readonly message?: string;
  };
  // Only what is ours: a name in the app's schema is another fault.
  const isOurs = /\bbulkhead\b/.test(String(message));
  return ABSENT.has(code) && isOurs
    ? kernelError('kernel.database_unmigrated', { cause: thrown })
    : kernelError('kernel.unexpected', { cause: thrown });
}
