/**
 * Drives a plain session as the app's role, without the key: a stolen credential. Nothing stands between it
 * and the server, and every byte the server sends is kept.
 */
import pg from 'pg';
import { connectionError } from '../../../kernel/migrations/index.ts';
import type { Attempt } from '../attempt.ts';
import { type Answer, type Driver, failure, type Piece } from './driver.ts';

const STATEMENT_TIMEOUT_MS = 2_000;
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
/** Longer than the server's own limit, for a session that no longer answers at all. */
const QUERY_TIMEOUT_MS = 10_000;

export class RawDriver implements Driver {
  readonly name = 'raw';
  readonly #url: string;
  #client: pg.Client | undefined;
  #heard: Buffer[] = [];
  #heardBytes = 0;

  private constructor(url: string) {
    this.#url = url;
  }

  /** @throws `kernel.database_unavailable` */
  static async open(url: string): Promise<RawDriver> {
    const driver = new RawDriver(url);
    try {
      await driver.#connected();
    } catch (error) {
      throw connectionError(error, url);
    }
    return driver;
  }

  /** The role that the server takes this session for. */
  async role(): Promise<string> {
    const client = await this.#connected();
    const { rows } = await client.query<{ role: string }>('select current_user::text as role');
    return rows[0]?.role ?? '';
  }

  async run(steps: readonly string[], mode: Attempt['mode']): Promise<Answer[]> {
    const answers: Answer[] = [];
    try {
      const client = await this.#connected();
      if (mode === 'rolled back') await client.query('begin');
      for (const step of steps) answers.push(await this.#ask(client, step));
    } catch (error) {
      answers.push(failure(steps[answers.length] ?? '', error, []));
    }
    await this.#clean(mode);
    return answers;
  }

  async close(): Promise<void> {
    await this.#client?.end().catch(() => undefined);
    this.#client = undefined;
  }

  async #ask(client: pg.Client, text: string): Promise<Answer> {
    this.#heard = [];
    this.#heardBytes = 0;
    const wire = (): Piece => ({ where: 'wire', bytes: Buffer.concat(this.#heard) });
    try {
      const result = await client.query({ text, rowMode: 'array' });
      const last = (Array.isArray(result) ? result : [result]).at(-1) as pg.QueryArrayResult;
      const rows = last?.rows?.length ?? 0;
      const copied = last?.command === 'COPY' ? (last.rowCount ?? 0) : 0;
      const isRead = last?.command === 'SELECT';
      return {
        statement: text,
        outcome: rows > 0 || copied > 0 ? 'rows' : 'empty',
        rowCount: rows > 0 ? rows : isRead ? 0 : (last?.rowCount ?? 0),
        code: undefined,
        pieces: [wire()],
      };
    } catch (error) {
      return failure(text, error, [wire()]);
    }
  }

  /** Nothing of one attempt is left for the next; a session that cannot be cleaned is ended. */
  async #clean(mode: Attempt['mode']): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    try {
      await client.query('rollback');
      if (mode !== 'rolled back') await client.query('discard all');
    } catch {
      this.#client = undefined;
      await client.end().catch(() => undefined);
    }
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client !== undefined) return this.#client;
    const client = new pg.Client({
      connectionString: this.#url,
      connectionTimeoutMillis: 10_000,
      query_timeout: QUERY_TIMEOUT_MS,
      application_name: 'bulkhead attack: raw',
      // In the start-up packet, so that RESET ALL returns to them.
      options: `-c statement_timeout=${STATEMENT_TIMEOUT_MS} -c lock_timeout=300`,
    });
    client.on('error', () => this.#forget(client));
    client.on('end', () => this.#forget(client));
    await client.connect();
    this.#tap(client);
    this.#client = client;
    return client;
  }

  #forget(client: pg.Client): void {
    if (this.#client === client) this.#client = undefined;
  }

  #tap(client: pg.Client): void {
    // pg's types leave the connection out; its stream is the socket, encrypted or not.
    const { stream } = (client as unknown as { connection: { stream: NodeJS.ReadableStream } })
      .connection;
    stream.on('data', (chunk: Buffer) => {
      if (this.#heardBytes > ANSWER_BYTES_MAX) return;
      this.#heardBytes += chunk.length;
      this.#heard.push(chunk);
    });
  }
}
