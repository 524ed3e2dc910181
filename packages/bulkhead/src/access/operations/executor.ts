/**
 * Runs an operation's statement in a transaction of the caller's.
 *
 * Promises: exactly the object that is given is used. Knows pg, Kysely, Drizzle and Prisma by what they can do,
 * and imports none of them.
 */
import { z } from 'zod';
import { kernelError } from '../../kernel/error-codes.ts';
import type { StatementPort } from '../../kernel/operation.ts';

/** A client of the protected pool, or a transaction of Kysely, Drizzle or Prisma on it. */
export type Executor =
  | { query(text: string, values: unknown[]): Promise<unknown> }
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own parameter type is not to be imported here
  | { executeQuery(query: any): Promise<unknown> }
  | { $queryRawUnsafe(text: string, ...values: unknown[]): PromiseLike<unknown> }
  // biome-ignore lint/suspicious/noExplicitAny: Drizzle's own parameter type is not to be imported here
  | { execute(query: any): PromiseLike<unknown> };

const row = z.record(z.string(), z.unknown());
const answerSchema = z.union([z.object({ rows: z.array(row) }), z.array(row)]);

/** @throws `kernel.input_invalid` for what holds no transaction. */
export function statementsOn(executor: Executor): StatementPort {
  const run = runnerOf(executor);
  return {
    async query(text, values) {
      const answer = answerSchema.parse(await run(text, values));
      return Array.isArray(answer) ? { rows: answer } : answer;
    },
  };
}

function runnerOf(executor: Executor): (text: string, values: unknown[]) => PromiseLike<unknown> {
  if (typeof executor === 'object' && executor !== null) {
    if ('$queryRawUnsafe' in executor) {
      return (text, values) => executor.$queryRawUnsafe(text, ...values);
    }
    if ('executeQuery' in executor) {
      return (text, values) => executor.executeQuery(kyselyQuery(text, values));
    }
    if ('query' in executor) return (text, values) => executor.query(text, values);
    if ('execute' in executor) {
      return (text, values) => executor.execute(drizzleQuery(text, values));
    }
  }
  throw kernelError('kernel.input_invalid', {
    message:
      'on: give a client of the protected pool, or the transaction of Kysely, Drizzle or Prisma on it.',
  });
}

let queries = 0;

/** What Kysely's `CompiledQuery.raw` makes. */
function kyselyQuery(sql: string, parameters: unknown[]): unknown {
  queries += 1;
  return {
    sql,
    parameters,
    query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
    queryId: { queryId: `bulkhead-access-${queries}` },
  };
}

/** What Drizzle asks of its `SQL`: to be turned into text and parameters. */
function drizzleQuery(sql: string, params: unknown[]): unknown {
  const query = { getSQL: () => query, toQuery: () => ({ sql, params, typings: [] }) };
  return query;
}
