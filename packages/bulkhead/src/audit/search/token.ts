/**
 * Terms as the index holds them: 32 bits of a hash under the tenant's key. Two terms may share a token (once in
 * some thousand blocks), so whoever finds one looks at the event again.
 */
import { createHmac } from 'node:crypto';

export const PARTS = 64;

/** Which of a block's parts holds a token. */
export const partOf = (token: number): number => token & (PARTS - 1);

/** A term's token as PostgreSQL's integer. */
export function tokenOf(searchKey: Buffer, term: string): number {
  return createHmac('sha256', searchKey).update(term).digest().readInt32BE(0);
}
