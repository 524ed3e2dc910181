/**
 * Keeps the directory of tenants, for those who run the product: never on a tenant's request.
 *
 * Promises: each change and its line in `bulkhead.tenant_change` are one statement, so there is never
 * one without the other. Slugs don't change and tenants aren't deleted, because tokens name them.
 * Does not promise to reach other processes at once: their requests see a change within 5 s.
 */
import { z } from 'zod';
import { parseTenantId, type TenantId } from '../isolation/tenant-context.ts';
import { databaseRefusal } from '../kernel/database-refusal.ts';
import { isBulkheadError } from '../kernel/errors.ts';
import { shownName } from '../kernel/shown-name.ts';
import { identityError, identityErrors } from './errors.ts';
import { readDomain } from './locate/host.ts';
import { type ImportResult, importTenants, type TenantImport } from './tenant-import.ts';
import type { QueryPort } from './tenant-lookup.ts';
import {
  isExternalId,
  isSlug,
  readTenantName,
  type TenantStatus,
  tenantStatuses,
} from './tenant-record.ts';

export interface Tenant {
  readonly id: TenantId;
  readonly slug: string;
  readonly externalId: string | null;
  readonly name: string;
  readonly status: TenantStatus;
  readonly domains: readonly string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Names this state of the tenant, and no other state of any. */
  readonly version: string;
}

export interface NewTenant {
  readonly slug: string;
  /** Defaults to the slug. */
  readonly name?: string;
  /** Defaults to a random UUID. */
  readonly id?: string;
  readonly externalId?: string;
}

export interface TenantPage {
  readonly tenants: readonly Tenant[];
  /** Pass it as `after` for the next page; null on the last. */
  readonly next: string | null;
}

export interface TenantDirectory {
  /** @throws `identity.tenant_fields_invalid`, `identity.tenant_exists` */
  create(tenant: NewTenant): Promise<Tenant>;
  /** In order of slugs, without the operators' own; at most 200 a page. */
  list(options?: { after?: string; limit?: number }): Promise<TenantPage>;
  /** @throws `identity.tenant_absent` */
  get(idOrSlug: string): Promise<Tenant>;
  /**
   * Requests are refused within 5 s, until it is restored.
   *
   * @throws `identity.tenant_absent`, `identity.tenant_closed`, `identity.reason_invalid`
   */
  suspend(idOrSlug: string, reason: string): Promise<Tenant>;
  /** @throws `identity.tenant_absent`, `identity.tenant_closed`, `identity.reason_invalid` */
  restore(idOrSlug: string, reason: string): Promise<Tenant>;
  /**
   * For good: nothing opens a closed tenant again. Its data stays until it is removed on purpose.
   *
   * @throws `identity.tenant_absent`, `identity.reason_invalid`
   */
  close(idOrSlug: string, reason: string): Promise<Tenant>;
  /** The older word for `suspend`, without a reason. @throws `identity.tenant_absent`, `identity.tenant_closed` */
  disable(idOrSlug: string): Promise<Tenant>;
  /** @throws `identity.tenant_absent`, `identity.tenant_closed` */
  enable(idOrSlug: string): Promise<Tenant>;
  /**
   * Changes the name that people are shown; where versions are given, only while the tenant is at one of them.
   *
   * @throws `identity.tenant_absent`, `identity.tenant_fields_invalid`, `identity.version_conflict`
   */
  rename(
    idOrSlug: string,
    name: string,
    from?: { readonly versions?: readonly string[] | undefined },
  ): Promise<Tenant>;
  /** @throws `identity.tenant_absent`, `identity.domain_invalid`, `identity.domain_taken` */
  addDomain(idOrSlug: string, domain: string): Promise<Tenant>;
  /** @throws `identity.tenant_absent`, `identity.domain_invalid`, `identity.domain_absent` */
  removeDomain(idOrSlug: string, domain: string): Promise<Tenant>;
  /** Registers the rows of a table of the app's; those already there stay as they are. @throws `identity.import_invalid` */
  importFrom(source: TenantImport): Promise<ImportResult>;
}

const PAGE_MAX = 200;
/** Those who run the product are a tenant too, and no customer. */
const OPERATORS = '00000000-0000-0000-0000-000000000000';

const tenantRow = z.object({
  id: z.string(),
  slug: z.string(),
  external_id: z.string().nullable(),
  name: z.string(),
  status: z.enum(tenantStatuses),
  domains: z.array(z.string()),
  created_at: z.coerce.date(),
  updated_at: z.coerce.date(),
  version: z.string(),
});

const COLUMNS = `t.id, t.slug, t.external_id, t.name, t.status, t.created_at, t.updated_at, t.version,
  array(select d.domain from bulkhead.tenant_domain d where d.tenant_id = t.id order by 1) as domains`;

/**
 * Opens the directory over an owner's connection or the operators' pool.
 *
 * @param actor who makes the changes, as the change log will say
 * @param changed told after each change, before the caller is
 */
export function createTenantDirectory(
  db: QueryPort,
  actor: string,
  changed: () => void = () => undefined,
): TenantDirectory {
  async function get(idOrSlug: string): Promise<Tenant> {
    const name = readTenantName(idOrSlug);
    if (name === undefined) throw identityError('identity.tenant_absent');
    const column = name.how === 'id' ? 't.id' : 't.slug';
    const { rows } = await db.query(
      `select ${COLUMNS} from bulkhead.tenant t where ${column} = $1`,
      [name.value],
    );
    if (rows.length === 0) throw identityError('identity.tenant_absent');
    return readTenant(rows[0]);
  }

  async function update(
    idOrSlug: string,
    action: string,
    set: { status?: TenantStatus; name?: string; reason?: string },
    versions?: readonly string[],
  ) {
    const { id } = await get(idOrSlug);
    const { rows } = await refusing(() =>
      db.query(
        `with old as (select * from bulkhead.tenant where id = $1 for update),
            based as (select id from old where $7::text[] is null or version::text = any ($7)),
            changed as (
              update bulkhead.tenant t
                 set status = coalesce($3, old.status), name = coalesce($4, old.name),
                     updated_at = clock_timestamp()
                from old join based using (id)
               where t.id = old.id and (old.status <> coalesce($3, old.status) or old.name <> coalesce($4, old.name))
           returning t.*),
            noted as (
              insert into bulkhead.tenant_change (tenant_id, actor, action, before, after, reason)
              select old.id, $5, $2, to_jsonb(old), to_jsonb(changed), $6 from old join changed using (id))
       select id from based`,
        [
          id,
          action,
          set.status ?? null,
          set.name ?? null,
          actor,
          set.reason ?? null,
          versions ?? null,
        ],
      ),
    );
    if (rows.length === 0) throw identityError('identity.version_conflict');
    changed();
    return get(id);
  }

  return {
    get,
    async create(tenant) {
      const { id, slug, name, externalId } = readNewTenant(tenant);
      await uniquely('identity.tenant_exists', () =>
        db.query(
          `with made as (
             insert into bulkhead.tenant (id, slug, name, external_id)
             values (coalesce($1, gen_random_uuid()), $2, $3, $4) returning *)
           insert into bulkhead.tenant_change (tenant_id, actor, action, after)
           select id, $5, 'create', to_jsonb(made) from made`,
          [id, slug, name, externalId, actor],
        ),
      );
      changed();
      return get(slug);
    },
    async list({ after = '', limit = 50 } = {}) {
      const size = Math.max(1, Math.min(PAGE_MAX, Math.trunc(limit)));
      const { rows } = await db.query(
        `select ${COLUMNS} from bulkhead.tenant t where t.slug > $1 and t.id <> $3 order by t.slug limit $2`,
        [after, size + 1, OPERATORS],
      );
      const tenants = rows.slice(0, size).map(readTenant);
      return { tenants, next: rows.length > size ? (tenants.at(-1)?.slug ?? null) : null };
    },
    suspend: async (idOrSlug, reason) =>
      update(idOrSlug, 'suspend', { status: 'suspended', reason: readReason(reason) }),
    restore: async (idOrSlug, reason) =>
      update(idOrSlug, 'restore', { status: 'active', reason: readReason(reason) }),
    close: async (idOrSlug, reason) =>
      update(idOrSlug, 'close', { status: 'closed', reason: readReason(reason) }),
    disable: (idOrSlug) => update(idOrSlug, 'disable', { status: 'disabled' }),
    enable: (idOrSlug) => update(idOrSlug, 'enable', { status: 'active' }),
    async rename(idOrSlug, name, from) {
      return update(idOrSlug, 'rename', { name: readName(name) }, from?.versions);
    },
    async addDomain(idOrSlug, text) {
      const domain = readDomain(text);
      const { id } = await get(idOrSlug);
      await uniquely('identity.domain_taken', () =>
        db.query(
          `with made as (
             insert into bulkhead.tenant_domain (domain, tenant_id) values ($1, $2) returning *)
           insert into bulkhead.tenant_change (tenant_id, actor, action, after)
           select tenant_id, $3, 'domain.add', to_jsonb(made) from made`,
          [domain, id, actor],
        ),
      );
      changed();
      return get(id);
    },
    async removeDomain(idOrSlug, text) {
      const domain = readDomain(text);
      const { id, domains } = await get(idOrSlug);
      if (!domains.includes(domain)) throw identityError('identity.domain_absent');
      await db.query(
        `with gone as (
           delete from bulkhead.tenant_domain where domain = $1 and tenant_id = $2 returning *)
         insert into bulkhead.tenant_change (tenant_id, actor, action, before)
         select tenant_id, $3, 'domain.remove', to_jsonb(gone) from gone`,
        [domain, id, actor],
      );
      changed();
      return get(id);
    },
    importFrom: (source) => importTenants(db, actor, source).finally(changed),
  };
}

function readTenant(row: unknown): Tenant {
  const { id, external_id, created_at, updated_at, ...rest } = tenantRow.parse(row);
  return {
    ...rest,
    id: parseTenantId(id),
    externalId: external_id,
    createdAt: created_at,
    updatedAt: updated_at,
  };
}

function readNewTenant(tenant: NewTenant) {
  const { slug, name: given = slug, id, externalId } = tenant;
  if (!isSlug(slug)) {
    throw identityError('identity.tenant_fields_invalid', {
      message:
        'The slug must be one DNS label (a-z, 0-9, inner hyphens, at most 63) and not a UUID.',
    });
  }
  const name = readName(given);
  if (externalId !== undefined && !isExternalId(externalId)) {
    throw identityError('identity.tenant_fields_invalid', {
      message:
        'The external id must be printable ASCII that reads neither as a slug nor as a UUID.',
    });
  }
  return {
    slug,
    name,
    id: id === undefined ? null : parseTenantId(id),
    externalId: externalId ?? null,
  };
}

function readName(name: string): string {
  const read = shownName.safeParse(name);
  if (read.success) return read.data;
  throw identityError('identity.tenant_fields_invalid', {
    message:
      'The name must have 1 to 200 characters, in one line, without controls and marks that turn text around.',
  });
}

/** @throws `identity.reason_invalid` */
function readReason(reason: string): string {
  const trimmed = reason.trim();
  if (trimmed === '' || trimmed.length > 1_000) throw identityError('identity.reason_invalid');
  return trimmed;
}

/** What the table's own guards refuse with. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw databaseRefusal(refusedBy(cause), identityErrors) ?? cause;
  }
}

/** The pools wrap what the server says. */
function refusedBy(error: unknown): unknown {
  return error instanceof Error && isBulkheadError(error) ? error.cause : error;
}

/** Turns a unique violation (23505) into the room's own code. */
async function uniquely(
  code: 'identity.tenant_exists' | 'identity.domain_taken',
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (isBulkheadError(cause)) throw cause;
    if ((cause as { code?: unknown } | null)?.code === '23505')
      throw identityError(code, { cause });
    throw cause;
  }
}
