/** How an error looks to a person. Shows no stack and no detail unasked. */
import { inspect } from 'node:util';
import type { BulkheadError } from '../kernel/errors.ts';
import type { Paint } from '../kernel/terminal/index.ts';

/** For people, on stderr: what happened, its code, what to do next, where to read more. */
export function formatError(
  error: BulkheadError,
  options: { paint: Paint; verbose: boolean },
): string {
  const { paint, verbose } = options;
  const lines = [
    `${paint.fault('✖')} ${error.message}`,
    `  ${paint.faint('code')}  ${error.code}`,
    `  ${paint.faint('next')}  ${error.next}`,
    `  ${paint.faint('more')}  bulkhead explain ${error.code}`,
  ];
  if (verbose) {
    if (error.detail !== undefined) lines.push(`  ${paint.faint('detail')}  ${error.detail}`);
    if (error.cause !== undefined) {
      const cause = inspect(error.cause).replaceAll('\n', '\n    ');
      lines.push(`  ${paint.faint('cause')}  ${cause}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
