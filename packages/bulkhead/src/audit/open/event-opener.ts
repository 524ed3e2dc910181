/**
 * Reads what is needed to open events, and opens them, for those who may read them.
 *
 * Promises: the tenant's own policy decides which openings there are, because it asks as whoever asks; what was
 * erased reads as erased, what no key here opens as sealed, and neither is ever an error.
 */
import { TILE_WIDTH } from 'bulkhead-verify';
import { bytesOf, maybeBytes } from '../../kernel/row-values.ts';
import type { AuditEvent, SealedEvent } from '../event.ts';
import type { KeyWrapper } from '../vault/key-wrapper.ts';
import {
  type OpenedSubject,
  type OpeningRow,
  openEvent,
  openSubject,
  type SubjectRow,
} from '../vault/open-event.ts';
import { indexPurpose, searchKeyOf } from '../vault/tenant-vault.ts';

/** Runs one statement as whoever reads: the app in a tenant's context, an operator, the indexer. */
export type Query = (
  text: string,
  values: unknown[],
) => Promise<{ readonly rows: Record<string, unknown>[] }>;

/** A leaf and its place. The event belongs to whoever opens it. */
export interface PlacedLeaf {
  readonly class: string;
  readonly leafIndex: number;
  readonly event: SealedEvent;
}

/** An opening and where it belongs: its leaf, or the first of several. */
export interface PlacedOpening extends OpeningRow {
  readonly class: string;
  readonly leafIndex: number;
}

export interface EventOpener {
  /** The events with what could be opened in its places, in the order of the leaves, which are used up. */
  open(query: Query, tenant: string, leaves: readonly PlacedLeaf[]): Promise<AuditEvent[]>;
  /** The same from rows that were read already. */
  openWith(
    tenant: string,
    leaves: readonly PlacedLeaf[],
    subjects: readonly SubjectRow[],
    openings: readonly PlacedOpening[],
  ): AuditEvent[];
  /** The key of the tenant's search index; undefined when there is none or no vault key opens it. */
  searchKey(query: Query, tenant: string): Promise<Buffer | undefined>;
}

const SEARCH_KEYS_MAX = 10_000;

/** Without a wrapper, for readers who have no vault key, everything personal stays sealed. */
export function createEventOpener(wrapper: KeyWrapper | undefined): EventOpener {
  const searchKeys = new Map<string, Buffer>();

  async function searchKey(query: Query, tenant: string): Promise<Buffer | undefined> {
    const known = searchKeys.get(tenant);
    if (known !== undefined || wrapper === undefined) return known;
    const { rows } = await query(
      'select wrapped from bulkhead.audit_vault_key where tenant_id = $1',
      [tenant],
    );
    const wrapped = maybeBytes(rows[0]?.wrapped);
    if (wrapped === null) return undefined;
    await wrapper.prepare([tenant]);
    let key: Buffer;
    try {
      key = searchKeyOf(wrapper.unwrap(tenant, indexPurpose(tenant), wrapped));
    } catch {
      // A key that this reader does not have: it searches without the index.
      return undefined;
    }
    if (searchKeys.size >= SEARCH_KEYS_MAX) searchKeys.clear();
    searchKeys.set(tenant, key);
    return key;
  }

  function openWith(
    tenant: string,
    leaves: readonly PlacedLeaf[],
    subjects: readonly SubjectRow[],
    openings: readonly PlacedOpening[],
  ): AuditEvent[] {
    const persons = new Map<string, OpenedSubject>();
    for (const row of subjects) persons.set(row.pseudonym, openSubject(wrapper, tenant, row));
    const here = new Map<string, PlacedOpening[]>();
    for (const opening of openings) {
      for (const leafIndex of leavesOf(opening)) {
        const at = placeOf({ class: opening.class, leafIndex });
        const others = here.get(at);
        if (others === undefined) here.set(at, [opening]);
        else others.push(opening);
      }
    }
    return leaves.map((leaf) =>
      openEvent(
        leaf.event,
        { class: leaf.class, leafIndex: leaf.leafIndex },
        here.get(placeOf(leaf)) ?? [],
        persons,
      ),
    );
  }

  return {
    searchKey,
    openWith,
    async open(query, tenant, leaves) {
      const committed = leaves.filter(({ event }) => event.commitments !== undefined);
      const openings = committed.length === 0 ? [] : await readOpenings(query, tenant, committed);
      const pseudonyms = pseudonymsOf(leaves, openings);
      if (pseudonyms.length === 0) return openWith(tenant, leaves, [], []);
      await wrapper?.prepare([tenant]);
      return openWith(tenant, leaves, await readSubjects(query, tenant, pseudonyms), openings);
    },
  };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Of everybody who stands in these leaves or in their openings. */
export function pseudonymsOf(
  leaves: readonly PlacedLeaf[],
  openings: readonly OpeningRow[],
): string[] {
  const pseudonyms = new Set(openings.map(({ subject }) => subject));
  for (const { event } of leaves) {
    if (event.pseudonyms === undefined) continue;
    for (const { id } of [event.actor, ...event.targets]) if (UUID.test(id)) pseudonyms.add(id);
  }
  return [...pseudonyms];
}

const placeOf = (leaf: { readonly class: string; readonly leafIndex: number }): string =>
  `${leaf.leafIndex}/${leaf.class}`;

async function readOpenings(
  query: Query,
  tenant: string,
  leaves: readonly PlacedLeaf[],
): Promise<PlacedOpening[]> {
  const { rows } = await query(
    // Leaf by leaf: a plan made for tenants of the usual size would go through all that a big one has.
    `select distinct on (o.class, o.leaf_index, o.subject) o.class, o.leaf_index, o.subject, o.members, o.sealed
       from unnest($2::text[], $3::bigint[]) as l (class, leaf_index)
      cross join lateral (
        select p.class, p.leaf_index, p.subject, p.members, p.sealed from bulkhead.audit_opening p
         where p.tenant_id = $1 and p.class = l.class
           and p.leaf_index between l.leaf_index / 256 * 256 and l.leaf_index
           and case when p.members is null then p.leaf_index = l.leaf_index
               else position(set_byte('\\x00', 0, (l.leaf_index % 256)::integer) in p.members) > 0 end
        offset 0) as o`,
    [tenant, leaves.map((leaf) => leaf.class), leaves.map(({ leafIndex }) => leafIndex)],
  );
  return rows.map(openingOf);
}

/** A row of `audit_opening`. */
export const openingOf = (row: Record<string, unknown>): PlacedOpening => ({
  class: String(row.class),
  leafIndex: Number(row.leaf_index),
  subject: String(row.subject),
  members: maybeBytes(row.members),
  sealed: bytesOf(row.sealed),
});

/** The leaves that an opening is for. */
export function leavesOf({ leafIndex, members }: PlacedOpening): readonly number[] {
  if (members === null) return [leafIndex];
  const tile = leafIndex - (leafIndex % TILE_WIDTH);
  return Array.from(members, (at) => tile + at);
}

/** The openings of one log, by their leaves. */
export function byLeaf(openings: readonly PlacedOpening[]): Map<number, PlacedOpening[]> {
  const found = new Map<number, PlacedOpening[]>();
  for (const opening of openings) {
    for (const leafIndex of leavesOf(opening)) {
      const others = found.get(leafIndex);
      if (others === undefined) found.set(leafIndex, [opening]);
      else others.push(opening);
    }
  }
  return found;
}

/** A row of `audit_subject`. */
export const subjectOf = (row: Record<string, unknown>): SubjectRow => ({
  pseudonym: String(row.pseudonym),
  sealedRef: maybeBytes(row.sealed_ref),
  wrappedKey: maybeBytes(row.wrapped_key),
  // Whether, not when, is what opening asks.
  erasedAt: row.erased_at == null ? null : new Date(0),
});

async function readSubjects(
  query: Query,
  tenant: string,
  pseudonyms: readonly string[],
): Promise<SubjectRow[]> {
  const { rows } = await query(
    `select pseudonym, sealed_ref, wrapped_key, erased_at from bulkhead.audit_subject
      where tenant_id = $1 and pseudonym = any ($2::uuid[])`,
    [tenant, pseudonyms],
  );
  return rows.map(subjectOf);
}
