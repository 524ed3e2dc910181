/**
 * Arrays in PostgreSQL's binary format, so that a batch of thousands of values is neither written nor read as
 * text. A Buffer given to `pg` as a parameter is sent as binary.
 */

const HEADER_BYTES = 20;

const oid = {
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  tid: 27,
  uuid: 2950,
} as const;

function header(type: number, count: number, bytes: number): Buffer {
  const array = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  // An empty array has no dimension, and then neither size nor lower bound follow.
  array.writeInt32BE(count === 0 ? 0 : 1, 0);
  array.writeInt32BE(0, 4);
  array.writeInt32BE(type, 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16);
  return count === 0 ? array.subarray(0, 12) : array;
}

function fixed<T>(
  type: number,
  size: number,
  values: readonly T[],
  write: (array: Buffer, value: T, at: number) => void,
): Buffer {
  const array = header(type, values.length, values.length * (4 + size));
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(size, at);
    write(array, value, at + 4);
    at += 4 + size;
  }
  return array;
}

export const int2Array = (values: readonly number[]): Buffer =>
  fixed(oid.int2, 2, values, (array, value, at) => array.writeInt16BE(value, at));

export const int4Array = (values: readonly number[]): Buffer =>
  fixed(oid.int4, 4, values, (array, value, at) => array.writeInt32BE(value, at));

const TWO_32 = 2 ** 32;

/** Whole numbers from 0 up to 2^53. */
export const int8Array = (values: readonly number[]): Buffer =>
  fixed(oid.int8, 8, values, (array, value, at) => {
    array.writeUInt32BE(Math.floor(value / TWO_32), at);
    array.writeUInt32BE(value % TWO_32, at + 4);
  });

/** What a hexadecimal digit is worth, by its code; 255 for what is none. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, code) => {
  const worth = '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase());
  return worth === -1 ? 255 : worth;
});
const UUID_LENGTH = 36;
const UUID_BYTES = 16;
const DASH = 0x2d;

/** A UUID of another form is refused. */
export const uuidArray = (values: readonly string[]): Buffer =>
  fixed(oid.uuid, UUID_BYTES, values, (array, value, at) => {
    let from = 0;
    let faults = value.length ^ UUID_LENGTH;
    for (let byte = 0; byte < UUID_BYTES; byte += 1) {
      if (value.charCodeAt(from) === DASH) from += 1;
      const high = DIGITS[value.charCodeAt(from)] ?? 255;
      const low = DIGITS[value.charCodeAt(from + 1)] ?? 255;
      faults |= (high | low) & 0xf0;
      array[at + byte] = (high << 4) | low;
      from += 2;
    }
    if (faults !== 0) throw new TypeError('not a UUID');
  });

/** Row addresses as the server writes them, `(block,offset)`. */
export const tidArray = (values: readonly string[]): Buffer =>
  fixed(oid.tid, 6, values, (array, value, at) => {
    const comma = value.indexOf(',');
    array.writeUInt32BE(Number(value.slice(1, comma)), at);
    array.writeUInt16BE(Number(value.slice(comma + 1, -1)), at + 4);
  });

export function textArray(values: readonly string[]): Buffer {
  const lengths = values.map((value) => Buffer.byteLength(value));
  const array = header(
    oid.text,
    values.length,
    lengths.reduce((sum, length) => sum + 4 + length, 0),
  );
  let at = HEADER_BYTES;
  values.forEach((value, index) => {
    const length = lengths[index] ?? 0;
    array.writeInt32BE(length, at);
    array.write(value, at + 4, 'utf8');
    at += 4 + length;
  });
  return array;
}

export function byteaArray(values: readonly Uint8Array[]): Buffer {
  const array = header(
    oid.bytea,
    values.length,
    values.reduce((sum, value) => sum + 4 + value.length, 0),
  );
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(value.length, at);
    array.set(value, at + 4);
    at += 4 + value.length;
  }
  return array;
}
