/**
 * What the app reads of the log: in a tenant's context that tenant's, inside an operator's crossing any that is
 * named. Row-level security decides; nothing here could show more.
 */
import { type Context, isolationError } from '../isolation/index.ts';
import { decoded } from '../kernel/row-values.ts';
import { auditError } from './errors.ts';
import type { AuditEvent } from './event.ts';
import { eventFormat, type FormatName, type FormatOptions } from './formats/index.ts';
import {
  type ConsistencyProof,
  type ProvenInclusion,
  proveConsistency,
  proveInclusion,
} from './log/prove-log.ts';
import { readEventLeaf } from './log/read-event.ts';
import { createEventOpener, type Query } from './open/event-opener.ts';
import { readSizes } from './search/candidates.ts';
import { cursorKeyFrom } from './search/cursor.ts';
import { readFilter, type SearchFilter } from './search/filter.ts';
import { findEvents } from './search/find-events.ts';
import { type SearchOptions, type SearchPage, searchEvents } from './search/search-events.ts';
import { type Tally, type TallyOptions, tallyEvents } from './search/tally-events.ts';
import { createLocalKeyWrapper } from './vault/key-wrapper.ts';

/** Inside `asOperator`: whose log. In a tenant's context it is that tenant's. */
export interface OfTenant {
  readonly tenant?: string | undefined;
}

export interface AuditReader {
  /**
   * A page of the events that a filter asks for, the newest first, personal values opened.
   *
   * @throws `audit.filter_invalid`, `audit.cursor_invalid`, `audit.search_too_wide`, `isolation.context_missing`
   */
  search(options?: SearchOptions & OfTenant): Promise<SearchPage>;
  /**
   * When the newest events that a filter asks for happened and how they ended, without who and what.
   *
   * @throws `audit.filter_invalid`, `isolation.context_missing`
   */
  tally(options?: TallyOptions & OfTenant): Promise<Tally>;
  /**
   * All events that a filter asks for, one after the other in the order of the log; for work on many.
   *
   * @throws `audit.filter_invalid`, `isolation.context_missing`
   */
  events(filter?: SearchFilter & OfTenant): AsyncGenerator<AuditEvent>;
  /**
   * The same as text in a format of SIEMs or spreadsheets, piece by piece.
   *
   * @throws `audit.filter_invalid`, `isolation.context_missing`
   */
  export(
    format: FormatName,
    filter?: SearchFilter & OfTenant,
    options?: Omit<FormatOptions, 'version'>,
  ): AsyncGenerator<string>;
  /**
   * One event by its id, personal values opened.
   *
   * @throws `audit.leaf_absent` also for an event of another tenant.
   */
  get(eventId: string, of?: OfTenant): Promise<AuditEvent>;
  /**
   * Proof that an event is in the log, and the signed checkpoint that it leads to.
   *
   * @throws `audit.leaf_absent` also for an event of another tenant.
   */
  prove(eventId: string, of?: OfTenant): Promise<ProvenInclusion>;
  /**
   * Proof that a log of one signed size continues the same log of an earlier one.
   *
   * @throws `audit.filter_invalid`, `audit.leaf_absent` when no checkpoint of one of the sizes was signed.
   */
  proveConsistency(
    sizes: { readonly from: number; readonly to: number },
    of?: OfTenant & { readonly class?: string },
  ): Promise<ConsistencyProof>;
}

export interface AuditReaderPorts {
  /** Runs one statement in the caller's context. */
  readonly contextQuery: Query;
  readonly currentContext: () => Context;
  readonly vaultKeys: readonly string[];
  readonly version: string;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createAuditReader(ports: AuditReaderPorts): AuditReader {
  const { contextQuery: query, currentContext, vaultKeys, version } = ports;
  const opener = createEventOpener(createLocalKeyWrapper(vaultKeys));
  const cursorKey = cursorKeyFrom(vaultKeys);

  function tenantOf(asked: string | undefined): string {
    const context = currentContext();
    const tenant = context.kind === 'tenant' ? context.tenant.id : asked;
    if (tenant === undefined || !UUID.test(tenant)) {
      throw auditError('audit.filter_invalid', {
        message: 'tenant: an operator names the tenant, by its id.',
      });
    }
    // The policy would show nothing; saying so beats an empty page.
    if (asked !== undefined && asked !== tenant) throw isolationError('isolation.context_refused');
    return tenant;
  }

  async function* events({ tenant: asked, ...filter }: SearchFilter & OfTenant = {}) {
    const tenant = tenantOf(asked);
    const sought = readFilter(filter);
    const sizes = await readSizes(query, tenant, sought.class);
    yield* findEvents({ query, opener, tenant, sought, sizes, order: 'log' });
  }

  return {
    search: async ({ tenant: asked, ...options } = {}) =>
      searchEvents({ query, opener, tenant: tenantOf(asked), cursorKey }, options),
    tally: async ({ tenant: asked, ...options } = {}) =>
      tallyEvents({ query, opener, tenant: tenantOf(asked) }, options),
    events,
    async *export(format, filter, options = {}) {
      const { head, write } = eventFormat(format, { ...options, version });
      // A filter at fault is told before anything is written, a head included.
      const { tenant: asked, ...sought } = filter ?? {};
      tenantOf(asked);
      readFilter(sought);
      if (head !== '') yield head;
      for await (const event of events(filter)) yield write(event);
    },
    async get(eventId, of = {}) {
      const tenant = tenantOf(of.tenant);
      if (!UUID.test(eventId)) throw auditError('audit.leaf_absent');
      const leaf = await readEventLeaf(query, tenant, eventId);
      const [event] = await opener.open(query, tenant, [leaf]);
      if (event === undefined) throw auditError('audit.leaf_absent');
      return event;
    },
    async prove(eventId, of = {}) {
      const tenant = tenantOf(of.tenant);
      if (!UUID.test(eventId)) throw auditError('audit.leaf_absent');
      return proveInclusion({ query: decoded(query) }, { tenant, id: eventId });
    },
    async proveConsistency({ from, to }, { tenant: asked, class: name = 'standard' } = {}) {
      const log = { tenant: tenantOf(asked), class: name };
      if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 1 || from > to) {
        throw auditError('audit.filter_invalid', {
          message: 'from, to: give two sizes, the earlier one first.',
        });
      }
      return proveConsistency({ query: decoded(query) }, log, from, to);
    },
  };
}
