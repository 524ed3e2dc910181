/**
 * Values of a row, whether the driver has parsed them or an app's own type parsers are in the way and they come
 * as PostgreSQL's text. Moments are always asked for as text, by `moment`.
 */

/** A bytea. */
export function bytesOf(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  return Buffer.from(String(value).slice(2), 'hex');
}

/** A bytea that may be null. */
export const maybeBytes = (value: unknown): Buffer | null =>
  value == null ? null : bytesOf(value);

/** An integer[]. */
export function integersOf(value: unknown): readonly number[] {
  if (Array.isArray(value)) return value as number[];
  const inner = String(value).slice(1, -1);
  return inner === '' ? [] : inner.split(',').map(Number);
}

/** A boolean. */
export const isTrue = (value: unknown): boolean => value === true || value === 't';

/** The same statements with every bytea as a Buffer; for code that knows its columns as the driver parses them. */
export function decoded<
  Q extends (text: string, values: unknown[]) => Promise<{ rows: Record<string, unknown>[] }>,
>(query: Q): (text: string, values: unknown[]) => Promise<{ rows: Record<string, unknown>[] }> {
  const read = (value: unknown) =>
    typeof value === 'string' && value.startsWith('\\x') ? bytesOf(value) : value;
  return async (text, values) => {
    const { rows } = await query(text, values);
    return {
      rows: rows.map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, read(value)])),
      ),
    };
  };
}
