/**
 * Sends events of several tenants and actors to the database in one signed parcel.
 *
 * Promises: what is signed says of each event in whose name it is, and nothing else decides that. Whoever has
 * no signing key has no name but that of their own context.
 */
import { type Actor, assertActor, type SignedParcel } from '../../isolation/index.ts';
import { type EventHolder, type HeldEvent, packSigned } from '../parcel.ts';

/** Vouches for a text with the key that signs contexts. */
export type SignParcel = (lines: string) => SignedParcel;

export const SUBMIT = 'select bulkhead.audit_submit_parcel($1, $2, $3)';

/** How many of the events went, from the first; the rest had no room. */
export async function submit(
  query: (text: string, values: unknown[]) => Promise<unknown>,
  sign: SignParcel,
  events: readonly HeldEvent[],
): Promise<number> {
  const { lines, count } = packSigned(events);
  const { head, mac } = sign(lines);
  await query(SUBMIT, [head, lines, mac]);
  return count;
}

/** @throws `isolation.actor_invalid` for one that could write a line of its own into a parcel. */
export function assertHolder({ type, id }: EventHolder): void {
  // An actor of a context or of Bulkhead's own: its type is one of those.
  assertActor({ type: type as Actor['type'], id });
}
