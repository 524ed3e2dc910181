/**
 * Names a request, for logs and the audit trail.
 *
 * Promises: unique in this process and, by a random prefix, among processes. Not a secret.
 */
import { randomBytes } from 'node:crypto';

const WELL_FORMED = /^[\w.:-]{1,128}$/;
const prefix = randomBytes(6).toString('base64url');
let count = 0;

/** The client's X-Request-Id if well-formed, else a new one. */
export function requestIdOf(header: string | undefined): string {
  if (header !== undefined && WELL_FORMED.test(header)) return header;
  count += 1;
  return `${prefix}-${count.toString(36)}`;
}
