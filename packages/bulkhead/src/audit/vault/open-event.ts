/**
 * Puts what the vault still holds of an event back into its places.
 *
 * Promises: a value is put back only where the leaf has its commitment and the value fits it, so the vault
 * cannot make a leaf say what it did not commit to. What is gone reads as erased; what this reader's keys do
 * not open reads as sealed.
 */
import type { AuditEvent, Closed, SealedEvent, SubjectRef } from '../event.ts';
import { parsePointer, putAt, valueAt } from '../json-pointer.ts';
import type { KeyWrapper } from './key-wrapper.ts';
import { commitmentOf, type OpenedField, openOpening, openOpenings } from './opening.ts';
import { type LiveSubject, openRef, subjectPurpose } from './tenant-vault.ts';

/** A row of `audit_subject`. */
export interface SubjectRow {
  readonly pseudonym: string;
  readonly sealedRef: Buffer | null;
  readonly wrappedKey: Buffer | null;
  readonly erasedAt: Date | null;
}

/** A person as a reader could open them. */
export interface OpenedSubject {
  readonly pseudonym: string;
  /** Absent when erased, or when no key of this reader's opens it. */
  readonly key: Buffer | undefined;
  readonly ref: SubjectRef | undefined;
  readonly isErased: boolean;
}

/** A row of `audit_opening`. */
export interface OpeningRow {
  readonly subject: string;
  readonly sealed: Buffer;
  /** The leaves that it is for, modulo 256; null in rows that are for one leaf. */
  readonly members: Buffer | null;
}

/** Opens a person's row; `wrapper` must be prepared for the tenant, or absent for a reader without keys. */
export function openSubject(
  wrapper: KeyWrapper | undefined,
  tenant: string,
  row: SubjectRow,
): OpenedSubject {
  const { pseudonym, sealedRef, wrappedKey } = row;
  const isErased = row.erasedAt !== null || wrappedKey === null;
  const closed = { pseudonym, key: undefined, ref: undefined, isErased };
  if (wrappedKey === null || wrapper === undefined) return closed;
  let key: Buffer;
  try {
    key = wrapper.unwrap(tenant, subjectPurpose(tenant, pseudonym), wrappedKey);
  } catch {
    return closed;
  }
  const ref = sealedRef === null ? undefined : openRef(tenant, { pseudonym, key }, sealedRef);
  return { pseudonym, key, ref, isErased };
}

/** The fields of an event's openings that can be opened, and fit the leaf. */
export function openFields(
  event: SealedEvent,
  openings: readonly OpeningRow[],
  subjects: ReadonlyMap<string, OpenedSubject>,
): readonly OpenedField[] {
  const { commitments = {} } = event;
  const fitting: OpenedField[] = [];
  for (const opening of openings) {
    const { pseudonym, key } = subjects.get(opening.subject) ?? {};
    if (pseudonym === undefined || key === undefined) continue;
    for (const field of fieldsOf(event, opening, { pseudonym, key })) {
      const { path, salt, value } = field;
      if (Object.hasOwn(commitments, path) && commitments[path] === commitmentOf(salt, value)) {
        fitting.push(field);
      }
    }
  }
  return fitting;
}

/** A row of many events is opened once, not once for each of them. */
const opened = new WeakMap<OpeningRow, ReadonlyMap<string, readonly OpenedField[]>>();

function fieldsOf(
  { tenant, id }: SealedEvent,
  row: OpeningRow,
  person: LiveSubject,
): readonly OpenedField[] {
  if (row.members === null) return openOpening(tenant, id, person, row.sealed) ?? [];
  let byEvent = opened.get(row);
  if (byEvent === undefined) {
    byEvent = openOpenings(tenant, person, row.sealed) ?? new Map();
    opened.set(row, byEvent);
  }
  return byEvent.get(id) ?? [];
}

/**
 * The event as people read it.
 *
 * @param event the parsed leaf; is changed, and becomes the result
 */
export function openEvent(
  event: SealedEvent,
  place: { readonly class: string; readonly leafIndex: number },
  openings: readonly OpeningRow[],
  subjects: ReadonlyMap<string, OpenedSubject>,
): AuditEvent {
  const closed: Record<string, Closed> = Object.create(null);
  for (const path of event.pseudonyms ?? []) {
    const parts = partsOf(path);
    const pseudonym = valueAt(event, parts);
    const person = typeof pseudonym === 'string' ? subjects.get(pseudonym) : undefined;
    if (person?.ref !== undefined) putAt(event, parts, person.ref.id);
    else closed[path] = person === undefined || person.isErased ? 'erased' : 'sealed';
  }
  const fields = openFields(event, openings, subjects);
  const placed = fields.map(({ path, value }) => ({ parts: partsOf(path), value }));
  // Outermost first: a field inside another was taken out of it before it was committed to.
  placed.sort((a, b) => a.parts.length - b.parts.length);
  for (const { parts, value } of placed) putAt(event, parts, value);
  for (const path of Object.keys(event.commitments ?? {})) {
    if (fields.some((field) => field.path === path)) continue;
    // With an opening left that nobody here can open, it may be in that one.
    closed[path] = hasSealedOpening(openings, subjects) ? 'sealed' : 'erased';
  }
  // Not by spreading it: the indexer opens every event there is.
  return Object.assign(event, place, Object.keys(closed).length > 0 ? { closed } : undefined);
}

/** Whether more people have an opening here and were not erased than can be opened. */
function hasSealedOpening(
  openings: readonly OpeningRow[],
  subjects: ReadonlyMap<string, OpenedSubject>,
): boolean {
  const held = openings.filter(({ subject }) => subjects.get(subject)?.isErased === false);
  const openable = openings.filter(({ subject }) => subjects.get(subject)?.key !== undefined);
  return new Set(held.map(({ subject }) => subject)).size > openable.length;
}

/** Events of one kind have the same pointers; who wrote the log may have thought up any number of others. */
const pointers = new Map<string, readonly string[]>();
const POINTERS_MAX = 1_000;
const KNOWN_LENGTH_MAX = 200;

function partsOf(path: string): readonly string[] {
  const known = pointers.get(path);
  if (known !== undefined) return known;
  const parts = parsePointer(path) ?? [];
  if (path.length > KNOWN_LENGTH_MAX) return parts;
  if (pointers.size >= POINTERS_MAX) pointers.clear();
  pointers.set(path, parts);
  return parts;
}
