/** WebAuthn as the browser speaks it: JSON out of the control plane, bytes in, JSON back. */
import { ask } from '../../api/request.ts';
import type { SignInStep } from '../../api/shapes.ts';

export const hasPasskeys = (): boolean => typeof PublicKeyCredential === 'function';

/** @param challenge of a sign-in that asks for a second factor */
export async function answerPasskey(email: string, challenge?: string): Promise<SignInStep> {
  const asked = await ask('post', '/sign-in/passkey/options', {
    body: { ...(email !== '' && { email }), ...(challenge !== undefined && { challenge }) },
  });
  const credential = (await navigator.credentials.get({
    publicKey: readOptions(asked.options as unknown as PublicKeyCredentialRequestOptionsJSON),
  })) as PublicKeyCredential;
  return ask('post', '/sign-in/passkey/verify', {
    body: { challenge: asked.challenge, response: writeCredential(credential) },
  });
}

function readOptions(
  options: PublicKeyCredentialRequestOptionsJSON,
): PublicKeyCredentialRequestOptions {
  const { hints, extensions, allowCredentials, userVerification, ...rest } = options;
  return {
    ...rest,
    challenge: bytesOf(options.challenge),
    userVerification: (userVerification ?? 'required') as UserVerificationRequirement,
    allowCredentials: (allowCredentials ?? []).map(({ id }) => ({
      id: bytesOf(id),
      type: 'public-key' as const,
    })),
  };
}

function writeCredential(credential: PublicKeyCredential): Record<string, unknown> {
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      clientDataJSON: textOf(response.clientDataJSON),
      authenticatorData: textOf(response.authenticatorData),
      signature: textOf(response.signature),
      userHandle: response.userHandle === null ? undefined : textOf(response.userHandle),
    },
  };
}

/** Makes a passkey on this device and keeps it at the account. */
export async function makePasskey(
  name: string,
): Promise<{ readonly recoveryCodes: readonly string[] | null }> {
  const asked = await ask('post', '/me/passkeys/options');
  // What WebAuthn says of them, which the API's description leaves to it.
  const options = asked.options as unknown as PublicKeyCredentialCreationOptionsJSON & {
    attestationFormats?: unknown;
  };
  const { hints, extensions, attestationFormats, attestation, excludeCredentials, ...rest } =
    options;
  const credential = (await navigator.credentials.create({
    publicKey: {
      ...rest,
      challenge: bytesOf(options.challenge),
      user: { ...options.user, id: bytesOf(options.user.id) },
      pubKeyCredParams: options.pubKeyCredParams as PublicKeyCredentialParameters[],
      authenticatorSelection: options.authenticatorSelection as AuthenticatorSelectionCriteria,
      excludeCredentials: (excludeCredentials ?? []).map(({ id }) => ({
        id: bytesOf(id),
        type: 'public-key' as const,
      })),
    },
  })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  return ask('post', '/me/passkeys', {
    body: {
      challenge: asked.challenge,
      name,
      response: {
        id: credential.id,
        rawId: textOf(credential.rawId),
        type: credential.type,
        clientExtensionResults: credential.getClientExtensionResults(),
        response: {
          clientDataJSON: textOf(response.clientDataJSON),
          attestationObject: textOf(response.attestationObject),
          transports: response.getTransports(),
        },
      },
    },
  });
}

function bytesOf(base64url: string): ArrayBuffer {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (char) => char.charCodeAt(0)).buffer;
}

const textOf = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
