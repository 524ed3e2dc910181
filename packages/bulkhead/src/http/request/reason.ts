/** Why an operator enters a tenant: the header `Bulkhead-Reason`, percent-encoded because headers are Latin-1. */
import { httpError } from '../errors.ts';

const LENGTH_MAX = 1_000;

/** @throws `http.reason_missing` for one that is there and is none. */
export function readReason(request: Request): string | undefined {
  const header = request.headers.get('bulkhead-reason');
  if (header === null) return undefined;
  let text: string;
  try {
    text = decodeURIComponent(header).trim();
  } catch {
    throw httpError('http.reason_missing');
  }
  // Decoding lets no half of a surrogate pair through.
  const isWhole = !/\p{Cc}/u.test(text);
  if (text === '' || text.length > LENGTH_MAX || !isWhole) throw httpError('http.reason_missing');
  return text;
}
