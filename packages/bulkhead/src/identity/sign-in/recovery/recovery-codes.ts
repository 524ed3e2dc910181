/**
 * Recovery codes of a signed-in user: ten, each good once, shown when they are made and never again.
 */
import { identityError } from '../../errors.ts';
import type { CredentialKeys } from '../credential-key.ts';
import { type AccountsPort, callAccounts, factsOf, type Sender } from '../ports.ts';
import { FRESH_SECONDS } from '../step-up.ts';
import { newRecoveryCodes, readRecoveryCode } from './recovery-code.ts';

export interface RecoveryCodeSet {
  readonly codes: readonly string[];
  readonly hashes: readonly Buffer[];
}

export interface RecoveryCodes {
  /**
   * A new set; the old one is good no more.
   *
   * @throws `identity.recovery_codes_pointless`, `identity.step_up_required`, `identity.session_invalid`
   */
  renew(
    input: { readonly sessionId: string },
    sender: Sender,
  ): Promise<{ readonly recoveryCodes: readonly string[] }>;
  /** A set that is not stored yet, for whoever enrols a first factor. */
  prepare(userId: string): RecoveryCodeSet;
  /** The hashes under which a code may be stored; none for what never was a code. */
  hashesOf(userId: string, given: string): readonly Buffer[];
}

export function createRecoveryCodes(ports: {
  readonly accounts: AccountsPort;
  readonly keys: CredentialKeys;
}): RecoveryCodes {
  const { accounts, keys } = ports;
  const purpose = (userId: string) => `recovery code ${userId}`;

  function prepare(userId: string): RecoveryCodeSet {
    const codes = newRecoveryCodes();
    const hashes = codes.map((code) => keys.hash(purpose(userId), readRecoveryCode(code) ?? ''));
    return { codes, hashes };
  }

  return {
    prepare,
    hashesOf(userId, given) {
      const code = readRecoveryCode(given);
      return code === undefined ? [] : keys.hashes(purpose(userId), code);
    },
    async renew({ sessionId }, sender) {
      const [found] = await callAccounts(
        accounts,
        'select bulkhead.session_person($1, $2) as person',
        [sessionId, FRESH_SECONDS],
      );
      const set = prepare(String(found?.person));
      const [row] = await callAccounts(
        accounts,
        'select bulkhead.recovery_codes_replace($1, $2, $3, $4) as made',
        [sessionId, FRESH_SECONDS, set.hashes, factsOf(sender)],
      );
      if (row?.made !== true) throw identityError('identity.recovery_codes_pointless');
      return { recoveryCodes: set.codes };
    },
  };
}
