/**
 * The side that knows every tenant's rows and judges by them. It has an administrator's connection of its
 * own, which the attacking side never sees.
 *
 * Promises: it only reads. It fails, and says so, rather than judge by rows it cannot see.
 */
import pg from 'pg';
import { connectionError } from '../../../kernel/migrations/index.ts';
import { isolationError } from '../../errors.ts';
import { type Canary, CanaryIndex } from '../canary-index.ts';
import type { RowsChanged } from '../report.ts';
import { collectCanaries, commonTexts } from './canaries.ts';
import { compareFingerprints, type Fingerprint, SHARED, takeFingerprint } from './fingerprint.ts';
import {
  type Column,
  type Relation,
  type Survey,
  sharedTables,
  takeSurvey,
  tenantTables,
} from './survey.ts';

export interface OracleOptions {
  readonly adminUrl: string;
  readonly appRole: string;
  /** Id or slug; chosen by the oracle when absent. */
  readonly tenant: string | undefined;
  readonly tenantColumn: string;
}

/** One row as text, by column. */
export type RowText = Readonly<Record<string, string | null>>;

type TenantTable = Relation & { readonly tenantColumn: Column };

const VICTIMS_MAX = 20;
/** Another tenant's row, or one's own, to build statements from. */
const SAMPLES_PER_TABLE = 2;

export interface Oracle {
  readonly survey: Survey;
  readonly attacker: string;
  readonly victims: readonly string[];
  readonly canaries: CanaryIndex;
  readonly unjudged: readonly { readonly table: string; readonly why: string }[];
  readonly kids: readonly string[];
  /** Some rows of the attacker, by table. */
  readonly ownRows: ReadonlyMap<string, readonly RowText[]>;
  /** Some rows of victims, by table. */
  readonly victimRows: ReadonlyMap<string, readonly RowText[]>;
  /** Rows of a tenant in a table right now. */
  countRows(table: string, tenantColumn: string, tenant: string): Promise<number>;
  /** Those of the texts that a row of the attacker, a shared table or the catalog holds by now. */
  noLongerForeign(canaries: readonly Canary[]): Promise<Canary[]>;
  /** What has changed since the oracle was opened. */
  changes(): Promise<{ readonly foreign: RowsChanged[]; readonly own: RowsChanged[] }>;
  close(): Promise<void>;
}

/**
 * @throws `kernel.database_unavailable`, `isolation.attack_unprepared` when there are no two tenants with
 * rows, `isolation.attack_blind` when the administrator is itself held back by row-level security
 */
export async function openOracle(options: OracleOptions): Promise<Oracle> {
  const admin = new pg.Client({
    connectionString: options.adminUrl,
    connectionTimeoutMillis: 10_000,
    application_name: 'bulkhead attack: oracle',
    // A policy that would hide rows becomes an error instead.
    options: '-c row_security=off -c search_path=pg_catalog,public -c bytea_output=hex',
  });
  admin.on('error', () => undefined);
  try {
    await admin.connect();
  } catch (error) {
    throw connectionError(error, options.adminUrl);
  }
  try {
    return await survey(admin, options);
  } catch (error) {
    await admin.end().catch(() => undefined);
    throw error;
  }
}

async function survey(admin: pg.Client, options: OracleOptions): Promise<Oracle> {
  const found = await takeSurvey(admin, options.appRole, options.tenantColumn);
  const { tables, counts, unjudged } = await countTenants(admin, found);
  const tenants = [...counts.keys()];
  const attacker = await chooseAttacker(admin, options, counts);
  const victims = tenants
    .filter((tenant) => tenant !== attacker)
    .sort((one, other) => rowsOf(counts, other) - rowsOf(counts, one) || (one < other ? -1 : 1))
    .slice(0, VICTIMS_MAX);
  if (victims.length === 0 || !counts.has(attacker))
    throw unprepared(options, tables, tenants, attacker);
  const shared = sharedTables(found);
  const request = { tables, shared, attacker, victims };
  const canaries = await collectCanaries(admin, request);
  let asking: Promise<unknown> = Promise.resolve();
  const before: Fingerprint = await takeFingerprint(admin, tables, shared);
  return {
    survey: found,
    attacker,
    victims,
    canaries,
    unjudged,
    kids: await keyIds(admin),
    ownRows: await sampleRows(admin, tables, [attacker], undefined),
    victimRows: await sampleRows(admin, tables, victims, attacker),
    async countRows(table, tenantColumn, tenant) {
      const { rows } = await admin.query<{ count: number }>(
        `select count(*)::float8 as count from ${table} t where t.${tenantColumn}::text = $1`,
        [tenant],
      );
      return rows[0]?.count ?? 0;
    },
    noLongerForeign(asked) {
      // One after the other: attempts are judged side by side, and there is one connection.
      const answer = asking.then(async () => {
        const index = new CanaryIndex(asked);
        const held = new Set<Canary>();
        for await (const common of commonTexts(admin, request)) {
          for (const canary of index.find(common)) held.add(canary);
        }
        return [...held];
      });
      asking = answer.catch(() => undefined);
      return answer;
    },
    async changes() {
      const all = compareFingerprints(before, await takeFingerprint(admin, tables, shared));
      const isOwn = ({ tenant }: RowsChanged) => tenant === attacker || tenant === SHARED;
      return { foreign: all.filter((change) => !isOwn(change)), own: all.filter(isOwn) };
    },
    close: () => admin.end(),
  };
}

interface Count {
  readonly rows: number;
  readonly tables: number;
}

async function countTenants(admin: pg.Client, found: Survey) {
  const tables: TenantTable[] = [];
  const counts = new Map<string, Count>();
  const unjudged = found.relations
    .filter(
      ({ isSecured, tenantColumn, schema }) => isSecured && !tenantColumn && schema !== 'bulkhead',
    )
    .map(({ sql }) => ({ table: sql, why: 'it has no tenant column' }));
  for (const table of tenantTables(found)) {
    const column = table.tenantColumn.sql;
    try {
      const { rows } = await admin.query<{ tenant: string; rows: number }>(
        `select t.${column}::text as tenant, count(*)::float8 as rows from ${table.sql} t
          where t.${column} is not null group by 1 order by 1`,
      );
      tables.push(table);
      // The directory and its change log name every tenant, with data or without.
      if (table.schema === 'bulkhead') continue;
      for (const { tenant, rows: count } of rows) {
        const known = counts.get(tenant) ?? { rows: 0, tables: 0 };
        counts.set(tenant, { rows: known.rows + count, tables: known.tables + 1 });
      }
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== '42501') throw error;
      unjudged.push({ table: table.sql, why: 'the administrator may not read all of its rows' });
    }
  }
  if (
    tables.every(({ schema }) => schema === 'bulkhead') &&
    unjudged.some(({ why }) => why.startsWith('the'))
  ) {
    throw isolationError('isolation.attack_blind');
  }
  return { tables, counts, unjudged };
}

const rowsOf = (counts: ReadonlyMap<string, Count>, tenant: string): number =>
  counts.get(tenant)?.rows ?? 0;

/** The one with rows in most tables, then with the fewest rows: much to lose, little to wade through. */
async function chooseAttacker(
  admin: pg.Client,
  { tenant }: OracleOptions,
  counts: ReadonlyMap<string, Count>,
): Promise<string> {
  if (tenant !== undefined) return resolveTenant(admin, tenant, counts);
  const [best] = [...counts].sort(
    ([one, a], [other, b]) => b.tables - a.tables || a.rows - b.rows || (one < other ? -1 : 1),
  );
  return best?.[0] ?? '';
}

async function resolveTenant(
  admin: pg.Client,
  tenant: string,
  counts: ReadonlyMap<string, Count>,
): Promise<string> {
  if (counts.has(tenant)) return tenant;
  const lower = tenant.toLowerCase();
  if (counts.has(lower)) return lower;
  const directory = await admin.query(
    `select to_regclass('bulkhead.tenant') is not null as present`,
  );
  if (directory.rows[0]?.present === true) {
    const { rows } = await admin.query<{ id: string }>(
      'select id from bulkhead.tenant where slug = $1 or external_id = $1',
      [tenant],
    );
    if (rows[0] !== undefined) return rows[0].id;
  }
  throw isolationError('isolation.attack_unprepared', {
    message: `No rows of a tenant ${JSON.stringify(tenant)} were found, and the directory does not know it.`,
  });
}

function unprepared(
  { tenantColumn }: OracleOptions,
  tables: readonly TenantTable[],
  tenants: readonly string[],
  attacker: string,
): Error {
  const message =
    tables.length === 0
      ? `No table has a column ${tenantColumn}.`
      : tenants.length < 2
        ? `The tables hold rows of ${tenants.length === 1 ? 'one tenant' : 'no tenant'}; an attack needs two.`
        : `The tenant ${attacker} has no rows.`;
  return isolationError('isolation.attack_unprepared', { message });
}

async function keyIds(admin: pg.Client): Promise<string[]> {
  const present = await admin.query(
    `select to_regclass('bulkhead.context_key') is not null as present`,
  );
  if (present.rows[0]?.present !== true) return [];
  const { rows } = await admin.query<{ kid: string }>(
    'select kid from bulkhead.context_key order by 1',
  );
  return rows.map(({ kid }) => kid);
}

async function sampleRows(
  admin: pg.Client,
  tables: readonly TenantTable[],
  tenants: readonly string[],
  attacker: string | undefined,
): Promise<Map<string, RowText[]>> {
  const samples = new Map<string, RowText[]>();
  for (const table of tables) {
    const columns = table.columns.map(({ sql }) => `t.${sql}::text as ${sql}`).join(', ');
    const { rows } = await admin.query<RowText>(
      `select ${columns} from ${table.sql} t where t.${table.tenantColumn.sql}::text = any ($1)
        ${withoutOwnTwins(table, attacker)} order by md5(t::text) limit ${SAMPLES_PER_TABLE}`,
      [tenants],
    );
    if (rows.length > 0) samples.set(table.sql, rows);
  }
  return samples;
}

/** A value that the attacker has as well would conflict with its own row, and tell nothing. */
function withoutOwnTwins(table: TenantTable, attacker: string | undefined): string {
  if (attacker === undefined) return '';
  const tenant = table.tenantColumn;
  return table.uniqueKeys
    .map((key) => key.filter((name) => name !== tenant.name))
    .filter((key) => key.length > 0)
    .map((key) => {
      const same = key.map(
        (name) =>
          `o.${pg.escapeIdentifier(name)} is not distinct from t.${pg.escapeIdentifier(name)}`,
      );
      return `and not exists (select from ${table.sql} o where o.${tenant.sql}::text = ${pg.escapeLiteral(attacker)} and ${same.join(' and ')})`;
    })
    .join(' ');
}
