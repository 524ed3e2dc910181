/**
 * The one spelling of an e-mail address, by which a person is found.
 *
 * Promises: two texts that any mail server we know of takes to one mailbox by case or by Unicode in the
 * domain are one address here, and two that merely look alike are not: a domain is compared in its ASCII
 * form, in which a Cyrillic `а` is visible, and a local part beyond ASCII is refused rather than guessed at.
 * Reading what was read gives the same again.
 * Does not promise that the mailbox exists, nor that `a+b@` and `a@`, or `a.b@` and `ab@`, are one: that is
 * the mail server's to say.
 */
import { identityError } from './errors.ts';
import { readDomain } from './locate/host.ts';

declare const emailAddressBrand: unique symbol;
/** An address in its canonical form; made by `parseEmailAddress` alone. */
export type EmailAddress = string & { readonly [emailAddressBrand]: true };

/** RFC 5321, 4.5.3.1: 64 octets before the @, and 254 for the whole, which is what fits into a path. */
const LOCAL_LENGTH_MAX = 64;
const ADDRESS_LENGTH_MAX = 254;

/**
 * The atoms of RFC 5322, 3.2.3, in lower case, with single dots between them. Quoted local parts (`"a b"@x`)
 * are as good as unused, and many programs read them differently, which is what one address must not be.
 */
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/**
 * Reads an address as a person writes it.
 *
 * @throws `identity.email_invalid` for whatever is not one plain address.
 */
export function parseEmailAddress(text: unknown): EmailAddress {
  if (typeof text !== 'string' || text.length > 2 * ADDRESS_LENGTH_MAX) throw invalid('length');
  // Only what a form or a file leaves around it: an exotic space inside or outside is a refusal.
  const trimmed = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
  const at = trimmed.indexOf('@');
  if (at === -1 || at !== trimmed.lastIndexOf('@')) throw invalid('not exactly one @');
  const given = trimmed.slice(0, at);
  // Tested before folding: `K` (the Kelvin sign) folds to an ASCII k, which is another person's letter.
  if (given.length > LOCAL_LENGTH_MAX || !/^[!-~]+$/.test(given)) throw invalid('local part');
  const local = given.toLowerCase();
  if (!LOCAL.test(local)) throw invalid('local part');
  const domain = mailDomain(trimmed.slice(at + 1));
  const address = `${local}@${domain}`;
  if (address.length > ADDRESS_LENGTH_MAX) throw invalid('length');
  // The brand has no value at run time; the checks above are what earn it.
  return address as EmailAddress;
}

/** The address, or undefined where the text is none: for what is asked in passing, such as a sign-in. */
export function readEmailAddress(text: unknown): EmailAddress | undefined {
  try {
    return parseEmailAddress(text);
  } catch {
    return undefined;
  }
}

/** What stands behind the @. */
export function domainOf(address: EmailAddress): string {
  return address.slice(address.indexOf('@') + 1);
}

function mailDomain(text: string): string {
  // readDomain trims for people who type a domain alone; after an @ a space belongs nowhere, and a trailing
  // dot is no part of an address.
  if (text !== text.trim() || /[.\u3002\uff0e\uff61]$/.test(text)) throw invalid('domain');
  try {
    return readDomain(text);
  } catch (cause) {
    throw invalid('domain', cause);
  }
}

function invalid(what: string, cause?: unknown) {
  return identityError('identity.email_invalid', { detail: `e-mail address: ${what}`, cause });
}
