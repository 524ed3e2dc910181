/**
 * Signing in: the flow, and the credentials it asks for. This is its door within the room.
 *
 * Nothing heavy is loaded before it is used: argon2 with the first password, WebAuthn with the first passkey.
 */
import type { PolicySet } from '../../policies/index.ts';
import { signInCalls } from './calls.ts';
import { checkCalls, readInput } from './check-calls.ts';
import type { SignInConfig } from './config.ts';
import { createCredentialKeys } from './credential-key.ts';
import { createEmailChange, type EmailChange, type Mailing } from './email/email-change.ts';
import { type Factors, listFactors } from './factors.ts';
import { createSignIn, type SignIn } from './flow/sign-in.ts';
import { createPasskeys, type Passkeys } from './passkey/passkeys.ts';
import { createRelyingParty } from './passkey/relying-party.ts';
import { createBreachedList } from './password/breached-passwords.ts';
import { createPasswordHasher } from './password/password-hasher.ts';
import { createPasswordRules } from './password/password-rules.ts';
import { createPasswords, type Passwords } from './password/passwords.ts';
import { readPassword } from './password/read-password.ts';
import { type AccountsPort, callAccounts, type MintSession, type SendMail } from './ports.ts';
import { createRecoveryCodes, type RecoveryCodes } from './recovery/recovery-codes.ts';
import type { Limits } from './throttle/limits.ts';
import { createThrottle } from './throttle/throttle.ts';
import { createTotp, type Totp } from './totp/totp.ts';

export {
  type SignInCall,
  signInCalls,
} from './calls.ts';
export { generateCredentialKey } from './credential-key.ts';
export { EMAIL_CHANGE_SECONDS, type EmailChange } from './email/email-change.ts';
export type { Factors } from './factors.ts';
export type { SignIn } from './flow/sign-in.ts';
export type { Factor, FinishedStep, SignInStep, UnfinishedStep } from './flow/sign-in-step.ts';
export type { Passkeys } from './passkey/passkeys.ts';
export type { Passwords } from './password/passwords.ts';
export type { Mail, Sender, SendMail } from './ports.ts';
export type { RecoveryCodes } from './recovery/recovery-codes.ts';
export { hashSecret, newSecret } from './secret-token.ts';
export { requireRecentMfa, type SessionProof } from './step-up.ts';
export type { Totp } from './totp/totp.ts';

export interface SignInRoomPorts {
  readonly accounts: AccountsPort;
  readonly mintSession: MintSession;
  readonly lifetimes: { readonly idleSeconds: number; readonly absoluteSeconds: number };
  /** The page that a reset link leads to. Without it, and a way to send mail, passwords cannot be reset by mail. */
  readonly resetUrl?: string | undefined;
  readonly sendMail?: SendMail | undefined;
  /** How mails leave that are posted by the change they are about. Without it no address is changed by mail. */
  readonly mailing?: Mailing | undefined;
  /** The page that the link to another address leads to. */
  readonly emailChangeUrl?: string | undefined;
  /** Told of what failed behind an answer: a mail that did not leave, a list that was not there. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /** The clock that codes are compared with. */
  readonly now?: (() => number) | undefined;
  /** Other limits than the usual ones. */
  readonly limits?: Partial<Limits> | undefined;
}

export interface SignInRoom {
  readonly signIn: SignIn;
  readonly passwords: Passwords;
  readonly totp: Totp;
  readonly recoveryCodes: Pick<RecoveryCodes, 'renew'>;
  readonly passkeys: Passkeys;
  readonly emailChange: EmailChange;
  /** @throws `identity.session_invalid` */
  factors(input: { readonly sessionId: string }): Promise<Factors>;
  /**
   * Checks a first password and hashes it, for whoever makes the account in the same breath.
   *
   * @throws `identity.password_unreadable`, `identity.password_refused`
   */
  readonly hashPassword: (
    given: string,
    owner: { readonly email: string; readonly name: string },
    policies: PolicySet,
  ) => Promise<string>;
  /** How many argon2 runs there were, for metrics. */
  readonly hashesComputed: () => number;
}

export function createSignInRoom(config: SignInConfig, ports: SignInRoomPorts): SignInRoom {
  const { accounts } = ports;
  const onFailure = ports.onFailure ?? (() => {});
  const keys = createCredentialKeys(config.credentialKeys);
  const hasher = createPasswordHasher(config.passwordHashing);
  const rules = createPasswordRules({
    accounts,
    hasher,
    breached: createBreachedList(config.breachedPasswords, onFailure),
    breachedAlways: config.breachedPasswords.always,
  });
  const throttle = createThrottle({
    accounts,
    limits: ports.limits,
    async onReached({ limit }, waitSeconds, { email, door }) {
      await callAccounts(accounts, 'select bulkhead.sign_in_throttled($1, $2, $3)', [
        email ?? null,
        door ?? null,
        { metadata: { limit, waitSeconds } },
      ]);
    },
  });
  const recoveryCodes = createRecoveryCodes({ accounts, keys });
  const relyingParty = createRelyingParty(config.publicUrl, config.productName);
  const resetUrl = ports.resetUrl && `${ports.resetUrl}#`;
  const now = ports.now ?? Date.now;

  const signIn = createSignIn({
    accounts,
    hasher,
    rules,
    throttle,
    keys,
    recoveryCodes,
    relyingParty,
    mintSession: ports.mintSession,
    lifetimes: ports.lifetimes,
    now,
  });
  const { settled, ...calls } = createPasswords({
    accounts,
    hasher,
    rules,
    throttle,
    sendMail: ports.sendMail,
    resetUrl,
    onFailure,
  });
  const totp = createTotp({
    accounts,
    keys,
    recoveryCodes,
    throttle,
    issuer: config.productName,
    now,
  });
  const emailChange = createEmailChange({
    accounts,
    throttle,
    mailing: ports.mailing,
    hasPage: ports.emailChangeUrl !== undefined,
  });
  const passkeys = createPasskeys({ accounts, relyingParty, recoveryCodes });
  return {
    signIn: checkCalls('signIn', signIn),
    passwords: { ...checkCalls('passwords', calls), settled },
    totp: checkCalls('totp', totp),
    recoveryCodes: checkCalls('recoveryCodes', { renew: recoveryCodes.renew }),
    passkeys: checkCalls('passkeys', passkeys),
    emailChange: checkCalls('emailChange', emailChange),
    factors: async (input) =>
      listFactors(accounts, readInput(signInCalls.factors, input).sessionId),
    async hashPassword(given, owner, policies) {
      const password = readPassword(given);
      await rules.check(password, { ...owner, hash: undefined, earlier: [] }, policies);
      return hasher.hash(password);
    },
    hashesComputed: hasher.computed,
  };
}
