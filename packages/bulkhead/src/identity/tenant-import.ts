/**
 * Registers the tenants that an app already has in a table of its own.
 *
 * Promises: all or nothing, in one statement; running it again adds only what is new. Slugs are folded
 * to lower case; a row that can't be a tenant is named, and nothing is imported.
 */
import { escapeIdentifier } from 'pg';
import { z } from 'zod';
import { identityError } from './errors.ts';
import type { QueryPort } from './tenant-lookup.ts';

/** Which table, and which of its columns hold what. */
export interface TenantImport {
  /** `organizations` or `public.organizations`. */
  readonly table: string;
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly externalId?: string;
}

export interface ImportResult {
  readonly imported: number;
  /** Rows whose id is registered already. */
  readonly present: number;
}

const IDENTIFIER = /^[A-Za-z_][\w$]{0,62}$/;
/** What `shownName` refuses, as the database tells it; who is registered already keeps their name. */
const MISLEADING = String.raw`'[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'`;
const countRow = z.object({ count: z.coerce.number() });
const faultRow = z.object({ id: z.string().nullable(), slug: z.string().nullable() });

/** @throws `identity.import_invalid` */
export async function importTenants(
  db: QueryPort,
  actor: string,
  source: TenantImport,
): Promise<ImportResult> {
  const rows = `select ${column(source.id)}::text as id, lower(${column(source.slug)}::text) as slug,
    ${column(source.name)}::text as name,
    ${source.externalId === undefined ? 'null::text' : `${column(source.externalId)}::text`} as external_id
    from ${table(source.table)}`;
  return reporting(async () => {
    await refuseFaults(db, rows);
    const total = await count(db, `select count(*) from (${rows}) s`);
    const { rows: made } = await db.query(
      `with made as (
         insert into bulkhead.tenant (id, slug, name, external_id)
         select id::uuid, slug, name, external_id from (${rows}) s
         on conflict (id) do nothing returning *),
       logged as (
         insert into bulkhead.tenant_change (tenant_id, actor, action, after)
         select id, $1, 'import', to_jsonb(made) from made returning 1)
       select count(*) from logged`,
      [actor],
    );
    const imported = countRow.parse(made[0]).count;
    return { imported, present: total - imported };
  });
}

/** The checks of bulkhead.tenant once more, so that the rows at fault can be named. */
async function refuseFaults(db: QueryPort, rows: string): Promise<void> {
  const uuid = `'^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'`;
  const { rows: faults } = await db.query(
    `select s.id, s.slug from (${rows}) s
      where coalesce(s.id, '') !~ ${uuid} or coalesce(s.slug, '') ~ ${uuid}
         or coalesce(s.slug, '') !~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'
         or length(coalesce(s.name, '')) not between 1 and 200
         or s.name ~ ${MISLEADING} and not exists (select from bulkhead.tenant t where t.id::text = s.id)
         or exists (select from bulkhead.tenant t where t.slug = s.slug and t.id::text <> s.id)
      order by 1 limit 5`,
    [],
  );
  if (faults.length === 0) return;
  const named = faults.map((row) => {
    const { id, slug } = faultRow.parse(row);
    return `${id ?? 'no id'} (slug ${JSON.stringify(slug)})`;
  });
  throw identityError('identity.import_invalid', {
    message: `These rows can't be tenants (id a UUID, slug one free DNS label, name 1 to 200 characters in one line, none of them a control or a mark that turns text around): ${named.join(', ')}.`,
  });
}

async function count(db: QueryPort, sql: string): Promise<number> {
  const { rows } = await db.query(sql, []);
  return countRow.parse(rows[0]).count;
}

function column(name: string): string {
  if (!IDENTIFIER.test(name)) {
    throw identityError('identity.import_invalid', {
      message: `${JSON.stringify(name)} is not a column name.`,
    });
  }
  return escapeIdentifier(name);
}

function table(name: string): string {
  const parts = name.split('.');
  if (parts.length > 2 || !parts.every((part) => IDENTIFIER.test(part))) {
    throw identityError('identity.import_invalid', {
      message: `${JSON.stringify(name)} is not a table name.`,
    });
  }
  return parts.map(escapeIdentifier).join('.');
}

/** A missing table or column, duplicate slugs and the like are the caller's to correct. */
async function reporting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = (cause as { code?: unknown } | null)?.code;
    const messages: Record<string, string> = {
      '42P01': 'There is no such table.',
      '42703': 'The table has no such column.',
      '42501': 'This login may not read the table.',
      '23505': 'Two rows have the same slug or external id, or one is registered already.',
      '23514': 'An external id reads as a slug or a UUID.',
    };
    const message = typeof code === 'string' ? messages[code] : undefined;
    if (message === undefined) throw cause;
    throw identityError('identity.import_invalid', { message, cause });
  }
}
