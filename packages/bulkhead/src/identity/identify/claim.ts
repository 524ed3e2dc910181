/**
 * Reads the tenants a claim names.
 *
 * Promises: `app_metadata.tenant_id` walks into objects, a URL-like name (`https://x/org`) is one key;
 * only own properties count, only strings are read. Anything else reads as nothing, which admits nobody.
 */

/** More tenants than this in one token is a mistake; none of them is believed. */
const TENANTS_MAX = 1_000;

export type Claims = Readonly<Record<string, unknown>>;

/** The strings at `name`: one, or those of an array. */
export function readClaim(claims: Claims | undefined, name: string): readonly string[] {
  let value: unknown = claims;
  for (const key of name.includes('://') ? [name] : name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return [];
    // Own property of an object, checked above.
    value = (value as Record<string, unknown>)[key];
  }
  const values = Array.isArray(value) ? value : [value];
  const whole =
    values.length <= TENANTS_MAX && values.every((item) => typeof item === 'string' && item !== '');
  // Every one is a non-empty string, checked above.
  return whole ? (values as string[]) : [];
}
