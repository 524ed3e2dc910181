/**
 * Sends a request again when that is safe and may help.
 *
 * Promises: a change is sent again only under the Idempotency-Key of its first attempt, so it is made once; what
 * the server asks to wait is waited, unless that is longer than the caller allows.
 */
import { type ApiError, readProblem } from './api-error.ts';

export interface RetryOptions {
  /** How often a request is sent at most; 1 sends it once. */
  readonly attemptsMax: number;
  /** A server that asks for more than that is not waited for. */
  readonly waitMsMax: number;
}

const FIRST_WAIT_MS = 200;
const RETRYABLE: ReadonlySet<number> = new Set([429, 503]);
/** The first attempt is still at work: its answer is the one to wait for. */
const UNDERWAY = 'http.idempotency_conflict';

/** @throws ApiError; and what `fetch` throws when nobody answers */
export async function sendUntilAnswered(
  send: () => Promise<Response>,
  isRepeatable: boolean,
  { attemptsMax, waitMsMax }: RetryOptions,
  signal: AbortSignal | undefined,
): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const isLast = !isRepeatable || attempt >= attemptsMax;
    const backoffMs = Math.min(waitMsMax, FIRST_WAIT_MS * 2 ** (attempt - 1));
    let error: ApiError;
    try {
      const response = await send();
      if (response.ok) return response;
      error = await readProblem(response);
    } catch (failure) {
      if (isLast || signal?.aborted === true) throw failure;
      await wait(jittered(backoffMs), signal);
      continue;
    }
    const { status, code, retryAfterSeconds } = error;
    // Where no time is named, nothing says that it passes.
    const passes = RETRYABLE.has(status) && retryAfterSeconds !== undefined;
    if (isLast || !(passes || code === UNDERWAY)) throw error;
    const waitMs = Math.max(backoffMs, (retryAfterSeconds ?? 0) * 1_000);
    if (waitMs > waitMsMax) throw error;
    await wait(jittered(waitMs), signal);
  }
}

/** A little longer, and differently for each, so that those who were refused together do not return together. */
const jittered = (ms: number): number => ms * (1 + Math.random() / 4);

export function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
