/**
 * The passkeys of a signed-in user: register, rename, remove. (Signing in with one is part of the flow.)
 *
 * Promises: a challenge is good for one answer within five minutes, in the session that asked for it; adding and
 * removing needs a session that proved itself within ten minutes.
 */
import { identityError } from '../../errors.ts';
import { type AccountsPort, callAccounts, factsOf, type Sender } from '../ports.ts';
import type { RecoveryCodes } from '../recovery/recovery-codes.ts';
import { hashSecret, newSecret } from '../secret-token.ts';
import { FRESH_SECONDS } from '../step-up.ts';
import {
  type KnownCredential,
  newChallenge,
  type PublicKeyCredentialCreationOptionsJSON,
  type RegistrationResponseJSON,
  type RelyingParty,
} from './relying-party.ts';

const CEREMONY_SECONDS = 300;
const NAME_LENGTH_MAX = 100;

export interface Passkeys {
  /** @throws `identity.step_up_required`, `identity.passkeys_too_many`, `identity.public_url_missing` */
  begin(input: { readonly sessionId: string }): Promise<{
    readonly flow: string;
    readonly options: PublicKeyCredentialCreationOptionsJSON;
  }>;
  /**
   * @returns recovery codes, shown here and never again, with the user's first second factor.
   * @throws `identity.passkey_refused`, `identity.passkey_known`, `identity.flow_invalid`
   */
  add(
    input: {
      readonly sessionId: string;
      readonly flow: string;
      readonly response: RegistrationResponseJSON;
      /** How its owner knows it. */
      readonly name: string;
    },
    sender: Sender,
  ): Promise<{ readonly id: string; readonly recoveryCodes: readonly string[] | null }>;
  /** @throws `identity.passkey_absent` */
  rename(
    input: { readonly sessionId: string; readonly id: string; readonly name: string },
    sender: Sender,
  ): Promise<void>;
  /** @throws `identity.passkey_absent`, `identity.last_factor`, `identity.step_up_required` */
  remove(input: { readonly sessionId: string; readonly id: string }, sender: Sender): Promise<void>;
}

export interface PasskeyPorts {
  readonly accounts: AccountsPort;
  readonly relyingParty: RelyingParty;
  readonly recoveryCodes: RecoveryCodes;
}

export function createPasskeys(ports: PasskeyPorts): Passkeys {
  const { accounts, relyingParty, recoveryCodes } = ports;

  return {
    async begin({ sessionId }) {
      const { token, hash } = newSecret('flow');
      const challenge = newChallenge();
      const [row] = await callAccounts(
        accounts,
        'select user_id, email, name, credentials from bulkhead.passkey_begin($1, $2, $3, $4, $5)',
        [hash, sessionId, FRESH_SECONDS, challenge, CEREMONY_SECONDS],
      );
      if (row === undefined) throw identityError('identity.flow_invalid');
      const options = await relyingParty.creationOptions({
        id: String(row.user_id),
        email: String(row.email),
        name: String(row.name ?? ''),
        known: readCredentials(row.credentials),
        challenge,
      });
      return { flow: token, options };
    },

    async add({ sessionId, flow, response, name }, sender) {
      const hash = hashSecret('flow', flow);
      if (hash === undefined) throw identityError('identity.flow_invalid');
      const challenge = await takeChallenge(accounts, hash);
      const made = await relyingParty.verifyCreation(response, challenge);
      const [found] = await callAccounts(
        accounts,
        'select bulkhead.session_person($1, null) as person',
        [sessionId],
      );
      const set = recoveryCodes.prepare(String(found?.person));
      const [row] = await callAccounts(
        accounts,
        'select bulkhead.passkey_add($1, $2, $3, $4, $5) as added',
        [
          hash,
          sessionId,
          {
            credential: made.credentialId.toString('hex'),
            publicKey: made.publicKey.toString('hex'),
            counter: made.counter,
            transports: made.transports,
            name: readPasskeyName(name),
            aaguid: made.aaguid,
            backedUp: made.backedUp,
          },
          set.hashes,
          factsOf(sender),
        ],
      );
      // What the function builds, or null.
      const added = row?.added as { id: string; freshCodes: boolean } | null | undefined;
      if (!added) throw identityError('identity.flow_invalid');
      return { id: added.id, recoveryCodes: added.freshCodes ? set.codes : null };
    },

    async rename({ sessionId, id, name }, sender) {
      const [row] = await callAccounts(
        accounts,
        'select bulkhead.passkey_rename($1, $2, $3, $4) as done',
        [sessionId, id, readPasskeyName(name), factsOf(sender)],
      );
      if (row?.done !== true) throw identityError('identity.passkey_absent');
    },

    async remove({ sessionId, id }, sender) {
      const [row] = await callAccounts(
        accounts,
        'select bulkhead.passkey_remove($1, $2, $3, $4) as done',
        [sessionId, FRESH_SECONDS, id, factsOf(sender)],
      );
      if (row?.done !== true) throw identityError('identity.passkey_absent');
    },
  };
}

/** @throws `identity.flow_invalid` where there is none, or it was taken before. */
export async function takeChallenge(accounts: AccountsPort, flow: Buffer): Promise<string> {
  const [row] = await callAccounts(accounts, 'select bulkhead.challenge_take($1) as challenge', [
    flow,
  ]);
  const challenge = row?.challenge;
  if (typeof challenge !== 'string') throw identityError('identity.flow_invalid');
  return challenge;
}

export function readCredentials(value: unknown): KnownCredential[] {
  // Built by our function: ids in hex, as JSON has no bytes.
  const rows = value as readonly { readonly id: string; readonly transports: string[] }[];
  return rows.map(({ id, transports }) => ({ id: Buffer.from(id, 'hex'), transports }));
}

/** One line, without what cannot be seen. */
function readPasskeyName(given: string): string {
  const name = given.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return [...name].slice(0, NAME_LENGTH_MAX).join('') || 'Passkey';
}
