/**
 * The tenant column: added without a rewrite, filled in batches while the app writes, then NOT NULL without
 * a scan under a lock.
 *
 * The order closes a race. From the first step on a trigger fills new rows, but it finds nothing while the
 * parent row itself is not filled yet; such a row may even commit after the backfill has passed. So a CHECK
 * follows, whose lock waits for every open writer, and a second, short sweep fills what slipped through.
 */
import { findColumn, primaryKey } from './catalog.ts';
import { type Draft, matchPairs, type Subject, tenantExpression } from './draft.ts';
import type { Backfill, Step } from './plan.ts';
import {
  displayName,
  dollarQuote,
  generatedName,
  qualified,
  quoteColumns,
  quoteIdent,
  quoteLiteral,
  regclassOf,
} from './quote.ts';

export const TENANT_DEFAULT = 'bulkhead.tenant_id()';

/** The transition trigger and its function, in the table's schema; gone when protection is enforced. */
export function transitionNames(subject: Subject): { trigger: string; fn: string } {
  const name = generatedName(subject.table.name, 'bulkhead_fill');
  return { trigger: name, fn: `${quoteIdent(subject.table.schema)}.${quoteIdent(name)}` };
}

export function notNullCheckName(subject: Subject): string {
  return generatedName(subject.table.name, 'bulkhead_not_null');
}

export function planColumn(draft: Draft, subject: Subject): void {
  const { table, tenantColumn } = subject;
  const column = findColumn(table, tenantColumn);
  const check = table.checks.find((c) => c.name === notNullCheckName(subject));
  const settled = column?.notNull === true;
  const hasDefault = column?.default?.includes('tenant_id()') === true;
  const wantsDefault = !subject.selfKeyed && column?.default == null;
  if (!settled || wantsDefault)
    draft.steps.push(addColumn(subject, settled, wantsDefault || hasDefault));
  if (!settled) {
    draft.steps.push(...fill(draft, subject));
    probeMissing(draft, subject);
  } else if (check !== undefined) {
    draft.steps.push(setNotNull(subject));
  }
}

function addColumn(subject: Subject, settled: boolean, setDefault: boolean): Step {
  const { table, tenantColumn, label } = subject;
  const t = qualified(table);
  const column = quoteIdent(tenantColumn);
  const statements: string[] = [];
  const done = [
    `exists (select from pg_catalog.pg_attribute where attrelid = ${regclassOf(table)} and attname = ${quoteLiteral(tenantColumn)} and not attisdropped)`,
  ];
  const added = findColumn(table, tenantColumn) === undefined;
  if (added) statements.push(`alter table ${t} add column if not exists ${column} uuid`);
  if (setDefault) {
    statements.push(`alter table ${t} alter column ${column} set default ${TENANT_DEFAULT}`);
    done.push(
      `exists (select from pg_catalog.pg_attribute a join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attrelid = ${regclassOf(table)} and a.attname = ${quoteLiteral(tenantColumn)})`,
    );
  }
  if (!settled && subject.source.kind !== 'column') {
    statements.push(...transition(subject));
    done.push(
      `exists (select from pg_catalog.pg_trigger where tgrelid = ${regclassOf(table)} and tgname = ${quoteLiteral(transitionNames(subject).trigger)})`,
    );
  }
  return {
    id: `${label}:column`,
    stage: 'prepare',
    kind: 'transaction',
    table: label,
    title: added ? `add ${displayName(tenantColumn)}` : `default of ${displayName(tenantColumn)}`,
    why:
      'The column is nullable and comes without a default, so no row is rewritten; the default, set apart, ' +
      'holds for new rows only. The trigger fills the tenant of rows that an app not yet on the protected ' +
      'pool writes meanwhile; it is dropped when protection is enforced.',
    lock: 'ACCESS EXCLUSIVE',
    lockedFor: 'milliseconds, catalog only',
    online: true,
    statements,
    done: done.join('\n  and '),
  };
}

function transition(subject: Subject): string[] {
  const { source, table, tenantColumn } = subject;
  const { trigger, fn } = transitionNames(subject);
  const own = `new.${quoteIdent(tenantColumn)}`;
  let body: string;
  if (source.kind === 'parent') {
    const parentColumn = quoteIdent(source.parentColumn);
    const moved = source.pairs
      .map(({ child }) => `new.${quoteIdent(child)} is distinct from old.${quoteIdent(child)}`)
      .join(' or ');
    const lookUp = `select p.${parentColumn} into ${own} from ${qualified(source.parent)} p where ${matchPairs(source, 'p', 'new')};`;
    body = `begin
  if ${own} is null then
    ${lookUp}
  elsif tg_op = 'UPDATE' then
    if ${moved} then
      ${lookUp}
    end if;
  end if;
  return new;
end`;
  } else if (source.kind === 'tenant') {
    body = `begin
  ${own} := coalesce(${own}, ${quoteLiteral(source.id)}::uuid);
  return new;
end`;
  } else {
    return [];
  }
  return [
    // Definer, because the app may insert into a child without the right to read its parent.
    `create or replace function ${fn}() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as ${dollarQuote(body)}`,
    `revoke all on function ${fn}() from public`,
    `drop trigger if exists ${quoteIdent(trigger)} on ${qualified(table)}`,
    `create trigger ${quoteIdent(trigger)} before insert or update on ${qualified(table)} for each row execute function ${fn}()`,
  ];
}

function fill(draft: Draft, subject: Subject): Step[] {
  const { table, tenantColumn, label } = subject;
  const t = qualified(table);
  const column = quoteIdent(tenantColumn);
  const check = notNullCheckName(subject);
  const notNull = `exists (select from pg_catalog.pg_attribute where attrelid = ${regclassOf(table)} and attname = ${quoteLiteral(tenantColumn)} and attnotnull)`;
  const checkIs = (extra: string) =>
    `exists (select from pg_catalog.pg_constraint where conrelid = ${regclassOf(table)} and conname = ${quoteLiteral(check)}${extra})`;
  const steps: Step[] = [];
  const filled = `not exists (select from ${t} where ${column} is null)`;
  const backfill = subject.source.kind === 'column' ? undefined : planBackfill(draft, subject);
  const fillStep = (id: string, title: string, why: string): Step[] =>
    backfill === undefined
      ? []
      : [
          {
            id: `${label}:${id}`,
            stage: 'prepare',
            kind: 'backfill',
            table: label,
            title,
            why,
            lock: 'row locks',
            lockedFor: 'one batch, about 100 ms',
            online: true,
            statements: [],
            done: `${notNull} or ${filled}`,
            backfill,
            rowsEstimate: table.rowsEstimate,
          },
        ];
  steps.push(
    ...fillStep(
      'backfill',
      `fill ${displayName(tenantColumn)}`,
      'Small batches by primary key, each committed by itself. Rows that the app holds are skipped and ' +
        'come in a later pass, so the backfill never waits for the app and cannot deadlock with it.',
    ),
    {
      id: `${label}:check`,
      stage: 'prepare',
      kind: 'transaction',
      table: label,
      title: `check ${displayName(tenantColumn)} is not null, not valid`,
      why: 'Holds for new rows at once; NOT VALID leaves existing rows unread. Taking the lock also waits for every writer that began before.',
      lock: 'ACCESS EXCLUSIVE',
      lockedFor: 'milliseconds, catalog only',
      online: true,
      statements: [
        `alter table ${t} add constraint ${quoteIdent(check)} check (${column} is not null) not valid`,
      ],
      done: `${notNull} or ${checkIs('')}`,
    },
    ...fillStep(
      'sweep',
      `fill stragglers of ${displayName(tenantColumn)}`,
      'Rows that committed behind the backfill. The check in force lets no more of them come.',
    ),
    {
      id: `${label}:validate`,
      stage: 'prepare',
      kind: 'scan',
      table: label,
      title: `validate the check of ${displayName(tenantColumn)}`,
      why: 'Reads the table once while reads and writes go on.',
      lock: 'SHARE UPDATE EXCLUSIVE',
      lockedFor: 'one scan; writers go on',
      online: true,
      statements: [`alter table ${t} validate constraint ${quoteIdent(check)}`],
      done: `${notNull} or ${checkIs(' and convalidated')}`,
      rowsEstimate: table.rowsEstimate,
    },
    setNotNull(subject),
  );
  return steps;
}

function setNotNull(subject: Subject): Step {
  const { table, tenantColumn, label } = subject;
  const t = qualified(table);
  const check = notNullCheckName(subject);
  return {
    id: `${label}:not-null`,
    stage: 'prepare',
    kind: 'transaction',
    table: label,
    title: `${displayName(tenantColumn)} not null`,
    why: 'The validated check proves it, so no row is read; then the check has done its work.',
    lock: 'ACCESS EXCLUSIVE',
    lockedFor: 'milliseconds, catalog only',
    online: true,
    statements: [
      `alter table ${t} alter column ${quoteIdent(tenantColumn)} set not null`,
      `alter table ${t} drop constraint if exists ${quoteIdent(check)}`,
    ],
    done:
      `exists (select from pg_catalog.pg_attribute where attrelid = ${regclassOf(table)} and attname = ${quoteLiteral(tenantColumn)} and attnotnull)` +
      `\n  and not exists (select from pg_catalog.pg_constraint where conrelid = ${regclassOf(table)} and conname = ${quoteLiteral(check)})`,
  };
}

/** One statement per batch, the same text for our runner and for the loop in the file. */
function planBackfill(draft: Draft, subject: Subject): Backfill {
  const { table, tenantColumn, source } = subject;
  const t = qualified(table);
  const column = quoteIdent(tenantColumn);
  const keys = (primaryKey(table)?.keys ?? []).flatMap((key) => (key === null ? [] : [key]));
  const names = quoteColumns(keys);
  const types = keys.map((key) => findColumn(table, key)?.type ?? 'text');
  const after = types.map((type, at) => `$${at + 1}::text::${type}`).join(', ');
  const aliases = keys.map((_, at) => `k${at + 1}`);
  const value =
    source.kind === 'tenant'
      ? { from: '', value: `${quoteLiteral(source.id)}::uuid`, where: '' }
      : source.kind === 'parent'
        ? {
            from: `, ${qualified(source.parent)} as p`,
            value: `p.${quoteIdent(source.parentColumn)}`,
            where: ` and ${matchPairs(source, 'p', 't')} and p.${quoteIdent(source.parentColumn)} is not null`,
          }
        : { from: '', value: 'null', where: ' and false' };
  const last = aliases
    .map((_, at) => `(select ${aliases[at]}::text from last) as last_${at + 1}`)
    .join(', ');
  return {
    keyCount: keys.length,
    silent: draft.request.silentBackfill,
    batchSql: `with batch as materialized (
  select ${keys.map((key, at) => `${quoteIdent(key)} as k${at + 1}`).join(', ')} from ${t}
   where ${column} is null and ($1::text is null or (${names}) > (${after}))
   order by ${names} limit $${keys.length + 1}::int for no key update skip locked),
filled as (
  update ${t} as t set ${column} = ${value.value} from batch as b${value.from}
   where ${keys.map((key, at) => `t.${quoteIdent(key)} = b.k${at + 1}`).join(' and ')}${value.where} returning 1),
last as (select ${aliases.join(', ')} from batch order by ${aliases.map((a) => `${a} desc`).join(', ')} limit 1)
select (select count(*) from filled)::int as filled, (select count(*) from batch)::int as seen, ${last}`,
    remainingSql: `select exists (select from ${t} where ${column} is null) as remaining`,
  };
}

/** Rows that no source gives a tenant: counted before anything changes. */
function probeMissing(draft: Draft, subject: Subject): void {
  const { source, table, label, tenantColumn } = subject;
  if (source.kind === 'tenant') return;
  const by =
    source.kind === 'parent'
      ? source.pairs.map((pair) => displayName(pair.child)).join(', ')
      : displayName(tenantColumn);
  draft.probes.push({
    table: label,
    code: 'rows_without_tenant',
    sql: `select count(*) from ${qualified(table)} c where ${tenantExpression(draft, subject, 'c')} is null`,
    message: (count) =>
      source.kind === 'parent'
        ? `${count} rows have no tenant by way of ${by}: it is null, or its parent is gone or has none`
        : `${count} rows have no tenant in ${by}`,
    fix: `find them with: select * from ${qualified(table)} c where ${tenantExpression(draft, subject, 'c')} is null; then correct or delete them`,
  });
}
