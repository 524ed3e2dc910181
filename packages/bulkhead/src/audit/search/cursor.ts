/**
 * Where a page ended, for the next one: opaque to whoever holds it, and good for one tenant's one search.
 *
 * Promises: a cursor that was changed, or made for another tenant or another filter, is refused. It also holds
 * how long each log was when the first page was read: later pages show that state, however much is written.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { auditError } from '../errors.ts';
import { parseVaultKey } from '../vault/vault-key.ts';

/** The last event of a page; the next one's come behind it. */
export interface Position {
  readonly time: string;
  readonly class: string;
  readonly leafIndex: number;
}

export interface PageState {
  readonly after: Position;
  /** Sizes of the tenant's logs when the search began, by class. */
  readonly sizes: Readonly<Record<string, number>>;
}

const MAC_BYTES = 16;
const CURSOR_LENGTH_MAX = 4_000;

const stateSchema = z.strictObject({
  after: z.strictObject({ time: z.string(), class: z.string(), leafIndex: z.number().int() }),
  sizes: z.record(z.string(), z.number().int()),
});

/** From the vault's first key; without one only this process takes the cursors that it gave. */
export function cursorKeyFrom(vaultKeys: readonly string[]): Buffer {
  const [first] = vaultKeys;
  if (first === undefined) return randomBytes(32);
  return createHmac('sha256', parseVaultKey(first).secret)
    .update('bulkhead/audit/cursor/v1')
    .digest();
}

/** @param search what the cursor is good for: the tenant and its filter, as text */
export function writeCursor(key: Buffer, search: string, state: PageState): string {
  const body = Buffer.from(JSON.stringify(state));
  return Buffer.concat([macOf(key, search, body), body]).toString('base64url');
}

/** @throws `audit.cursor_invalid` */
export function readCursor(key: Buffer, search: string, cursor: unknown): PageState {
  if (typeof cursor === 'string' && cursor.length <= CURSOR_LENGTH_MAX) {
    const bytes = Buffer.from(cursor, 'base64url');
    const body = bytes.subarray(MAC_BYTES);
    const isWhole = bytes.length > MAC_BYTES && bytes.toString('base64url') === cursor;
    if (isWhole && timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(key, search, body))) {
      return stateSchema.parse(JSON.parse(body.toString()));
    }
  }
  throw auditError('audit.cursor_invalid');
}

function macOf(key: Buffer, search: string, body: Buffer): Buffer {
  const hmac = createHmac('sha256', key).update('cursor\0').update(search).update('\0');
  return hmac.update(body).digest().subarray(0, MAC_BYTES);
}
