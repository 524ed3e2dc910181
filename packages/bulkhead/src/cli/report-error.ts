/** How an error looks to a person, and to a program. Neither shows a stack or a detail unasked. */
import { inspect } from 'node:util';
import { kernelError } from '../kernel/error-codes.ts';
import { type BulkheadError, isBulkheadError } from '../kernel/errors.ts';
import type { Paint } from '../kernel/terminal/index.ts';

/** For people, on stderr: what happened, its code, what to do next, where to read more. */
export function formatError(error: unknown, options: { paint: Paint; verbose: boolean }): string {
  const { paint, verbose } = options;
  const known = asBulkheadError(error);
  const lines = [
    `${paint.fault('✖')} ${known.message}`,
    `  ${paint.faint('code')}  ${known.code}`,
    `  ${paint.faint('next')}  ${known.next}`,
    `  ${paint.faint('more')}  bulkhead explain ${known.code}`,
  ];
  if (verbose) {
    if (known.detail !== undefined) lines.push(`  ${paint.faint('detail')}  ${known.detail}`);
    if (known.cause !== undefined) {
      const cause = inspect(known.cause).replaceAll('\n', '\n    ');
      lines.push(`  ${paint.faint('cause')}  ${cause}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** For programs, on stdout: the problem details of RFC 9457. */
export function errorDocument(error: unknown): unknown {
  return asBulkheadError(error).toJSON();
}

function asBulkheadError(error: unknown): BulkheadError {
  return isBulkheadError(error) ? error : kernelError('kernel.unexpected', { cause: error });
}
