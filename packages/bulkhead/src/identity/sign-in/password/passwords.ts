/**
 * A user's password: the first one, changing it, resetting it by mail.
 *
 * Promises: whoever asks for a reset learns nothing about the address, neither by the answer nor by waiting for
 * a mail to leave; a link sets a password once, within 30 minutes, and ends every session of its user; changing
 * a password ends every other session and every link.
 */
import { readEmailAddress } from '../../email-address.ts';
import { identityError } from '../../errors.ts';
import { accountKey } from '../flow/open-flow.ts';
import { type AccountsPort, callAccounts, factsOf, type Sender, type SendMail } from '../ports.ts';
import { hashSecret, newSecret } from '../secret-token.ts';
import { networkOf } from '../throttle/network.ts';
import type { Throttle } from '../throttle/throttle.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { PasswordOwner, PasswordRules } from './password-rules.ts';
import { readPassword } from './read-password.ts';
import { resetMail } from './reset-mail.ts';

const RESET_SECONDS = 30 * 60;

export interface Passwords {
  /**
   * The first password of a user who has none, such as one who was invited.
   *
   * @throws `identity.password_unreadable`, `identity.password_refused`, `identity.password_exists`
   */
  establish(input: { readonly userId: string; readonly password: string }): Promise<void>;
  /**
   * @returns how many other sessions ended.
   * @throws `identity.password_wrong`, `identity.password_refused`, `identity.password_unreadable`,
   *   `identity.throttled`, `identity.session_invalid`
   */
  change(
    input: { readonly sessionId: string; readonly current: string; readonly password: string },
    sender: Sender,
  ): Promise<{ readonly sessionsEnded: number }>;
  /**
   * Sends a link, where somebody has that address; resolves alike where nobody has.
   *
   * @throws `identity.throttled` for the network alone.
   */
  requestReset(input: { readonly email: string }, sender: Sender): Promise<void>;
  /**
   * @throws `identity.reset_invalid`, `identity.password_refused`, `identity.password_unreadable`,
   *   `identity.throttled`
   */
  reset(
    input: { readonly token: string; readonly password: string },
    sender: Sender,
  ): Promise<void>;
  /** Resolves when every mail that was due has left; for tests and for shutting down. */
  settled(): Promise<void>;
}

export interface PasswordPorts {
  readonly accounts: AccountsPort;
  readonly hasher: PasswordHasher;
  readonly rules: PasswordRules;
  readonly throttle: Throttle;
  readonly sendMail: SendMail | undefined;
  /** Where the link leads; the token is appended. */
  readonly resetUrl: string | undefined;
  readonly onFailure: (error: unknown) => void;
}

export function createPasswords(ports: PasswordPorts): Passwords {
  const { accounts, hasher, rules, throttle } = ports;
  const leaving = new Set<Promise<void>>();

  async function ownerOf(userId: string): Promise<PasswordOwner | undefined> {
    const [row] = await callAccounts(
      accounts,
      'select email, name, hash, earlier from bulkhead.password_earlier($1)',
      [userId],
    );
    if (row === undefined) return undefined;
    return {
      email: String(row.email),
      name: String(row.name ?? ''),
      hash: row.hash === null ? undefined : String(row.hash),
      // A text array, as the driver reads it.
      earlier: row.earlier as string[],
    };
  }

  async function isKnown(email: string, device: Buffer): Promise<boolean> {
    const [row] = await callAccounts(accounts, 'select bulkhead.device_known($1, $2) as known', [
      email,
      device,
    ]);
    return row?.known === true;
  }

  function post(work: Promise<void>): void {
    const settled = work.catch(ports.onFailure).finally(() => leaving.delete(settled));
    leaving.add(settled);
  }

  return {
    async establish({ userId, password: given }) {
      const password = readPassword(given);
      const owner = await ownerOf(userId);
      if (owner === undefined || owner.hash !== undefined) {
        throw identityError('identity.password_exists');
      }
      await rules.check(password, owner, await rules.of(userId));
      const [row] = await callAccounts(
        accounts,
        'select bulkhead.password_establish($1, $2) as made',
        [userId, await hasher.hash(password)],
      );
      if (row?.made !== true) throw identityError('identity.password_exists');
    },

    async change({ sessionId, current, password: given }, sender) {
      const password = readPassword(given);
      const [found] = await callAccounts(
        accounts,
        'select bulkhead.session_person($1, null) as person',
        [sessionId],
      );
      const userId = String(found?.person);
      // Whoever sits at an unlocked screen must not try passwords here without end.
      const attempt = await throttle.admit([{ limit: 'factor', of: `${userId} change` }]);
      const owner = await ownerOf(userId);
      const { matches } = await hasher.compare(readPassword(current), owner?.hash);
      if (owner === undefined || !matches) throw identityError('identity.password_wrong');
      await attempt.succeeded();
      const policies = await rules.of(userId);
      await rules.check(password, owner, policies);
      const [row] = await callAccounts(
        accounts,
        'select bulkhead.password_change($1, $2, $3, $4) as ended',
        [sessionId, owner.hash, await hasher.hash(password), factsOf(sender)],
      );
      return { sessionsEnded: Number(row?.ended) };
    },

    async requestReset({ email }, sender) {
      const network = networkOf(sender.ip ?? '') ?? 'unknown';
      await throttle.admit([{ limit: 'opening', of: network }]);
      if (ports.resetUrl === undefined) throw identityError('identity.public_url_missing');
      if (ports.sendMail === undefined) throw identityError('identity.mail_unconfigured');
      const address = readEmailAddress(email);
      // Not an address that anybody could have: nothing to do, and nothing to say.
      if (address === undefined) return;
      // Strangers who ask for it again and again keep it from no browser that its owner has signed in by. Those count
      // as one: a sign-in makes another whenever somebody likes, and the mailbox need not be theirs.
      const device = hashSecret('device', sender.device);
      const own = device !== undefined && (await isKnown(address, device));
      const of = own ? `${accountKey(address)} own` : accountKey(address);
      if (!(await throttle.admits([{ limit: 'reset', of }], { email: address }))) return;
      const { token, hash } = newSecret('reset');
      const [row] = await callAccounts(
        accounts,
        'select email, name from bulkhead.password_reset_begin($1, $2, $3, $4)',
        [hash, address, RESET_SECONDS, factsOf(sender)],
      );
      if (row === undefined) return;
      // Not awaited: a mail server's time would tell that there is somebody.
      const mail = resetMail(String(row.name ?? ''), `${ports.resetUrl}${token}`);
      post(ports.sendMail({ to: String(row.email), ...mail }));
    },

    async reset({ token, password: given }, sender) {
      const network = networkOf(sender.ip ?? '') ?? 'unknown';
      const attempt = await throttle.admit([{ limit: 'network', of: network }]);
      const password = readPassword(given);
      const hash = hashSecret('reset', token);
      if (hash === undefined) throw identityError('identity.reset_invalid');
      const [found] = await callAccounts(
        accounts,
        'select bulkhead.password_reset_look($1) as person',
        [hash],
      );
      const userId = found?.person;
      const owner = typeof userId === 'string' ? await ownerOf(userId) : undefined;
      if (typeof userId !== 'string' || owner === undefined) {
        throw identityError('identity.reset_invalid');
      }
      await attempt.succeeded();
      await rules.check(password, owner, await rules.of(userId));
      const [row] = await callAccounts(
        accounts,
        'select bulkhead.password_reset_use($1, $2, $3, $4) as person',
        [hash, owner.hash ?? null, await hasher.hash(password), factsOf(sender)],
      );
      if (typeof row?.person !== 'string') throw identityError('identity.reset_invalid');
    },

    async settled() {
      while (leaving.size > 0) await Promise.all(leaving);
    },
  };
}
