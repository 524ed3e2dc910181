/**
 * Gathers the messages of one group and hands them to the socket as one buffer: between them nothing else can
 * be written, and a dozen writes cost the app's process more than encoding them does.
 */
import type { MessageWriter, PgConnection } from './pg-internals.ts';

export class GroupWriter implements MessageWriter {
  readonly parsedStatements: Record<string, string> = {};
  // What is parsed is known to `PreparedStatements`; pg's own note would only grow.
  readonly submittedNamedStatements: Record<string, string> = new Proxy({}, { set: () => true });
  readonly #connection: PgConnection;
  /** The connection's own encoding, with a stream that only gathers. */
  readonly #encoder: PgConnection;
  /** False while a group is written whose rows are known: its Describe is left out. */
  describes = true;
  #parts: Uint8Array[] = [];
  #end: readonly Buffer[] = [];

  constructor(connection: PgConnection) {
    this.#connection = connection;
    const gathering = { writable: true, write: (bytes: Uint8Array) => this.#parts.push(bytes) > 0 };
    this.#encoder = Object.create(connection, { stream: { value: gathering } });
  }

  get stream(): MessageWriter['stream'] {
    return this.#connection.stream;
  }

  /** Starts a group with `begin`; its `sync` will put `end` before the Sync. */
  open(begin: readonly Buffer[], end: readonly Buffer[]): void {
    // What is left of a group that was never sent must not precede this one.
    this.#parts = [...begin];
    this.#end = end;
  }

  parse(statement: { name?: string; text: string }): void {
    this.#encoder.parse({ name: statement.name ?? '', text: statement.text });
  }

  bind(portal: object): void {
    this.#encoder.bind(portal);
  }

  describe(target: { type: 'P' | 'S'; name: string }): void {
    if (this.describes) this.#encoder.describe(target);
  }

  execute(portal: { portal?: string; rows?: number }): void {
    this.#encoder.execute(portal);
  }

  close(target: { type: 'P' | 'S'; name?: string }): void {
    this.#encoder.close(target);
  }

  flush(): void {
    this.#encoder.flush();
  }

  /** Ends the group and sends it. */
  sync(): void {
    this.#parts.push(...this.#end);
    this.#encoder.sync();
    const group = Buffer.concat(this.#parts);
    this.#parts = [];
    // As pg does: on a socket that is closing, its end is what answers.
    if (this.stream.writable) this.stream.write(group);
  }
}
