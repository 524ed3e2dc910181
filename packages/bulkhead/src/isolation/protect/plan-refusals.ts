/** What cannot be protected safely, and what a person should know: judged from the catalog alone. */
import { type Catalog, primaryKey, protectedBy, type TableInfo } from './catalog.ts';
import { type Draft, note, refuse } from './draft.ts';
import { displayName, displayRelation, qualified, quoteIdent } from './quote.ts';

/** Faults of the server and the roles; they concern every table. */
export function judgeServer(draft: Draft): void {
  const { catalog } = draft;
  const role = quoteIdent(catalog.appRoleName);
  const every = 'every table';
  for (const { name, similar } of catalog.missing)
    refuse(
      draft,
      'table_missing',
      displayName(name),
      'there is no such table',
      similar.length > 0
        ? `did you mean ${similar.map(displayName).join(' or ')}?`
        : "write it as the database does, with its schema if that is not public (billing.invoices), or name the schema with --schema; BULKHEAD_ADMIN_URL must lead to the app's database",
    );
  if (catalog.serverVersion < 150_000)
    refuse(
      draft,
      'server_unready',
      every,
      'PostgreSQL 15 is the oldest with SET NULL (column) and security_invoker',
      'upgrade the server',
    );
  if (!catalog.tenantFunction.exists) {
    refuse(
      draft,
      'server_unready',
      every,
      'bulkhead.tenant_id() is not installed',
      'bulkhead migrate',
    );
  } else if (!catalog.tenantFunction.appMayCall && catalog.appRole !== null) {
    refuse(
      draft,
      'server_unready',
      every,
      'the app may not call bulkhead.tenant_id(), so its inserts would fail',
      `grant usage on schema bulkhead to ${role}; grant execute on function bulkhead.tenant_id() to ${role}`,
    );
  }
  if (!catalog.mayUsePlpgsql)
    refuse(
      draft,
      'server_unready',
      every,
      'the migrating role may not use plpgsql, which the backfill needs',
      'run as a superuser, or grant usage on language plpgsql to the migrating role',
    );
  if (catalog.appRole === null) {
    refuse(
      draft,
      'app_role_unfit',
      every,
      `the app's role ${displayName(catalog.appRoleName)} does not exist`,
      `create role ${role} login`,
    );
  } else if (catalog.appRole.superuser || catalog.appRole.bypassRls) {
    refuse(
      draft,
      'app_role_unfit',
      every,
      `the app's role ${displayName(catalog.appRoleName)} bypasses row-level security`,
      `alter role ${role} nosuperuser nobypassrls`,
    );
  }
}

/** False where there is nothing more to plan for the table. */
export function judgeTable(draft: Draft, table: TableInfo): boolean {
  const { catalog } = draft;
  const before = draft.refusals.length;
  if (table.kind === 'f')
    refuse(
      draft,
      'kind_unsupported',
      table,
      'a foreign table has no row-level security',
      'protect it on its own server',
    );
  else if (!['r', 'p'].includes(table.kind))
    refuse(
      draft,
      'kind_unsupported',
      table,
      'it is a view',
      'list the tables that it reads instead; it follows them',
    );
  else if (table.persistence === 't')
    refuse(
      draft,
      'kind_unsupported',
      table,
      'it is a temporary table',
      'leave it out: no other session sees it, and the app may make none',
    );
  else if (['bulkhead', 'pg_catalog', 'information_schema'].includes(table.schema))
    refuse(
      draft,
      'kind_unsupported',
      table,
      "its schema is not the app's",
      'leave it out: whoever brought it keeps it',
    );
  else if (table.isPartition)
    refuse(
      draft,
      'partitions_unsupported',
      table,
      'it is a partition',
      'list its parent; the partitions come along',
    );
  else if (primaryKey(table) === undefined)
    refuse(
      draft,
      'no_primary_key',
      table,
      'it has no primary key, by which rows are filled and referred to',
      `alter table ${qualified(table)} add column id uuid primary key default gen_random_uuid()`,
    );
  if (draft.refusals.length > before) return false;
  if (!table.mayAlter)
    refuse(
      draft,
      'not_owner',
      table,
      `only its owner ${displayName(table.owner)} may change it`,
      'run as that role or as a superuser',
    );
  else if (!table.mayCreateInSchema)
    refuse(
      draft,
      'not_owner',
      table,
      `the migrating role may not create in schema ${displayName(table.schema)}`,
      `grant create on schema ${quoteIdent(table.schema)} to the migrating role, or run as its owner`,
    );
  if (table.appOwns)
    refuse(
      draft,
      'owned_by_app',
      table,
      `the app's role owns it, or is a member of its owner ${displayName(table.owner)}: an owner can switch row-level security off`,
      `alter table ${qualified(table)} owner to <a role that cannot log in>`,
    );
  for (const rule of table.rules)
    refuse(
      draft,
      'rule',
      table,
      `rule ${displayName(rule)} rewrites statements past what was planned`,
      `drop rule ${quoteIdent(rule)} on ${qualified(table)}`,
    );
  if (table.inheritance.length > 0)
    refuse(
      draft,
      'inheritance',
      table,
      `it inherits from or is inherited by ${table.inheritance.map(displayRelation).join(', ')}; keys and policies do not follow inheritance`,
      'make it a partitioned table, or separate the tables',
    );
  judgePartitions(draft, catalog, table);
  judgeViews(draft, table);
  judgeReplication(draft, table);
  remark(draft, table);
  return true;
}

function judgePartitions(draft: Draft, catalog: Catalog, table: TableInfo): void {
  for (const partition of table.partitions) {
    const child = catalog.tables.find((candidate) => candidate.oid === partition.oid);
    if (partition.kind === 'p')
      refuse(
        draft,
        'partitions_unsupported',
        table,
        `partition ${displayRelation(partition)} is partitioned itself`,
        `alter table ${qualified(table)} detach partition ${qualified(partition)}, or make it one level deep`,
      );
    else if (partition.kind === 'f')
      refuse(
        draft,
        'partitions_unsupported',
        table,
        `partition ${displayRelation(partition)} is a foreign table, which has no row-level security`,
        `alter table ${qualified(table)} detach partition ${qualified(partition)}`,
      );
    else if (child?.foreignKeys.length)
      refuse(
        draft,
        'partitions_unsupported',
        table,
        `partition ${displayRelation(partition)} has foreign keys of its own`,
        `declare them on ${displayRelation(table)}, which hands them down, and drop those of the partition`,
      );
  }
  if (table.kind === 'p')
    note(
      draft,
      'note',
      table,
      "a partition made later needs row-level security of its own and no grants: call bulkhead.protect_table('<partition>') when you make one, and let `bulkhead prove` watch",
    );
}

function judgeViews(draft: Draft, table: TableInfo): void {
  for (const view of table.views) {
    if (view.system) continue;
    const shown = displayRelation(view);
    if (view.materialized) {
      const message = `materialized view ${shown} holds rows of every tenant, and row-level security does not reach it`;
      if (view.appMaySelect)
        refuse(
          draft,
          'materialized_view',
          table,
          message,
          `revoke select on ${qualified(view)} from public, ${quoteIdent(draft.catalog.appRoleName)}`,
        );
      else note(draft, 'warning', table, `${message}; the app may not read it now, keep it so`);
    } else if (!view.securityInvoker && !draft.request.alterViews) {
      refuse(
        draft,
        'view_without_invoker',
        table,
        `view ${shown} reads as its owner, past the policies`,
        `alter view ${qualified(view)} set (security_invoker = on)`,
      );
    }
  }
}

function judgeReplication(draft: Draft, table: TableInfo): void {
  for (const { name, columnList } of table.publications) {
    const shown = displayName(name);
    if (columnList)
      refuse(
        draft,
        'replication',
        table,
        `publication ${shown} lists columns without the tenant's, which becomes part of the replica identity`,
        `add the tenant column to the publication ${shown}, or take the table out of it meanwhile`,
      );
    else
      note(
        draft,
        'warning',
        table,
        `publication ${shown} sends the new column: add it on every subscriber before running this, or replication stops; the key of updates changes with the primary key`,
      );
  }
}

function remark(draft: Draft, table: TableInfo): void {
  for (const fn of table.definerFunctions)
    note(
      draft,
      'warning',
      table,
      `SECURITY DEFINER function ${displayName(fn)} mentions it and runs as its owner: read it, and make it SECURITY INVOKER unless it must not be`,
    );
  const own = table.policies.filter((policy) => !policy.name.startsWith('bulkhead_'));
  if (own.length > 0) {
    const names = own.map((policy) => displayName(policy.name)).join(', ');
    note(
      draft,
      'note',
      table,
      table.rowSecurity
        ? `policies ${names} stay in force within a tenant; the tenant policy is restrictive, so none of them opens another's rows`
        : `policies ${names} exist but row-level security was off: enabling it must not start them, so bulkhead_open stands beside them`,
    );
  }
  const fired = table.triggers.filter(
    (trigger) =>
      trigger.onUpdate && trigger.enabled !== 'D' && !trigger.name.endsWith('bulkhead_fill'),
  );
  if (fired.length > 0 && !draft.request.silentBackfill && protectedBy(table) === undefined)
    note(
      draft,
      'warning',
      table,
      `the backfill fires ${fired.map((trigger) => displayName(trigger.name)).join(', ')} for every row; --silent-backfill does not`,
    );
  if (draft.request.silentBackfill && !draft.catalog.superuser)
    refuse(
      draft,
      'server_unready',
      table,
      '--silent-backfill needs a superuser',
      'run as one, or leave the option out: the triggers then fire for every row',
    );
  if (table.appColumnGrants)
    note(draft, 'note', table, 'the app has rights on single columns; they are left as they are');
  if (table.persistence === 'u')
    note(draft, 'note', table, 'it is unlogged: a crash of the server empties it');
}
