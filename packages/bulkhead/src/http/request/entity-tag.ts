/** Entity tags of answers (RFC 9110, 8.8.3): the same text, the same tag, in every process. */
import { createHash } from 'node:crypto';

export function entityTag(body: string): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
}

/** Whether a header of If-None-Match names the tag; compared weakly, as it must be. */
export function namesTag(header: string, tag: string): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((given) => given.trim().replace(/^W\//, '') === tag);
}

/** Whether a header of If-Match names the tag; a weak tag never matches. */
export function matchesTag(header: string, tag: string): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((given) => given.trim() === tag);
}
