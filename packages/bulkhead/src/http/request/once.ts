/** Makes a change that came with an idempotency key, or answers as it was answered before. */
import { isOutcomeUnknown } from './answer.ts';
import type { Attempt } from './idempotency.ts';

/** Statuses after which the same request may end otherwise, and so must not be remembered. */
const PASSING: ReadonlySet<number> = new Set([401, 403, 408, 409, 425, 429]);

export async function once(
  attempt: Attempt,
  work: () => Promise<Response>,
  headers: Record<string, string>,
): Promise<Response> {
  const { kept } = attempt;
  if (kept !== undefined) {
    return new Response(kept.status === 204 ? null : kept.body, {
      status: kept.status,
      headers: { ...kept.headers, ...headers, 'idempotency-replayed': 'true' },
    });
  }
  let response: Response;
  try {
    response = await work();
  } catch (error) {
    await (isOutcomeUnknown(error) ? attempt.abandon() : attempt.release());
    throw error;
  }
  if (response.status >= 500 || PASSING.has(response.status)) {
    await attempt.release();
    return response;
  }
  const body = response.status === 204 ? '' : await response.clone().text();
  const type = response.headers.get('content-type');
  await attempt.keep({
    status: response.status,
    headers: type === null ? {} : { 'content-type': type },
    body,
  });
  return response;
}
