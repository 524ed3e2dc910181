/** Reads a leaf back: bytes of the log, which may have been tampered with, into a sealed event. */
import { auditError } from './errors.ts';
import type { SealedEvent } from './event.ts';

/** Made once: that takes longer than reading a leaf. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Undefined for bytes that the sequencer has not written. */
export function readLeaf(bytes: Uint8Array): SealedEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
  return isSealedEvent(value) ? value : undefined;
}

/**
 * The same for readers, who cannot go on without it.
 *
 * @throws `audit.log_damaged`
 */
export function expectLeaf(bytes: Uint8Array, of: string, leafIndex: number): SealedEvent {
  const event = readLeaf(bytes);
  if (event !== undefined) return event;
  throw auditError('audit.log_damaged', {
    message: `Leaf ${leafIndex} of the log ${of} is not an event.`,
  });
}

/** What every reader relies on; the rest is optional or told as it stands. */
function isSealedEvent(value: unknown): value is SealedEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { v, id, tenant, time, recorded, action, actor, targets, outcome } =
    value as Partial<SealedEvent>;
  return (
    v === 1 &&
    typeof id === 'string' &&
    typeof tenant === 'string' &&
    typeof time === 'string' &&
    typeof recorded === 'string' &&
    typeof action === 'string' &&
    typeof outcome === 'string' &&
    isParty(actor) &&
    Array.isArray(targets) &&
    targets.every(isParty)
  );
}

const isParty = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { type?: unknown }).type === 'string' &&
  typeof (value as { id?: unknown }).id === 'string';
