/** Proving oneself again before something dangerous. */
import { identityError } from '../errors.ts';

/** How long a proof counts for changes of one's own credentials; the database compares. */
export const FRESH_SECONDS = 600;

/** What a verified session says of itself. */
export interface SessionProof {
  /** When a second factor was last shown; null for never. */
  readonly mfaAtMs: number | null;
}

/**
 * Refuses unless the session showed a second factor of late: for the app's own dangerous actions.
 *
 * @param session of the request's context; none (an API key, a job) has shown nothing.
 * @throws `identity.step_up_required`
 *
 * @example
 * requireRecentMfa(bulkhead.context().session);
 */
export function requireRecentMfa(
  session: SessionProof | undefined,
  options: { readonly withinSeconds?: number; readonly nowMs?: number } = {},
): void {
  const { withinSeconds = FRESH_SECONDS, nowMs = Date.now() } = options;
  const shownMs = session?.mfaAtMs ?? null;
  // A proof from the future is a clock that is off, not a proof that lasts longer.
  const recent = shownMs !== null && Math.abs(nowMs - shownMs) <= withinSeconds * 1000;
  if (!recent) throw identityError('identity.step_up_required');
}
