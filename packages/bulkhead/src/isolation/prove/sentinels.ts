/**
 * The two tenants that exploits speak of: A, whose rows are shown, and B, who is the attacker.
 *
 * Promises: the texts are recognisable and never those of a real tenant's random id, so that the probe can
 * put its own synthetic tenants in their place and a person can put theirs.
 */
import { literal } from './names.ts';

export const SENTINEL_A = '00000000-0000-4000-8000-00000000000a';
export const SENTINEL_B = '00000000-0000-4000-8000-00000000000b';

const NUMBERS = { a: '1000000001', b: '1000000002' } as const;
const TEXTS = { a: 'tenant-a', b: 'tenant-b' } as const;
const INTEGRAL = /^(integer|bigint|numeric|smallint|oid)\b/;

/** The sentinel for a tenant column of this type (`format_type`'s words), without quotes. */
export function sentinelFor(type: string, tenant: 'a' | 'b'): string {
  if (type === 'uuid') return tenant === 'a' ? SENTINEL_A : SENTINEL_B;
  // A smallint holds no ten digits.
  if (type === 'smallint') return tenant === 'a' ? '31001' : '31002';
  return INTEGRAL.test(type) ? NUMBERS[tenant] : TEXTS[tenant];
}

/** The same as an SQL literal; quoted for numbers too, which every column type reads. */
export function sentinelLiteral(type: string, tenant: 'a' | 'b'): string {
  return literal(sentinelFor(type, tenant));
}
