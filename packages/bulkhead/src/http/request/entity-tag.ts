/**
 * Entity tags of answers (RFC 9110, 8.8.3): the same text, the same tag, in every process.
 *
 * An answer may tell more than what is changed at its address, as a tenant's, which holds what happens in it. Its tag
 * then begins with the version of what is changed, and to If-Match that part alone counts: or whoever changes a tenant
 * would be refused because somebody signed in.
 */
import { createHash } from 'node:crypto';

const versions = new WeakMap<object, string>();

/** Says of an answer which version it tells of what is changed at its address. */
export function versioned<T extends object>(answer: T, version: string): T {
  versions.set(answer, version);
  return answer;
}

/** @param body the text of the answer */
export function entityTag(body: string, answer?: unknown): string {
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 27);
  const version = typeof answer === 'object' && answer !== null ? versions.get(answer) : undefined;
  return version === undefined ? `"${hash}"` : `"${version}.${hash}"`;
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

/** The versions that a header of If-Match names; undefined for any. A weak tag names none. */
export function namedVersions(header: string): readonly string[] | undefined {
  if (header.trim() === '*') return undefined;
  return header.split(',').flatMap((given) => /^"([^".]+)\.[^"]*"$/.exec(given.trim())?.[1] ?? []);
}
