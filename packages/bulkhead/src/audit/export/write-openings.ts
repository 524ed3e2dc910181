/**
 * The openings of an export, as JSON lines that `bulkhead-verify log --openings` reads: what each commitment in
 * the entries stands for, and for erased ones that they are.
 */
import type { SealedEvent } from '../event.ts';
import { readLeaf } from '../leaf.ts';
import {
  byLeaf,
  openingOf,
  type PlacedOpening,
  type Query,
  subjectOf,
} from '../open/event-opener.ts';
import type { KeyWrapper } from '../vault/key-wrapper.ts';
import { type OpenedSubject, openFields, openSubject } from '../vault/open-event.ts';
import { committedBytes } from '../vault/opening.ts';

export interface OpeningsCount {
  readonly open: number;
  readonly erased: number;
}

/** The lines of some leaves of one log, in their order. */
export async function openingLines(
  query: Query,
  wrapper: KeyWrapper,
  log: { readonly tenant: string; readonly class: string },
  entries: readonly { readonly leafIndex: number; readonly bytes: Uint8Array }[],
): Promise<{ readonly lines: string; readonly count: OpeningsCount }> {
  const leaves = entries.flatMap(({ leafIndex, bytes }) => {
    const event = readLeaf(bytes);
    return event?.commitments === undefined ? [] : [{ leafIndex, event }];
  });
  const first = leaves[0]?.leafIndex;
  const last = leaves.at(-1)?.leafIndex;
  if (first === undefined || last === undefined)
    return { lines: '', count: { open: 0, erased: 0 } };
  const { rows } = await query(
    // One for several leaves stands at the first of them, at most at the beginning of the tile.
    `select class, leaf_index, subject, members, sealed from bulkhead.audit_opening
      where tenant_id = $1 and class = $2 and leaf_index between $3::bigint / 256 * 256 and $4`,
    [log.tenant, log.class, first, last],
  );
  const placed = rows.map(openingOf);
  const openings = byLeaf(placed);
  const persons = await readPersons(query, wrapper, log.tenant, placed);
  let open = 0;
  let erased = 0;
  const lines = leaves.flatMap(({ leafIndex, event }) =>
    linesOf(event, leafIndex, openings.get(leafIndex) ?? [], persons).map((line) => {
      if (line.salt === null) erased += 1;
      else open += 1;
      return `${JSON.stringify(line)}\n`;
    }),
  );
  return { lines: lines.join(''), count: { open, erased } };
}

interface OpeningLine {
  readonly leafIndex: number;
  readonly path: string;
  readonly commitment: string;
  readonly salt: string | null;
  readonly value?: string;
  readonly valueB64?: string;
}

function linesOf(
  event: SealedEvent,
  leafIndex: number,
  openings: readonly PlacedOpening[],
  persons: ReadonlyMap<string, OpenedSubject>,
): OpeningLine[] {
  const fields = new Map(openFields(event, openings, persons).map((field) => [field.path, field]));
  return Object.entries(event.commitments ?? {}).map(([path, commitment]) => {
    const field = fields.get(path);
    if (field === undefined) return { leafIndex, path, commitment, salt: null };
    const value =
      typeof field.value === 'string'
        ? { value: field.value }
        : { valueB64: Buffer.from(committedBytes(field.value)).toString('base64') };
    return { leafIndex, path, commitment, salt: field.salt.toString('base64'), ...value };
  });
}

async function readPersons(
  query: Query,
  wrapper: KeyWrapper,
  tenant: string,
  openings: readonly PlacedOpening[],
): Promise<Map<string, OpenedSubject>> {
  const pseudonyms = [...new Set(openings.map(({ subject }) => subject))];
  if (pseudonyms.length === 0) return new Map();
  await wrapper.prepare([tenant]);
  const { rows } = await query(
    `select pseudonym, sealed_ref, wrapped_key, erased_at from bulkhead.audit_subject
      where tenant_id = $1 and pseudonym = any ($2::uuid[])`,
    [tenant, pseudonyms],
  );
  return new Map(
    rows.map((row) => [String(row.pseudonym), openSubject(wrapper, tenant, subjectOf(row))]),
  );
}
