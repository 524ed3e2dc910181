/**
 * Drives the app's protected pool as the attacking tenant, the way an injected statement or a hostile code
 * path would: `pool.query`, a checked-out client, a stream.
 *
 * Sees what the app sees: rows, errors, notices and notifications, as the pool hands them out.
 */
import type pg from 'pg';
import type { Attempt } from '../attempt.ts';
import { CopyOut } from './copy-out.ts';
import { type Answer, type Driver, errorText, failure, type Piece } from './driver.ts';

/** How one enters a tenant's context: `bulkhead.asTenant`, or the isolation room's `enterTenant`. */
export type EnterTenant = <T>(tenant: string, fn: () => Promise<T>) => Promise<T>;

const QUERY_TIMEOUT_MS = 5_000;
/** Values as the server wrote them, so that no parser hides or changes a byte. */
const asText = { getTypeParser: () => (value: unknown) => value };

type Target = Pick<pg.ClientBase, 'query'>;

export class PoolDriver implements Driver {
  readonly name = 'pool';
  readonly #pool: pg.Pool;
  readonly #enter: EnterTenant;
  readonly #tenant: string;
  #asides: Piece[] = [];
  readonly #listen = (client: pg.ClientBase): void => this.#overhear(client);

  constructor(pool: pg.Pool, enter: EnterTenant, tenant: string) {
    this.#pool = pool;
    this.#enter = enter;
    this.#tenant = tenant;
    pool.on('connect', this.#listen);
  }

  run(steps: readonly string[], mode: Attempt['mode']): Promise<Answer[]> {
    return this.#enter(this.#tenant, () => {
      if (mode === 'plain') return this.#each(this.#pool, steps);
      return this.#onClient(steps, mode);
    });
  }

  async close(): Promise<void> {
    this.#pool.off('connect', this.#listen);
  }

  async #each(target: Target, steps: readonly string[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (const step of steps) answers.push(await this.#ask(target, step));
    return answers;
  }

  async #onClient(steps: readonly string[], mode: Attempt['mode']): Promise<Answer[]> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      return [failure(steps[0] ?? '', error, [])];
    }
    let isUndone = false;
    try {
      if (mode === 'copy') {
        const answers: Answer[] = [];
        for (const step of steps) answers.push(await this.#copy(client, step));
        return answers;
      }
      if (mode === 'rolled back') await client.query('begin');
      return await this.#each(client, steps);
    } catch (error) {
      return [failure(steps[0] ?? '', error, [])];
    } finally {
      // Whatever a step left open is undone; a client on which that fails is not given back.
      isUndone = await client.query('rollback').then(
        () => true,
        () => false,
      );
      client.release(isUndone ? undefined : true);
    }
  }

  async #ask(target: Target, text: string): Promise<Answer> {
    this.#asides = [];
    try {
      const query = { text, rowMode: 'array', types: asText, query_timeout: QUERY_TIMEOUT_MS };
      const result = await target.query<(string | null)[]>(query as pg.QueryArrayConfig);
      const rows = result.rows ?? [];
      const names = (result.fields ?? []).map(({ name }) => name).join('\t');
      return {
        statement: text,
        outcome: rows.length > 0 ? 'rows' : 'empty',
        rowCount: rows.length > 0 ? rows.length : affected(result),
        code: undefined,
        pieces: [
          ...this.#asides,
          { where: 'rows', bytes: `${names}\n${rows.map((row) => row.join('\t')).join('\n')}` },
        ],
      };
    } catch (error) {
      return failure(text, error, this.#asides);
    }
  }

  #copy(client: pg.PoolClient, text: string): Promise<Answer> {
    this.#asides = [];
    return new Promise((resolve) => {
      const done = (error: Error | undefined, bytes: Buffer): void => {
        const pieces: Piece[] = [...this.#asides, { where: 'rows', bytes }];
        if (error !== undefined) {
          resolve(failure(text, error, pieces));
          return;
        }
        const rowCount = bytes.toString().split('\n').length - 1;
        resolve({
          statement: text,
          outcome: rowCount > 0 ? 'rows' : 'empty',
          rowCount,
          code: undefined,
          pieces,
        });
      };
      try {
        // A stream is a Submittable, which pg's types know only as its own classes.
        client.query(new CopyOut(text, done) as unknown as pg.Submittable);
      } catch (error) {
        resolve(failure(text, error, this.#asides));
      }
    });
  }

  #overhear(client: pg.ClientBase): void {
    const keep = (where: Piece['where']) => (heard: unknown) => {
      if (this.#asides.length < 1000) this.#asides.push({ where, bytes: describe(heard) });
    };
    client.on('notice', keep('notice'));
    client.on('notification', keep('notification'));
  }
}

function describe(heard: unknown): string {
  return heard instanceof Error ? errorText(heard) : Object.values(heard as object).join('\n');
}

/** A SELECT's count is that of its rows, which are none here. */
function affected(result: pg.QueryArrayResult): number {
  return result.command === 'SELECT' ? 0 : (result.rowCount ?? 0);
}
