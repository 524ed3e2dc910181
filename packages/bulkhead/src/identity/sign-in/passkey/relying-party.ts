/**
 * Who we are to a passkey: the host and origin of `identity.publicUrl`, and nothing that a request says.
 *
 * Promises: a passkey made here works here alone, and an answer given to another site (a phishing page, another
 * subdomain) is refused; the person was verified by the authenticator, so that a passkey is two factors.
 */
import { randomBytes } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { identityError } from '../../errors.ts';

export type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
};

const CEREMONY_MS = 5 * 60_000;

export interface KnownCredential {
  readonly id: Buffer;
  readonly transports: readonly string[];
}

export interface StoredPasskey {
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly transports: readonly string[];
}

export interface NewPasskey extends StoredPasskey {
  readonly counter: number;
  readonly aaguid: string;
  readonly backedUp: boolean;
}

export interface RelyingParty {
  creationOptions(user: {
    readonly id: string;
    readonly email: string;
    readonly name: string;
    readonly known: readonly KnownCredential[];
    readonly challenge: string;
  }): Promise<PublicKeyCredentialCreationOptionsJSON>;
  requestOptions(
    challenge: string,
    known: readonly KnownCredential[],
  ): Promise<PublicKeyCredentialRequestOptionsJSON>;
  /** @throws `identity.passkey_refused` */
  verifyCreation(response: RegistrationResponseJSON, challenge: string): Promise<NewPasskey>;
  /** @throws `identity.passkey_refused` */
  verifyRequest(
    response: AuthenticationResponseJSON,
    challenge: string,
    passkey: StoredPasskey,
  ): Promise<{ readonly counter: number; readonly backedUp: boolean }>;
}

export const newChallenge = (): string => randomBytes(32).toString('base64url');

/** @throws (from its methods) `identity.public_url_missing` */
export function createRelyingParty(publicUrl: string | undefined, name: string): RelyingParty {
  const library = () => import('@simplewebauthn/server');

  function self(): { rpID: string; origin: string } {
    if (publicUrl === undefined) throw identityError('identity.public_url_missing');
    const { hostname, origin } = new URL(publicUrl);
    return { rpID: hostname, origin };
  }

  return {
    async creationOptions({ id, email, name: displayName, known, challenge }) {
      const { rpID } = self();
      const { generateRegistrationOptions } = await library();
      return generateRegistrationOptions({
        rpID,
        rpName: name,
        userID: userHandleOf(id),
        userName: email,
        userDisplayName: displayName === '' ? email : displayName,
        challenge: bytesOf(challenge),
        timeout: CEREMONY_MS,
        attestationType: 'none',
        excludeCredentials: known.map(described),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      });
    },

    async requestOptions(challenge, known) {
      const { rpID } = self();
      const { generateAuthenticationOptions } = await library();
      return generateAuthenticationOptions({
        rpID,
        challenge: bytesOf(challenge),
        timeout: CEREMONY_MS,
        userVerification: 'required',
        ...(known.length > 0 && { allowCredentials: known.map(described) }),
      });
    },

    async verifyCreation(response, challenge) {
      const { rpID, origin } = self();
      const { verifyRegistrationResponse } = await library();
      const { registrationInfo } = await verifyRegistrationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: rpID,
        requireUserVerification: true,
      }).catch(refuse);
      if (registrationInfo === undefined) throw refused('not verified');
      const { credential, aaguid, credentialBackedUp } = registrationInfo;
      return {
        credentialId: Buffer.from(credential.id, 'base64url'),
        publicKey: Buffer.from(credential.publicKey),
        counter: credential.counter,
        transports: (response.response.transports ?? []).slice(0, 8),
        aaguid,
        backedUp: credentialBackedUp,
      };
    },

    async verifyRequest(response, challenge, passkey) {
      const { rpID, origin } = self();
      const { verifyAuthenticationResponse } = await library();
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: rpID,
        requireUserVerification: true,
        credential: {
          id: passkey.credentialId.toString('base64url'),
          publicKey: Uint8Array.from(passkey.publicKey),
          // The database compares the counter, in the statement that moves it: here two could pass at once.
          counter: 0,
        },
      }).catch(refuse);
      if (!verified) throw refused('the signature does not verify');
      return {
        counter: authenticationInfo.newCounter,
        backedUp: authenticationInfo.credentialBackedUp,
      };
    },
  };
}

/** The sixteen bytes of the user's id: what a passkey hands back when it is asked who uses it. */
export const userHandleOf = (userId: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(userId.replaceAll('-', ''), 'hex'));

const bytesOf = (challenge: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(challenge, 'base64url'));

const described = ({ id, transports }: KnownCredential) => ({
  id: id.toString('base64url'),
  transports: [...transports],
});

const refused = (detail: string) => identityError('identity.passkey_refused', { detail });

/** The library's words tell an attacker what to mend next; they are for the log. */
function refuse(error: unknown): never {
  throw refused(error instanceof Error ? error.message : String(error));
}
