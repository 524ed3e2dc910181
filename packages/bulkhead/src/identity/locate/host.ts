/**
 * Reads a Host header.
 *
 * Promises: one spelling per host (lower case, no port, no trailing dot), or a refusal. Only what a DNS
 * name may hold passes: no user info, escapes, controls or raw Unicode (a browser sends punycode; bytes
 * beyond ASCII reach Node in an unknown encoding, so there is nothing safe to convert).
 */
import { domainToASCII } from 'node:url';
import { identityError } from '../errors.ts';

/** The host name, or null for an address, which names no tenant. */
export type HostName = string | null;

const PORT = /:\d{1,5}$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const IPV6 = /^\[[0-9a-f:.]{2,45}\](?::\d{1,5})?$/i;

/**
 * Reads the Host header as it came.
 *
 * @throws `identity.request_malformed` when it is not one valid host.
 */
export function readHost(header: string): HostName {
  // 253 for the name, 1 for the trailing dot, 6 for the port.
  if (header.length === 0 || header.length > 260) throw malformed('length');
  if (header.charCodeAt(0) === 0x5b) {
    if (!IPV6.test(header)) throw malformed('IPv6 literal');
    return null;
  }
  return readName(header.replace(PORT, ''));
}

/**
 * Reads a custom domain as a person gives it: Unicode becomes punycode.
 *
 * @throws `identity.domain_invalid` when it is not a full host name.
 */
export function readDomain(text: string): string {
  const trimmed = text.trim();
  // domainToASCII reads as a browser's address bar would: it decodes %41 and turns 0x7f.1 into an address.
  if (trimmed.length > 253 || /[%/\\@:?#[\]\s]/.test(trimmed))
    throw identityError('identity.domain_invalid');
  let name: HostName = null;
  try {
    name = readName(domainToASCII(trimmed));
  } catch (cause) {
    throw identityError('identity.domain_invalid', { cause });
  }
  if (name === null || !name.includes('.')) throw identityError('identity.domain_invalid');
  return name;
}

function readName(text: string): HostName {
  const folded = text.toLowerCase();
  const name = folded.endsWith('.') ? folded.slice(0, -1) : folded;
  if (name.length > 253) throw malformed('length');
  const labels = name.split('.');
  if (!labels.every((label) => LABEL.test(label))) throw malformed('label');
  // A name whose last label begins with a digit is read as an IPv4 address by browsers, or is none.
  return /^\d/.test(labels.at(-1) ?? '') ? null : name;
}

function malformed(what: string) {
  return identityError('identity.request_malformed', { detail: `host: ${what}` });
}
