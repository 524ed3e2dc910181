/**
 * Asks a list of breached passwords, by the k-anonymity protocol of Have I Been Pwned's range API.
 *
 * Promises: what leaves is five hexadecimal digits of the password's SHA-1, which some thousand passwords of
 * the list share, with padding asked for, so that not even the answer's length tells; an answer is read up
 * to one mebibyte; a list that cannot be asked within the time is treated as configured. Does not promise
 * that a password which is not on the list is good.
 */
import { createHash } from 'node:crypto';
import { identityError } from '../../errors.ts';
import type { Password } from './read-password.ts';

const ANSWER_BYTES_MAX = 1_048_576;
const LINE = /^([0-9A-F]{35}):(\d{1,12})$/i;

export interface BreachedListOptions {
  /** `https://api.pwnedpasswords.com/range/`, or a mirror of one's own. */
  readonly url: string;
  readonly timeoutMs: number;
  /** What becomes of a password while the list cannot be asked. */
  readonly onFailure: 'allow' | 'refuse';
}

export type BreachedList = (password: Password) => Promise<boolean>;

/** @returns whether the list holds the password. */
export function createBreachedList(
  options: BreachedListOptions,
  onFailure?: (error: unknown) => void,
): BreachedList {
  const base = options.url.endsWith('/') ? options.url : `${options.url}/`;
  return async (password) => {
    const digest = createHash('sha1').update(password).digest('hex').toUpperCase();
    try {
      const text = await askRange(base + digest.slice(0, 5), options.timeoutMs);
      return rangeHolds(text, digest.slice(5));
    } catch (error) {
      onFailure?.(error);
      if (options.onFailure === 'allow') return false;
      throw identityError('identity.breached_list_unavailable', { cause: error });
    }
  };
}

/** Lines of `SUFFIX:COUNT`; a count of 0 is padding. */
export function rangeHolds(answer: string, suffix: string): boolean {
  return answer.split('\n').some((line) => {
    const [, found, count] = LINE.exec(line.trim()) ?? [];
    return found?.toUpperCase() === suffix && Number(count) > 0;
  });
}

async function askRange(url: string, timeoutMs: number): Promise<string> {
  const answer = await fetch(url, {
    headers: { 'add-padding': 'true', 'user-agent': 'bulkhead' },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!answer.ok || answer.body === null) throw new Error(`the list answered ${answer.status}`);
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.byteLength;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('the list’s answer is too long');
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}
