/**
 * A password as it was typed, in the one form that is hashed.
 *
 * Promises: the same characters give the same bytes whatever the keyboard or the system composed them of
 * (NFKC, as NIST SP 800-63B demands); nothing longer than 1,024 bytes reaches the hash; half a character
 * (a lone surrogate), which UTF-8 would turn into a replacement that many passwords share, is refused.
 */
import { identityError } from '../../errors.ts';

export const PASSWORD_BYTES_MAX = 1_024;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** A normalised password; only `readPassword` makes one. */
export type Password = string & { readonly __password: true };

/** @throws `identity.password_unreadable`; the message never holds the password. */
export function readPassword(given: string): Password {
  // Before normalising as well: one character may become eighteen.
  if (given === '' || Buffer.byteLength(given) > PASSWORD_BYTES_MAX || LONE_SURROGATE.test(given)) {
    throw identityError('identity.password_unreadable');
  }
  const text = given.normalize('NFKC');
  if (Buffer.byteLength(text) > PASSWORD_BYTES_MAX || text.includes('\0')) {
    throw identityError('identity.password_unreadable');
  }
  // The brand says what was just done.
  return text as Password;
}

/** How long a person would say it is: in characters, not in UTF-16 units. */
export const passwordLength = (password: Password): number => [...password].length;
