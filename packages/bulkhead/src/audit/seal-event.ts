/**
 * Seals an event into the leaf that the log keeps for ever.
 *
 * Promises: no personal value is in a leaf, in plain text or encrypted: only a commitment with a random salt,
 * or a pseudonym. The same event sealed twice has different salts. A pure function but for the salts: all
 * keys come from the vault that it is given.
 */
import { LEAF_BYTES_MAX, type SubjectRef } from './event.ts';
import { LeafText } from './leaf-text.ts';
import { type ReadEvent, unreadable } from './read-pending.ts';
import { sealUsual } from './usual-leaf.ts';
import { commit, type OpenedField, openingText } from './vault/opening.ts';
import type { LiveSubject } from './vault/tenant-vault.ts';

/** A person as the vault knows them: one who was erased has a pseudonym and no key. */
export type KnownSubject = LiveSubject | { readonly pseudonym: string; readonly key: undefined };

/** Finds the person behind a reference, at the time an event was recorded. */
export type FindSubject = (tenant: string, ref: SubjectRef, recorded: string) => KnownSubject;

/** What one person has in an event; it is sealed with what they have in its neighbours. */
export interface PersonOpening {
  readonly person: LiveSubject;
  readonly text: string;
}

export interface Sealed {
  /** Its text; the leaf is the UTF-8 of it. */
  readonly leaf: string;
  readonly openings: readonly PersonOpening[];
}

export function sealEvent(read: ReadEvent, find: FindSubject): Sealed {
  const { usual } = read;
  const sealed =
    usual === undefined
      ? sealOnce(read, find)
      : sealUsual(read, find(read.tenant, usual, read.recorded));
  // UTF-8 takes at most three bytes for what JavaScript counts as one.
  const { leaf } = sealed;
  if (leaf.length * 3 <= LEAF_BYTES_MAX || Buffer.byteLength(leaf) <= LEAF_BYTES_MAX) return sealed;
  const fault = `would make a leaf of more than ${LEAF_BYTES_MAX} bytes`;
  return sealOnce(unreadable({ ...read, event: read.text }, fault), find);
}

function sealOnce(read: ReadEvent, find: FindSubject): Sealed {
  const { tenant, event, personal } = read;
  const leaf = new LeafText(read);
  const opened = new Map<LiveSubject, OpenedField[]>();
  for (const place of personal) {
    const person = find(tenant, place.subject, read.recorded);
    if (place.isId) {
      leaf.pseudonymize(place, person.pseudonym);
      continue;
    }
    const value = leaf.take(place, event);
    if (value === undefined) continue;
    const { salt, commitment } = commit(value);
    leaf.commit(place, commitment, value);
    // An erased person's salt is thrown away here, and with it the only way to open the commitment.
    if (person.key === undefined) continue;
    const field = { path: place.path, salt, value };
    const fields = opened.get(person);
    if (fields === undefined) opened.set(person, [field]);
    else fields.push(field);
  }
  return {
    leaf: leaf.write(),
    openings: Array.from(opened, ([person, fields]) => ({
      person,
      text: openingText(read.id, fields),
    })),
  };
}
