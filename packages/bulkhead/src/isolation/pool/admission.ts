/**
 * The first two walls, before anything reaches a connection: no context, no query; no statement but what
 * the guard allows, and each kind only where it may run.
 */
import type pg from 'pg';
import { isolationError } from '../errors.ts';
import { type Guard, refusalError } from '../guard/index.ts';
import type { ContextSigner } from '../signed-context.ts';
import type { Context, TenantContext } from '../tenant-context.ts';
import type { Statement } from './scoped-query.ts';

/** Where a statement was handed in: on the pool, on a checked-out client, or inside a cursor or stream. */
export type Place = 'pool' | 'client' | 'submittable';

export class Admission {
  readonly #guard: Guard;
  readonly #signer: ContextSigner;
  readonly #onRefusal: ((context: TenantContext, code: string) => void) | undefined;

  constructor(
    guard: Guard,
    signer: ContextSigner,
    onRefusal?: (context: TenantContext, code: string) => void,
  ) {
    this.#guard = guard;
    this.#signer = signer;
    this.#onRefusal = onRefusal;
  }

  /**
   * @throws `isolation.statement_refused`, `isolation.statement_unparsable`,
   * `isolation.transaction_on_pool`, `isolation.copy_refused`
   */
  admit(
    given: string | pg.QueryConfig,
    values: unknown[] | undefined,
    context: Context,
    place: Place,
  ): Statement {
    const config = typeof given === 'string' ? { text: given, values } : { ...given };
    if (values !== undefined) config.values = values as unknown[];
    if (typeof config.text !== 'string') {
      throw isolationError('isolation.statement_refused', {
        message: 'A query needs its text; a name alone cannot be checked.',
      });
    }
    const verdict = this.#guard.inspect(config.text);
    if (!verdict.allowed) {
      if (context.kind === 'tenant') this.#onRefusal?.(context, verdict.code);
      throw refusalError(verdict);
    }
    if (verdict.isTransactionControl && place !== 'client') {
      throw isolationError('isolation.transaction_on_pool');
    }
    if (verdict.kind === 'copy_from' || (verdict.kind === 'copy_to' && place !== 'submittable')) {
      throw isolationError('isolation.copy_refused');
    }
    return { config: config as pg.QueryConfig, kind: verdict.kind, token: this.tokenOf(context) };
  }

  /** The token is signed when the statement is sent, however long it waited for a connection. */
  tokenOf(context: Context): () => string {
    if (context.kind === 'operator') return () => '';
    return () => this.#signer.sign(context, Date.now()).token;
  }
}
