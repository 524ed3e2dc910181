/**
 * The lie of the land as an administrator sees it: every relation, function and setting in reach of the
 * app's role. The attacker is given names and shapes, never rows.
 */
import type pg from 'pg';
import { contextSettingsSql, functionsSql, relationsSql, settingsSql } from './catalog.sql.ts';

export interface Column {
  readonly name: string;
  readonly sql: string;
  readonly type: string;
  /** `pg_type.typcategory`: S text, N number, D time … */
  readonly category: string;
  readonly base: string;
  readonly isGenerated: boolean;
}

export interface ForeignKey {
  readonly columns: readonly string[];
  readonly to: string;
  readonly toColumns: readonly string[];
}

export interface Relation {
  /** `schema.name`, quoted where it must be. */
  readonly sql: string;
  readonly schema: string;
  readonly name: string;
  /** `pg_class.relkind`: r table, p partitioned, v view, m materialized view, f foreign, S sequence. */
  readonly kind: string;
  readonly isPartition: boolean;
  readonly isSecured: boolean;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  readonly columns: readonly Column[];
  readonly uniqueKeys: readonly (readonly string[])[];
  readonly foreignKeys: readonly ForeignKey[];
  /** The column that says whose a row is, if there is one. */
  readonly tenantColumn: Column | undefined;
}

export interface Callable {
  readonly sql: string;
  readonly name: string;
  readonly isSystem: boolean;
  /** f function, p procedure. */
  readonly kind: string;
  readonly returnsSet: boolean;
  readonly arguments: readonly string[];
}

export interface Setting {
  readonly name: string;
  readonly value: string;
}

export interface Survey {
  readonly appRole: string;
  readonly relations: readonly Relation[];
  readonly functions: readonly Callable[];
  readonly settings: readonly Setting[];
  /** Settings with a dot that policies or functions read. */
  readonly contextSettings: readonly string[];
  readonly roles: readonly string[];
}

export async function takeSurvey(
  admin: pg.Client,
  appRole: string,
  tenantColumn: string,
): Promise<Survey> {
  const relations = await admin.query<Omit<Relation, 'tenantColumn'>>(relationsSql, [appRole]);
  const functions = await admin.query<Callable>(functionsSql, [appRole]);
  const settings = await admin.query<Setting>(settingsSql);
  const context = await admin.query<{ name: string }>(contextSettingsSql);
  const roles = await admin.query<{ name: string }>(
    `select rolname as name from pg_catalog.pg_roles where rolname !~ '^pg_' and rolname <> $1 order by 1`,
    [appRole],
  );
  return {
    appRole,
    relations: relations.rows.map((relation) => ({
      ...relation,
      tenantColumn: relation.columns.find(({ name }) => name === tenantColumn),
    })),
    functions: functions.rows,
    settings: settings.rows,
    contextSettings: context.rows.map(({ name }) => name),
    roles: roles.rows.map(({ name }) => name),
  };
}

/** The tables that hold tenants' rows; a partition's rows are counted with its parent's. */
export function tenantTables(survey: Survey): (Relation & { readonly tenantColumn: Column })[] {
  return survey.relations.flatMap((relation) => {
    const { tenantColumn } = relation;
    if (tenantColumn === undefined || !isTable(relation) || relation.isPartition) return [];
    return [{ ...relation, tenantColumn }];
  });
}

/** Tables that the app reads and that belong to no tenant: what they hold is nobody's secret. */
export function sharedTables(survey: Survey): Relation[] {
  return survey.relations.filter(
    (relation) =>
      relation.tenantColumn === undefined &&
      isTable(relation) &&
      !relation.isPartition &&
      !relation.isSecured &&
      relation.isReadable &&
      // Its keys are everybody's secret, whoever was granted them.
      relation.schema !== 'bulkhead',
  );
}

const isTable = ({ kind }: Relation): boolean => kind === 'r' || kind === 'p';
