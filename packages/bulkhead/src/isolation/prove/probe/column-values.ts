/**
 * A value for a column that nobody told us anything about, as text for PostgreSQL to read.
 *
 * Promises: texts carry the tenant's canary wherever they are long enough; numbers and ids are random, so keys
 * rarely collide; what its checks list is preferred over what the type allows. A type it does not know gives undefined.
 */
import { randomInt, randomUUID } from 'node:crypto';
import type { Catalog, Column } from '../catalog/model.ts';

export interface ValueRequest {
  readonly column: Column;
  readonly catalog: Catalog;
  readonly canary: string;
  /** Definitions of the table's check constraints. */
  readonly checks: readonly string[];
}

/** `timestamp with time zone(3)` and the like are told by their beginning. */
const BY_TYPE: readonly (readonly [RegExp, (canary: string, length: number) => string])[] = [
  [/^uuid$/, () => randomUUID()],
  [/^smallint/, () => String(randomInt(20_000, 32_767))],
  [/^(integer|oid)/, () => String(randomInt(1_500_000_000, 2_147_483_647))],
  [/^bigint/, () => String(randomInt(2 ** 40, 2 ** 47))],
  [/^numeric/, () => '1'],
  [/^(real|double precision|money)/, () => '1'],
  [/^boolean/, () => 'true'],
  [/^jsonb?$/, (canary) => JSON.stringify({ canary })],
  [/^bytea/, (canary) => `\\x${Buffer.from(canary).toString('hex')}`],
  [/^timestamp/, () => '2030-01-01 00:00:00'],
  [/^date$/, () => '2030-01-01'],
  [/^time/, () => '12:00:00'],
  [/^interval/, () => '1 day'],
  [/^(inet|cidr)/, () => '192.0.2.1'],
  [/^macaddr$/, () => '02:00:5e:10:00:01'],
  [/^(public\.|extensions\.)?citext$/, (canary) => canary],
  [/^(character varying|character|bpchar|text|name)/, (canary, length) => canary.slice(0, length)],
  [/^xml$/, (canary) => `<canary>${canary}</canary>`],
  [/^tsvector$/, (canary) => canary],
  [/^point$/, () => '(0,0)'],
  [/range$/, () => 'empty'],
  [/^bit/, () => '0'],
];

export function valueFor({ column, catalog, canary, checks }: ValueRequest): string | undefined {
  const listed = listedValue(column, checks);
  if (listed !== undefined) return listed;
  if (column.type.endsWith('[]')) return '{}';
  const userType = [...catalog.types.values()].find(
    ({ schema, name }) => `${schema}.${name}` === column.type.replaceAll('"', ''),
  );
  if (userType?.kind === 'enum') return userType.enumLabels[0];
  const type = userType?.kind === 'domain' && userType.base !== null ? userType.base : column.type;
  const length = Number(/\((\d+)\)/.exec(type)?.[1] ?? 1_000);
  return BY_TYPE.find(([pattern]) => pattern.test(type))?.[1](canary, length);
}

/** `CHECK ((status = ANY (ARRAY['draft'::text, 'sent'::text])))` lists what is allowed. */
function listedValue(column: Column, checks: readonly string[]): string | undefined {
  const name = column.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  for (const check of checks) {
    if (!new RegExp(`\\b${name}\\b`).test(check)) continue;
    const list = new RegExp(
      `\\b${name}"?\\)?(?:::[\\w ]+)?\\)* = ANY \\(+ARRAY\\['((?:[^']|'')*)'`,
    ).exec(check);
    if (list?.[1] !== undefined) return list[1].replaceAll("''", "'");
    const single = new RegExp(`\\b${name}"?\\)?(?:::[\\w ]+)?\\)* = '((?:[^']|'')*)'`).exec(check);
    if (single?.[1] !== undefined) return single[1].replaceAll("''", "'");
  }
  return undefined;
}
