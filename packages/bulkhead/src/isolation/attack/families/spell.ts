/** Spells values and rows of the surveyed schema as SQL. */
import { escapeLiteral } from 'pg';
import type { Ground } from '../attempt.ts';
import type { Random } from '../random.ts';
import type { RowText } from '../survey/oracle.ts';
import type { Column, Relation } from '../survey/survey.ts';

export const text = (value: string): string => escapeLiteral(value);

export const typed = (value: string | null | undefined, type: string): string =>
  value === null || value === undefined ? `null::${type}` : `${escapeLiteral(value)}::${type}`;

/** A value of the column's type that nobody has. */
export function fresh(column: Column, random: Random): string {
  if (column.base === 'uuid') return typed(random.uuid(), 'uuid');
  if (column.category === 'S') return typed(`attack-${random.hex(12)}@attack.invalid`, column.type);
  if (column.category === 'N') {
    const bound = column.base === 'int2' ? 30_000 : 1_900_000_000;
    return typed(String(1000 + random.below(bound)), column.type);
  }
  if (column.category === 'D')
    return `(now() + interval '${1 + random.below(900_000)} seconds')::${column.type}`;
  return typed(null, column.type);
}

export const isReadTable = (relation: Relation): boolean =>
  relation.isReadable && relation.kind !== 'S';

/** What the app may read, those that say whose a row is first. */
export function readable(ground: Ground): Relation[] {
  const all = ground.survey.relations.filter(isReadTable);
  return [...all.filter((one) => one.tenantColumn), ...all.filter((one) => !one.tenantColumn)];
}

export type Owned = Relation & { readonly tenantColumn: Column };

export const isOwned = (relation: Relation): relation is Owned =>
  relation.tenantColumn !== undefined;

export const ofVictim = (ground: Ground, relation: Owned, alias = 't'): string =>
  `${alias}.${relation.tenantColumn.sql}::text = ${text(ground.victim)}`;

export const ofAnother = (ground: Ground, relation: Owned, alias = 't'): string =>
  `${alias}.${relation.tenantColumn.sql}::text <> ${text(ground.attacker)}`;

/** The tables to aim at when one stands for all: readable ones with rows of a victim. */
export function targets(ground: Ground, max: number): Owned[] {
  const rows = readable(ground)
    .filter(isOwned)
    .filter(({ schema }) => schema !== 'bulkhead');
  const known = rows.filter(({ sql }) => ground.victimRows.has(sql));
  return (known.length > 0 ? known : rows).slice(0, max);
}

/** Names of victims' rows: what a leaked URL or log would hold. */
export function victimIds(ground: Ground, max: number): string[] {
  const ids = [...ground.victimRows.values()].flatMap(([row]) =>
    row === undefined
      ? []
      : Object.values(row).filter((value) => value !== null && UUID.test(value)),
  );
  return [...new Set([ground.victim, ...(ids as string[])])].slice(0, max);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * An INSERT of a row like one's own, all keys fresh, with some columns replaced. Undefined where no row is
 * known to copy from.
 */
export function insertLike(
  ground: Ground,
  relation: Owned,
  replace: Readonly<Record<string, string>>,
): string | undefined {
  const model: RowText | undefined =
    ground.ownRows.get(relation.sql)?.[0] ?? ground.victimRows.get(relation.sql)?.[0];
  if (model === undefined) return undefined;
  const tenant = relation.tenantColumn.name;
  const referring = new Set(relation.foreignKeys.flatMap(({ columns }) => columns));
  const keys = new Set(relation.uniqueKeys.flat().filter((name) => !referring.has(name)));
  const columns = relation.columns.filter(({ isGenerated }) => !isGenerated);
  const values = columns.map((column) => {
    const given = replace[column.name];
    if (given !== undefined) return given;
    if (column.name === tenant) return typed(ground.attacker, column.type);
    if (keys.has(column.name)) return fresh(column, ground.random);
    return typed(model[column.name], column.type);
  });
  return `insert into ${relation.sql} (${columns.map(({ sql }) => sql).join(', ')}) values (${values.join(', ')})`;
}
