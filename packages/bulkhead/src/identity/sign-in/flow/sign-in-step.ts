/** What a step of signing in answers. */

/** `new_password`: the old one is too old by policy. */
export type Factor = 'password' | 'passkey' | 'totp' | 'recovery_code' | 'new_password';

export type SignInStep = UnfinishedStep | FinishedStep;

export interface UnfinishedStep {
  readonly done: false;
  readonly flow: string;
  /** What may be shown next; any one of them. */
  readonly next: readonly Factor[];
}

export interface FinishedStep {
  readonly done: true;
  /** For the session's cookie. */
  readonly sessionToken: string;
  readonly sessionId: string;
  readonly user: { readonly id: string; readonly email: string; readonly name: string };
  /** What was shown. */
  readonly methods: readonly Factor[];
  /** Two factors were shown, or a passkey, which is two. */
  readonly mfa: boolean;
  /** A tenant of the user demands a second factor and there is none: they get in there once they set one up. */
  readonly mustEnrol: boolean;
  readonly recoveryCodesLeft: number;
  /** For the device's cookie, where this browser is new. */
  readonly device?: string;
}
