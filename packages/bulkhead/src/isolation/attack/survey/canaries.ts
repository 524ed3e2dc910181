/**
 * Collects texts that only a victim's rows hold: ids, addresses, long strings, long numbers.
 *
 * Promises: a canary occurs in no row of the attacker, in no shared table and nowhere in the catalog, as
 * far as the samples below reach. Does not promise to know every value of a big table.
 */
import type pg from 'pg';
import { type Canary, CanaryIndex } from '../canary-index.ts';
import type { CanarySource } from '../report.ts';
import { catalogTextsSql, serverTextsSql } from './catalog.sql.ts';
import type { Column, Relation } from './survey.ts';

const ROWS_PER_TENANT_AND_TABLE_MAX = 60;
const CANARIES_MAX = 60_000;
/** Rows of the attacker and of shared tables that candidates are held against, a table. */
const COMMON_ROWS_MAX = 20_000;
const TEXT_CHARACTERS_MIN = 8;
const TEXT_CHARACTERS_MAX = 60;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NUMBER = /^-?\d{6,}(\.\d+)?$/;
/** Runs that JSON, XML, arrays and row literals all spell as they are. */
const PLAIN_RUN = /[\p{L}\p{N}_.@:+/ -]{8,}/gu;
const STRONG_NUMBER_DIGITS = 12;

export interface CanaryRequest {
  readonly tables: readonly (Relation & { readonly tenantColumn: Column })[];
  readonly shared: readonly Relation[];
  readonly attacker: string;
  readonly victims: readonly string[];
}

export async function collectCanaries(
  admin: pg.Client,
  request: CanaryRequest,
): Promise<CanaryIndex> {
  const candidates = new Map<string, Canary>();
  for (const table of request.tables) {
    const tenant = table.tenantColumn.sql;
    const { rows } = await admin.query<{ tenant: string; data: Record<string, unknown> }>(
      `select tenant, data from (
         select t.${tenant}::text as tenant, to_jsonb(t) as data,
                row_number() over (partition by t.${tenant} order by md5(t::text)) as place
           from ${table.sql} t where t.${tenant}::text = any ($1)) s
        where place <= ${ROWS_PER_TENANT_AND_TABLE_MAX} order by tenant, place`,
      [request.victims],
    );
    for (const row of rows) {
      for (const column of table.columns) {
        if (candidates.size >= CANARIES_MAX) break;
        const source = { table: table.sql, column: column.name, tenant: row.tenant };
        for (const canary of candidatesOf(row.data[column.name], column, source)) {
          const key = canary.bytes.toString();
          if (!candidates.has(key)) candidates.set(key, canary);
        }
      }
    }
  }
  for (const secret of await keyMaterial(admin)) candidates.set(secret.bytes.toString(), secret);

  const index = new CanaryIndex([...candidates.values()]);
  const strike = (text: string): void => {
    for (const canary of index.find(text)) candidates.delete(canary.bytes.toString());
  };
  for await (const text of commonTexts(admin, request)) strike(text);
  for (const sql of serverTextsSql) strike(await readText(admin, sql));
  return new CanaryIndex([...candidates.values()]);
}

function candidatesOf(value: unknown, column: Column, source: CanarySource): Canary[] {
  if (value === null || value === undefined || typeof value === 'boolean') return [];
  // Times repeat between tenants and change their spelling with DateStyle; lexemes are not text.
  if (column.category === 'D' || column.category === 'T' || column.base === 'tsvector') return [];
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (UUID.test(text)) {
    return [text, text.replaceAll('-', '')].map((spelling) =>
      canary(spelling, source, false, text),
    );
  }
  if (NUMBER.test(text)) return [canary(text, source, text.length < STRONG_NUMBER_DIGITS)];
  const runs = (text.match(PLAIN_RUN) ?? []).map((run) => run.trim());
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest.length < TEXT_CHARACTERS_MIN) return [];
  const shown = longest.slice(0, TEXT_CHARACTERS_MAX).trim();
  const isWeak = shown.length < 16 && /^[\p{L} ]+$/u.test(shown);
  const plain = canary(shown, source, isWeak);
  // As bytea prints the same text.
  return isWeak
    ? [plain]
    : [plain, canary(Buffer.from(shown).toString('hex'), source, false, shown)];
}

function canary(text: string, source: CanarySource, isWeak: boolean, value: string = text): Canary {
  return { bytes: Buffer.from(text), value, source, isWeak };
}

/** The signing key's own bytes: whoever reads them is every tenant. */
async function keyMaterial(admin: pg.Client): Promise<Canary[]> {
  const present = await admin.query(
    `select to_regclass('bulkhead.context_key') is not null as present`,
  );
  if (present.rows[0]?.present !== true) return [];
  const { rows } = await admin.query<{ kid: string; ipad: string; opad: string }>(
    `select kid, encode(ipad, 'hex') as ipad, encode(opad, 'hex') as opad from bulkhead.context_key`,
  );
  return rows.flatMap(({ kid, ipad, opad }) =>
    [
      ['ipad', ipad],
      ['opad', opad],
    ].map(([column = '', hex = '']) =>
      // Half of it is enough to call it out; the other half of a pad is filler.
      canary(
        hex.slice(0, 32),
        { table: 'bulkhead.context_key', column, tenant: `key ${kid}` },
        false,
      ),
    ),
  );
}

/**
 * What the attacker may see by right and others may add to: its own rows, shared tables, the catalog. What the server
 * brings along is no canary from the start.
 */
export async function* commonTexts(
  admin: pg.Client,
  request: CanaryRequest,
): AsyncGenerator<string> {
  for (const table of request.tables) {
    const tenant = table.tenantColumn.sql;
    const { rows } = await admin.query<{ text: string }>(
      `select to_jsonb(t)::text || ' ' || t::text as text from ${table.sql} t
        where t.${tenant}::text = $1 or t.${tenant} is null limit ${COMMON_ROWS_MAX}`,
      [request.attacker],
    );
    for (const { text } of rows) yield text;
  }
  for (const table of request.shared) {
    const { rows } = await admin.query<{ text: string }>(
      `select to_jsonb(t)::text || ' ' || t::text as text from ${table.sql} t limit ${COMMON_ROWS_MAX}`,
    );
    for (const { text } of rows) yield text;
  }
  for (const sql of catalogTextsSql) yield await readText(admin, sql);
}

async function readText(admin: pg.Client, sql: string): Promise<string> {
  const { rows } = await admin.query({ text: sql, rowMode: 'array' });
  return String((rows as unknown[][])[0]?.[0] ?? '');
}
