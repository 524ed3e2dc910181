/** Writes that would land in another tenant's rows, and writes whose refusal tells what another tenant has. */
import type { Attempt, Family, Ground } from '../attempt.ts';
import type { Column } from '../survey/survey.ts';
import {
  fresh,
  insertLike,
  isOwned,
  type Owned,
  ofAnother,
  ofVictim,
  text,
  typed,
} from './spell.ts';

function writable(ground: Ground): Owned[] {
  return ground.survey.relations
    .filter(isOwned)
    .filter(({ isWritable, isReadable }) => isWritable || isReadable);
}

function* crossings(ground: Ground, table: Owned): Generator<Attempt> {
  const { sql } = table;
  const tenant = table.tenantColumn;
  const mine = `t.${tenant.sql}::text = ${text(ground.attacker)}`;
  const victimValue = typed(ground.victim, tenant.type);
  const cross = (step: string): Attempt => ({
    steps: [step],
    object: sql,
    tell: 'rows',
    mode: 'rolled back',
  });
  const plain = table.columns.find(({ isGenerated, name }) => !isGenerated && name !== tenant.name);
  const column = plain?.sql ?? tenant.sql;
  yield cross(`update ${sql} t set ${column} = t.${column} where ${ofVictim(ground, table)}`);
  yield cross(
    `update ${sql} t set ${column} = t.${column} where ${ofAnother(ground, table)} returning t.*`,
  );
  yield cross(`update ${sql} t set ${tenant.sql} = ${victimValue} where ${mine}`);
  yield cross(`update ${sql} t set ${tenant.sql} = ${victimValue}`);
  yield cross(
    `update ${sql} t set ${column} = s.${column} from ${sql} s where ${ofVictim(ground, table)} and t.ctid = s.ctid`,
  );
  yield cross(`delete from ${sql} t where ${ofVictim(ground, table)}`);
  yield cross(
    `delete from ${sql} t using ${sql} s where t.ctid = s.ctid and ${ofVictim(ground, table)} returning s.*`,
  );
  yield cross(
    `with gone as (delete from ${sql} t where ${ofAnother(ground, table)} returning *) select * from gone`,
  );
  yield cross(
    `merge into ${sql} t using (select 1) s on ${ofVictim(ground, table)} when matched then delete`,
  );
  yield { steps: [`truncate ${sql}`], object: sql, tell: 'success', mode: 'rolled back' };
  const victimRow = ground.victimRows.get(sql)?.[0];
  // Parents of the victim's own, or a foreign key would refuse what the policy let through.
  const parents = valuesOf(
    table,
    table.foreignKeys.flatMap(({ columns }) => columns),
    victimRow ?? {},
  );
  const planted = insertLike(ground, table, { ...parents, [tenant.name]: victimValue });
  if (planted === undefined) return;
  yield cross(planted);
  yield cross(`${planted} returning *`);
  yield cross(`with planted as (${planted} returning *) select * from planted`);
  for (const key of table.uniqueKeys) {
    if (victimRow === undefined) break;
    const stolen = valuesOf(table, key, victimRow);
    const target = key.map((name) => columnOf(table, name)?.sql ?? name).join(', ');
    const insert = insertLike(ground, table, { ...stolen, [tenant.name]: victimValue });
    yield cross(
      `${insert} on conflict (${target}) do update set ${column} = excluded.${column} returning *`,
    );
    const own = insertLike(ground, table, without(stolen, tenant.name));
    yield {
      steps: [
        `${own} on conflict (${target}) do update set ${column} = ${sql}.${column} returning *`,
      ],
      object: sql,
      mode: 'rolled back',
    };
  }
}

export const writes: Family = {
  name: 'crossing writes',
  description:
    'Inserts for, moves to, updates, deletes and merges rows of another tenant, by every form of DML.',
  *attempts(ground) {
    for (const table of writable(ground)) yield* crossings(ground, table);
    for (const { sql, kind, isSecured, tenantColumn } of ground.survey.relations) {
      const isTable = kind === 'r' || kind === 'p';
      if (isTable && isSecured && tenantColumn === undefined) {
        yield { steps: [`truncate ${sql}`], object: sql, tell: 'success', mode: 'rolled back' };
      }
    }
  },
};

export const constraints: Family = {
  name: 'constraint oracles',
  description:
    'Compares how unique and foreign keys answer a value of another tenant and a value nobody has.',
  *attempts(ground) {
    for (const table of writable(ground).filter(({ isWritable }) => isWritable)) {
      const tenant = table.tenantColumn.name;
      const victimRow = ground.victimRows.get(table.sql)?.[0];
      for (const key of table.uniqueKeys) {
        if (victimRow === undefined) break;
        const columns = key.filter((name) => name !== tenant);
        if (columns.length === 0) continue;
        const probe = insertLike(ground, table, valuesOf(table, columns, victimRow));
        const control = insertLike(ground, table, nobodys(ground, table, columns));
        if (probe === undefined || control === undefined) continue;
        yield { steps: [probe], control: [control], object: table.sql, mode: 'rolled back' };
      }
      yield* references(ground, table);
    }
  },
};

function* references(ground: Ground, table: Owned): Generator<Attempt> {
  const tenant = table.tenantColumn.name;
  for (const key of table.foreignKeys) {
    const target = ground.victimRows.get(key.to)?.[0];
    const columns = key.columns.filter((name) => name !== tenant);
    if (target === undefined || columns.length === 0) continue;
    const stolen: Record<string, string> = {};
    for (const [at, name] of key.columns.entries()) {
      const column = columnOf(table, name);
      if (column === undefined || name === tenant) continue;
      stolen[name] = typed(target[key.toColumns[at] ?? ''], column.type);
    }
    const probe = insertLike(ground, table, stolen);
    const control = insertLike(ground, table, nobodys(ground, table, columns));
    if (probe === undefined || control === undefined) continue;
    // A deferred check would only speak at the end of a transaction that is rolled back.
    const now = 'set constraints all immediate';
    yield { steps: [probe], control: [control], object: table.sql, mode: 'rolled back' };
    if (ground.driver === 'raw') {
      yield {
        steps: [now, probe],
        control: [now, control],
        object: table.sql,
        mode: 'rolled back',
      };
    }
  }
}

const columnOf = (table: Owned, name: string): Column | undefined =>
  table.columns.find((column) => column.name === name);

function valuesOf(
  table: Owned,
  names: readonly string[],
  row: Readonly<Record<string, string | null>>,
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const column = columnOf(table, name);
      return column === undefined ? [] : [[name, typed(row[name], column.type)]];
    }),
  );
}

function nobodys(ground: Ground, table: Owned, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const column = columnOf(table, name);
      return column === undefined ? [] : [[name, fresh(column, ground.random)]];
    }),
  );
}

const without = (values: Readonly<Record<string, string>>, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
