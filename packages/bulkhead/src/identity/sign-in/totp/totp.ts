/**
 * The authenticator app of a signed-in user.
 *
 * Promises: setting up and removing needs a session that proved itself within ten minutes; until the first code
 * is right nothing is asked at sign-in; the secret is shown while setting up and never again, and lies encrypted
 * for its user alone.
 */
import { identityError } from '../../errors.ts';
import type { CredentialKeys } from '../credential-key.ts';
import { type AccountsPort, callAccounts, factsOf, type Sender } from '../ports.ts';
import type { RecoveryCodes } from '../recovery/recovery-codes.ts';
import { FRESH_SECONDS } from '../step-up.ts';
import type { Throttle } from '../throttle/throttle.ts';
import {
  describeTotp,
  findTotpStep,
  newTotpSecret,
  readTotpCode,
  type TotpInvitation,
} from './totp-code.ts';

export interface Totp {
  /**
   * Makes a secret that waits for its first code; one that waited already is replaced.
   *
   * @throws `identity.step_up_required`, `identity.totp_enrolled`, `identity.session_invalid`
   */
  enrol(input: { readonly sessionId: string }): Promise<TotpInvitation>;
  /**
   * @returns recovery codes, shown here and never again, with the user's first second factor.
   * @throws `identity.code_refused`, `identity.totp_absent`, `identity.step_up_required`, `identity.throttled`
   */
  confirm(
    input: { readonly sessionId: string; readonly code: string },
    sender: Sender,
  ): Promise<{ readonly recoveryCodes: readonly string[] | null }>;
  /** @throws `identity.totp_absent`, `identity.last_factor`, `identity.step_up_required` */
  remove(input: { readonly sessionId: string }, sender: Sender): Promise<void>;
}

export interface TotpPorts {
  readonly accounts: AccountsPort;
  readonly keys: CredentialKeys;
  readonly recoveryCodes: RecoveryCodes;
  readonly throttle: Throttle;
  readonly issuer: string;
  readonly now: () => number;
}

/** What a secret is sealed for. */
export const totpPurpose = (userId: string): string => `totp ${userId}`;

export function createTotp(ports: TotpPorts): Totp {
  const { accounts, keys, recoveryCodes, throttle } = ports;

  return {
    async enrol({ sessionId }) {
      const [found] = await callAccounts(
        accounts,
        'select bulkhead.session_person($1, $2) as person',
        [sessionId, FRESH_SECONDS],
      );
      const userId = String(found?.person);
      const secret = newTotpSecret();
      const [row] = await callAccounts(
        accounts,
        'select bulkhead.totp_begin($1, $2, $3, $4) as email',
        [sessionId, FRESH_SECONDS, userId, keys.seal(totpPurpose(userId), secret)],
      );
      return describeTotp(secret, { issuer: ports.issuer, account: String(row?.email) });
    },

    async confirm({ sessionId, code: given }, sender) {
      const [pending] = await callAccounts(
        accounts,
        'select user_id, sealed from bulkhead.totp_pending($1)',
        [sessionId],
      );
      if (pending === undefined) throw identityError('identity.totp_absent');
      const userId = String(pending.user_id);
      const attempt = await throttle.admit([{ limit: 'factor', of: `${userId} enrol` }]);
      // A bytea, as the driver reads it.
      const secret = keys.open(totpPurpose(userId), pending.sealed as Buffer);
      const code = readTotpCode(given);
      const step = code === undefined ? undefined : findTotpStep(secret, code, ports.now());
      if (step === undefined) throw identityError('identity.code_refused');
      const set = recoveryCodes.prepare(userId);
      const [row] = await callAccounts(
        accounts,
        'select bulkhead.totp_confirm($1, $2, $3, $4, $5) as fresh',
        [sessionId, FRESH_SECONDS, step, set.hashes, factsOf(sender)],
      );
      if (row?.fresh === null) throw identityError('identity.totp_absent');
      await attempt.succeeded();
      return { recoveryCodes: row?.fresh === true ? set.codes : null };
    },

    async remove({ sessionId }, sender) {
      await callAccounts(accounts, 'select bulkhead.totp_remove($1, $2, $3)', [
        sessionId,
        FRESH_SECONDS,
        factsOf(sender),
      ]);
    },
  };
}
