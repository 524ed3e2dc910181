/**
 * The few messages of PostgreSQL's extended query protocol that the pool writes of its own accord
 * (PostgreSQL documentation, "Message Formats"). The caller's statement is encoded by `pg` itself.
 *
 * Every text here is ours and free of NUL; values travel as text parameters, never inside statement text.
 */

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const cstring = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf8');

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function textValue(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Parse (F): a statement of ours; the empty name is the unnamed statement. */
export const parseMessage = (name: string, text: string): Buffer =>
  message('P', cstring(name), cstring(text), int16(0));

/** Bind (F) of text parameters to the unnamed portal, and Execute (F) of all its rows. */
export function bindAndExecute(name: string, values: readonly string[] = []): Buffer {
  const bind = message(
    'B',
    cstring(''),
    cstring(name),
    int16(0),
    int16(values.length),
    ...values.map(textValue),
    int16(0),
  );
  return Buffer.concat([bind, message('E', cstring(''), Buffer.alloc(4))]);
}

/** Close (F) of a prepared statement. */
export const closeStatement = (name: string): Buffer =>
  message('C', Buffer.from('S', 'latin1'), cstring(name));
