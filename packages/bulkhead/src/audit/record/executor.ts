/**
 * Runs one statement on whatever holds the caller's transaction.
 *
 * Promises: exactly the object that is given is used, never one found by other ways: an event lies in the
 * transaction that its caller names, or nowhere. Knows the shapes of pg, Kysely, Drizzle and Prisma by what
 * they can do, and imports none of them.
 */
import { auditError } from '../errors.ts';

/** A client or pool of pg, protected; or a function that runs a statement with `$1` parameters. */
export type Executor =
  | { query(text: string, values: unknown[]): Promise<unknown> }
  | ((text: string, values: unknown[]) => Promise<unknown>)
  | KyselyExecutor
  | DrizzleExecutor
  | PrismaExecutor;

/** A transaction or database of Kysely. */
export interface KyselyExecutor {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own parameter type is not to be imported here
  executeQuery(query: any): Promise<unknown>;
}

/** A transaction or database of Drizzle. */
export interface DrizzleExecutor {
  // biome-ignore lint/suspicious/noExplicitAny: Drizzle's own parameter type is not to be imported here
  execute(query: any): PromiseLike<unknown>;
}

/** A transaction or client of Prisma. */
export interface PrismaExecutor {
  $executeRawUnsafe(text: string, ...values: unknown[]): PromiseLike<unknown>;
}

/** @throws `audit.executor_invalid` for anything else, and for what is not protected: the database knows no context there */
export async function runOn(executor: unknown, text: string, values: unknown[]): Promise<void> {
  try {
    await hand(executor, text, values);
  } catch (cause) {
    if (isWithoutContext(cause)) throw auditError('audit.executor_invalid', { cause });
    throw cause;
  }
}

function isWithoutContext(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return code === '28000' && String(message).includes('no context to record in');
}

async function hand(executor: unknown, text: string, values: unknown[]): Promise<void> {
  if (typeof executor === 'function') {
    await executor(text, values);
    return;
  }
  const can = (name: string): boolean =>
    typeof executor === 'object' &&
    executor !== null &&
    typeof (executor as Record<string, unknown>)[name] === 'function';
  if (can('$executeRawUnsafe')) {
    await (executor as PrismaExecutor).$executeRawUnsafe(text, ...values);
  } else if (can('executeQuery')) {
    await (executor as KyselyExecutor).executeQuery(kyselyQuery(text, values));
  } else if (can('query')) {
    await (executor as { query(text: string, values: unknown[]): Promise<unknown> }).query(
      text,
      values,
    );
  } else if (can('execute')) {
    await (executor as DrizzleExecutor).execute(drizzleQuery(text, values));
  } else {
    throw auditError('audit.executor_invalid');
  }
}

let queries = 0;

/** What Kysely's `CompiledQuery.raw` makes. */
function kyselyQuery(sql: string, parameters: unknown[]): unknown {
  queries += 1;
  return {
    sql,
    parameters,
    query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
    queryId: { queryId: `bulkhead-audit-${queries}` },
  };
}

/** What Drizzle asks of its `SQL`: to be turned into text and parameters. */
function drizzleQuery(sql: string, params: unknown[]): unknown {
  const query = { getSQL: () => query, toQuery: () => ({ sql, params, typings: [] }) };
  return query;
}
