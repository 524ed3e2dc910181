/**
 * Another address for one's own account.
 *
 * Promises: only a session that proved itself within ten minutes asks for it; the address changes when a link is
 * followed that was mailed to the new one, once, within the hour, in a session of the same user: neither who sits in
 * the session alone nor who reads the mailbox alone changes it. The old one is told when it is asked for and when it
 * has happened, by mails that are committed with either. Whoever asks learns nothing of whether the new
 * address is taken: that is told to who reads its mail. What one user asks for keeps no mail from another; four of them
 * can, for an hour. A new password, and whatever else ends all sessions, ends the link too.
 */
import { parseEmailAddress } from '../../email-address.ts';
import { identityError } from '../../errors.ts';
import { accountKey } from '../flow/open-flow.ts';
import { type AccountsPort, callAccounts, factsOf, type Sender } from '../ports.ts';
import { hashSecret, newSecret } from '../secret-token.ts';
import { FRESH_SECONDS } from '../step-up.ts';
import type { Throttle } from '../throttle/throttle.ts';

/** How long the link is good. */
export const EMAIL_CHANGE_SECONDS = 3_600;

export interface EmailChange {
  /**
   * Mails a link to the address that the session's user wants from now on, and tells the one that they have.
   * Resolves alike whether or not somebody has it.
   *
   * @throws `identity.email_invalid`, `identity.step_up_required`, `identity.session_invalid`, `identity.throttled`,
   *   `identity.mail_unconfigured`, `identity.public_url_missing`
   */
  request(
    input: { readonly sessionId: string; readonly email: string },
    sender: Sender,
  ): Promise<void>;
  /**
   * For whoever followed the link and is signed in as who asked for it.
   *
   * @throws `identity.link_invalid`, for another's link as for none; `identity.email_taken`, `identity.session_invalid`
   */
  finish(
    input: { readonly sessionId: string; readonly token: string },
    sender: Sender,
  ): Promise<{ readonly email: string }>;
}

/** How a mail is posted by a function of the database, with the change that it is about. */
export interface Mailing {
  seal(recipient: string, secret: Readonly<Record<string, string>>): Buffer;
  /** Something was posted: it may leave now. */
  posted(): void;
}

export interface EmailChangePorts {
  readonly accounts: AccountsPort;
  readonly throttle: Throttle;
  readonly mailing: Mailing | undefined;
  /** Whether it is known where the link leads. */
  readonly hasPage: boolean;
}

export function createEmailChange(ports: EmailChangePorts): EmailChange {
  const { accounts, throttle, mailing } = ports;
  return {
    async request({ sessionId, email }, sender) {
      if (!ports.hasPage) throw identityError('identity.public_url_missing');
      if (mailing === undefined) throw identityError('identity.mail_unconfigured');
      const address = parseEmailAddress(email);
      const [found] = await callAccounts(
        accounts,
        'select bulkhead.session_person($1, $2) as person',
        [sessionId, FRESH_SECONDS],
      );
      const person = String(found?.person);
      await throttle.admit([{ limit: 'address', of: person }]);
      // However many ask for it, nobody's mailbox is filled. Each has a share of their own, or a stranger would keep
      // the mail from whose address it is; one who has none left takes nothing of what is for all. Whoever is refused
      // hears it: how often an address was typed says nothing of whether it is taken.
      const about = { email: address };
      const key = `${accountKey(address)} change`;
      await throttle.admit([{ limit: 'reset', of: `${key} ${person}` }], about);
      await throttle.admit([{ limit: 'mailbox', of: key }], about);
      const { token, hash } = newSecret('email');
      await callAccounts(accounts, 'select bulkhead.email_change_ask($1, $2, $3, $4, $5, $6, $7)', [
        sessionId,
        FRESH_SECONDS,
        hash,
        address,
        EMAIL_CHANGE_SECONDS,
        mailing.seal(address, { token }),
        factsOf(sender),
      ]);
      mailing.posted();
    },

    async finish({ sessionId, token }, sender) {
      const hash = hashSecret('email', token);
      if (hash === undefined) throw identityError('identity.link_invalid');
      const [row] = await callAccounts(
        accounts,
        'select bulkhead.email_change_confirm($1, $2, $3) as email',
        [sessionId, hash, factsOf(sender)],
      );
      mailing?.posted();
      return { email: String(row?.email) };
    },
  };
}
