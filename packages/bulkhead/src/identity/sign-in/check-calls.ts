/** Puts the schemas of `calls.ts` before the functions they belong to. */
import { z } from 'zod';
import { kernelError } from '../../kernel/error-codes.ts';
import { signInCalls } from './calls.ts';

type Call = (input: never, ...rest: never[]) => unknown;

/**
 * The same functions; each checks its input first.
 *
 * @throws (from what it returns) `kernel.input_invalid`, saying where and never with what.
 */
export function checkCalls<T extends Readonly<Record<keyof T, Call>>>(group: string, calls: T): T {
  const schemas: Readonly<Record<string, z.ZodType>> = signInCalls;
  const checked = Object.entries<Call>(calls).map(([name, call]) => {
    const schema = schemas[`${group}.${name}`];
    if (schema === undefined) throw new TypeError(`${group}.${name} has no schema`);
    return [
      name,
      async (input: unknown, ...rest: unknown[]) => {
        // The schema's output is the function's input: calls.ts stands beside their types.
        const run = call as (input: unknown, ...rest: unknown[]) => unknown;
        return run(readInput(schema, input), ...rest);
      },
    ];
  });
  return Object.fromEntries(checked) as T;
}

export function readInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw kernelError('kernel.input_invalid', { message: z.prettifyError(parsed.error) });
}
