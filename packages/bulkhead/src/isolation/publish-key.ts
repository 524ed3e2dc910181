/**
 * Publishes a context key in the database.
 *
 * Promises: no setting of the server's puts key material into a log. Statement texts and parameters are
 * logged wherever an administrator says so, and a mere owner may not turn that off; the rows of a COPY never
 * are, and in the binary format not even an error quotes them.
 */
import type { ClientBase } from 'pg';
import { keyPads, parseContextKey } from './context-key.ts';
import { PgQueryBase, type QueryCallback } from './pool/pg-internals.ts';

const COPY = 'copy bulkhead.context_key (kid, ipad, opad) from stdin (format binary)';
const UNIQUE_VIOLATION = '23505';

/** Makes contexts signed with the key accepted; a revoked one stays revoked. Returns the key's id. */
export async function publishContextKey(client: ClientBase, text: string): Promise<string> {
  const key = parseContextKey(text);
  const { ipad, opad } = keyPads(key);
  const present = await client.query('select from bulkhead.context_key where kid = $1', [key.kid]);
  if (present.rowCount === 1) return key.kid;

  // A migration has a transaction open, which must survive somebody else's publishing the same key just now.
  const isIdle =
    (client as unknown as { getTransactionStatus(): string }).getTransactionStatus() === 'I';
  await client.query(isIdle ? 'begin' : 'savepoint publish_key');
  try {
    await copyIn(client, binaryRow([Buffer.from(key.kid), ipad, opad]));
    await client.query(isIdle ? 'commit' : 'release savepoint publish_key');
  } catch (error) {
    await client.query(isIdle ? 'rollback' : 'rollback to savepoint publish_key');
    if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
  }
  return key.kid;
}

function copyIn(client: ClientBase, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const copy = new CopyIn(data, (error) => (error ? reject(error) : resolve()));
    // pg accepts any Submittable here; its types want their own.
    client.query(copy as unknown as Parameters<ClientBase['query']>[0]);
  });
}

interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** A `pg.Query` with something to send when the server asks for rows. */
class CopyIn extends PgQueryBase {
  readonly #data: Buffer;

  constructor(data: Buffer, callback: QueryCallback) {
    super({ text: COPY }, undefined, callback);
    this.#data = data;
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(this.#data);
    connection.endCopyFrom();
  }
}

/** COPY's binary format: signature, flags, extension; one row as counted fields; the end. */
function binaryRow(fields: readonly Buffer[]): Buffer {
  const count = (bytes: 2 | 4, value: number): Buffer => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeIntBE(value, 0, bytes);
    return buffer;
  };
  return Buffer.concat([
    Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'),
    count(4, 0),
    count(4, 0),
    count(2, fields.length),
    ...fields.flatMap((field) => [count(4, field.length), field]),
    count(2, -1),
  ]);
}
