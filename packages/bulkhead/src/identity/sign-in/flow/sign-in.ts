/**
 * The way in: `start`, one proof after the other, a session.
 *
 * Promises: an address that nobody has answers like one with a wrong password, after the same work; a second
 * factor is asked of everyone who has one; a proof is used up and the session begun in one transaction, so that
 * neither a race nor a crash makes two of one; wrong proofs are slowed by account, network, tenant and code.
 * A browser that has signed this user in before has attempts of its own, so strangers who lock an account do not
 * lock out its owner.
 * Does not promise entry to a tenant: who signed in enters one by membership, and by what it demands.
 */
import { readEmailAddress } from '../../email-address.ts';
import { identityError } from '../../errors.ts';
import type { CredentialKeys } from '../credential-key.ts';
import { readCredentials, takeChallenge } from '../passkey/passkeys.ts';
import {
  type AuthenticationResponseJSON,
  newChallenge,
  type PublicKeyCredentialRequestOptionsJSON,
  type RelyingParty,
  userHandleOf,
} from '../passkey/relying-party.ts';
import type { PasswordHasher } from '../password/password-hasher.ts';
import type { PasswordRules } from '../password/password-rules.ts';
import { readPassword } from '../password/read-password.ts';
import {
  type AccountsPort,
  callAccounts,
  factsOf,
  type MintSession,
  type Sender,
} from '../ports.ts';
import type { RecoveryCodes } from '../recovery/recovery-codes.ts';
import { hashSecret, newSecret } from '../secret-token.ts';
import { networkOf } from '../throttle/network.ts';
import type { Counted, Throttle } from '../throttle/throttle.ts';
import { totpPurpose } from '../totp/totp.ts';
import { findTotpStep, readTotpCode } from '../totp/totp-code.ts';
import { type OpenFlow, readOpenFlow, readPassed } from './open-flow.ts';
import type { Factor, SignInStep, UnfinishedStep } from './sign-in-step.ts';

/** Long enough for a walk to the other room where the phone lies. */
const FLOW_SECONDS = 10 * 60;
/** Of one flow, whatever is tried in it. */
const ATTEMPTS_MAX = 20;

export interface SignIn {
  /**
   * Opens a sign-in. Without an address only a passkey can go on.
   *
   * @param input.door the id of the tenant at whose address somebody stands, if at one.
   * @throws `identity.throttled`
   */
  start(
    input: { readonly email?: string | undefined; readonly door?: string | undefined },
    sender: Sender,
  ): Promise<UnfinishedStep>;
  /**
   * Opens a new proof within a session; what finishes it brings a fresh token of the same session.
   *
   * @throws `identity.session_invalid`, `identity.throttled`
   */
  stepUp(input: { readonly sessionId: string }, sender: Sender): Promise<UnfinishedStep>;
  /**
   * @throws `identity.sign_in_refused`, `identity.flow_invalid`, `identity.throttled`,
   *   `identity.password_unreadable`, `identity.sign_in_busy`
   */
  password(
    input: { readonly flow: string; readonly password: string },
    sender: Sender,
  ): Promise<SignInStep>;
  /** @throws `identity.code_refused`, `identity.flow_invalid`, `identity.throttled` */
  totp(
    input: { readonly flow: string; readonly code: string },
    sender: Sender,
  ): Promise<SignInStep>;
  /** @throws `identity.code_refused`, `identity.flow_invalid`, `identity.throttled` */
  recoveryCode(
    input: { readonly flow: string; readonly code: string },
    sender: Sender,
  ): Promise<SignInStep>;
  /** @throws `identity.flow_invalid`, `identity.throttled`, `identity.public_url_missing` */
  passkeyOptions(
    input: { readonly flow: string },
    sender: Sender,
  ): Promise<PublicKeyCredentialRequestOptionsJSON>;
  /** @throws `identity.passkey_refused`, `identity.flow_invalid`, `identity.throttled` */
  passkey(
    input: { readonly flow: string; readonly response: AuthenticationResponseJSON },
    sender: Sender,
  ): Promise<SignInStep>;
  /**
   * Where the step before asked for a new password.
   *
   * @throws `identity.password_refused`, `identity.password_unreadable`, `identity.flow_invalid`
   */
  newPassword(
    input: { readonly flow: string; readonly password: string },
    sender: Sender,
  ): Promise<SignInStep>;
}

export interface SignInPorts {
  readonly accounts: AccountsPort;
  readonly hasher: PasswordHasher;
  readonly rules: PasswordRules;
  readonly throttle: Throttle;
  readonly keys: CredentialKeys;
  readonly recoveryCodes: RecoveryCodes;
  readonly relyingParty: RelyingParty;
  readonly mintSession: MintSession;
  readonly lifetimes: { readonly idleSeconds: number; readonly absoluteSeconds: number };
  readonly now: () => number;
}

export function createSignIn(ports: SignInPorts): SignIn {
  const { accounts, hasher, rules, throttle, relyingParty } = ports;

  /** Counts the attempt in the flow and reads what it is compared with. */
  async function look(flow: string, sender: Sender): Promise<OpenFlow> {
    const hash = hashSecret('flow', flow);
    if (hash === undefined) throw identityError('identity.flow_invalid');
    const device = hashSecret('device', sender.device) ?? null;
    const [row] = await callAccounts(accounts, 'select * from bulkhead.sign_in_look($1, $2, $3)', [
      hash,
      device,
      ATTEMPTS_MAX,
    ]);
    if (row === undefined) throw identityError('identity.flow_invalid');
    return readOpenFlow(row, hash);
  }

  /** Uses the proof up; undefined where it is not good any more. */
  async function pass(
    flow: string,
    open: OpenFlow,
    factor: Factor,
    proof: Readonly<Record<string, unknown>>,
    sender: Sender,
    passwordDays?: number | null,
  ): Promise<SignInStep | undefined> {
    const session = ports.mintSession();
    const device = newSecret('device');
    const known = hashSecret('device', sender.device);
    const opening = {
      ...factsOf(sender),
      ...ports.lifetimes,
      token: session.hash.toString('hex'),
      device: device.hash.toString('hex'),
      ...(known !== undefined && { knownDevice: known.toString('hex') }),
      ...(passwordDays && { passwordDays }),
    };
    const [row] = await callAccounts(
      accounts,
      'select bulkhead.sign_in_pass($1, $2, $3, $4) as passed',
      [open.hash, factor, proof, opening],
    );
    return readPassed(row?.passed, { flow, sessionToken: session.token, device: device.token });
  }

  async function refuse(open: OpenFlow, factor: Factor, sender: Sender): Promise<void> {
    await callAccounts(accounts, 'select bulkhead.sign_in_refuse($1, $2, $3)', [
      open.hash,
      factor,
      factsOf(sender),
    ]);
  }

  /** A code of the second factor, whichever: the same limits, the same answer when it is wrong. */
  async function code(
    factor: 'totp' | 'recovery_code',
    flow: string,
    sender: Sender,
    read: (open: OpenFlow, userId: string) => Readonly<Record<string, unknown>> | undefined,
  ): Promise<SignInStep> {
    const open = await look(flow, sender);
    const { userId } = open;
    const attempt = await throttle.admit(countedCodes(open, sender), open);
    // Before the password was right nobody learns whether there is anything to compare with.
    const ripe = open.passed.includes('password') || open.purpose === 'step_up';
    const proof = userId === undefined || !ripe ? undefined : read(open, userId);
    const step = proof && (await pass(flow, open, factor, proof, sender));
    if (step === undefined) {
      await refuse(open, factor, sender);
      throw identityError('identity.code_refused');
    }
    await attempt.succeeded();
    return step;
  }

  return {
    async start({ email, door }, sender) {
      await throttle.admit([{ limit: 'opening', of: networkKey(sender) }]);
      const { token, hash } = newSecret('flow');
      await callAccounts(accounts, 'select bulkhead.sign_in_start($1, $2, $3, $4)', [
        hash,
        email === undefined ? null : (readEmailAddress(email) ?? null),
        door ?? null,
        FLOW_SECONDS,
      ]);
      return {
        done: false,
        flow: token,
        next: email === undefined ? ['passkey'] : ['password', 'passkey'],
      };
    },

    async stepUp({ sessionId }, sender) {
      await throttle.admit([{ limit: 'opening', of: networkKey(sender) }]);
      const { token, hash } = newSecret('flow');
      const [row] = await callAccounts(
        accounts,
        'select bulkhead.step_up_start($1, $2, $3) as next',
        [hash, sessionId, FLOW_SECONDS],
      );
      return { done: false, flow: token, next: row?.next as Factor[] };
    },

    async password({ flow, password: given }, sender) {
      const password = readPassword(given);
      const open = await look(flow, sender);
      const attempt = await throttle.admit(countedPassword(open, sender), open);
      const { matches, stale } = await hasher.compare(password, open.passwordHash);
      if (!matches || open.userId === undefined) {
        await refuse(open, 'password', sender);
        throw identityError('identity.sign_in_refused');
      }
      const { password: policy } = await rules.of(open.userId);
      const rehashed = stale ? { rehashed: await hasher.hash(password) } : {};
      const proof = { expected: open.passwordHash, ...rehashed };
      const step = await pass(flow, open, 'password', proof, sender, policy.ageMaxDays);
      if (step === undefined) throw identityError('identity.flow_invalid');
      await attempt.succeeded();
      return step;
    },

    totp: ({ flow, code: given }, sender) =>
      code('totp', flow, sender, ({ totpSealed }, userId) => {
        const digits = readTotpCode(given);
        if (totpSealed === undefined || digits === undefined) return undefined;
        const secret = ports.keys.open(totpPurpose(userId), totpSealed);
        const step = findTotpStep(secret, digits, ports.now());
        if (step === undefined) return undefined;
        const stale = ports.keys.isStale(totpSealed);
        const resealed = () => ports.keys.seal(totpPurpose(userId), secret).toString('hex');
        return { step, ...(stale && { resealed: resealed() }) };
      }),

    recoveryCode: ({ flow, code: given }, sender) =>
      code('recovery_code', flow, sender, (_open, userId) => {
        const hashes = ports.recoveryCodes.hashesOf(userId, given);
        return hashes.length === 0
          ? undefined
          : { hashes: hashes.map((hash) => hash.toString('hex')) };
      }),

    async passkeyOptions({ flow }, sender) {
      await throttle.admit([{ limit: 'opening', of: networkKey(sender) }]);
      const hash = hashSecret('flow', flow);
      if (hash === undefined) throw identityError('identity.flow_invalid');
      const challenge = newChallenge();
      const [row] = await callAccounts(
        accounts,
        'select credentials from bulkhead.passkey_ask($1, $2)',
        [hash, challenge],
      );
      if (row === undefined) throw identityError('identity.flow_invalid');
      return relyingParty.requestOptions(challenge, readCredentials(row.credentials));
    },

    async passkey({ flow, response }, sender) {
      const open = await look(flow, sender);
      const network: Counted = { limit: 'network', of: networkKey(sender) };
      const attempt = await throttle.admit([network], open);
      // Taken before it is looked at: one challenge, one answer.
      const challenge = await takeChallenge(accounts, open.hash);
      const credential = Buffer.from(response.id, 'base64url');
      const [row] = await callAccounts(
        accounts,
        'select user_id, public_key, transports from bulkhead.passkey_find($1)',
        [credential],
      );
      const refused = async (detail: string) => {
        await refuse(open, 'passkey', sender);
        return identityError('identity.passkey_refused', { detail });
      };
      if (row === undefined) throw await refused('no such credential');
      const { userHandle } = response.response;
      const owner = Buffer.from(userHandleOf(String(row.user_id))).toString('base64url');
      if (userHandle !== undefined && userHandle !== owner) throw await refused('another user');
      let used: { counter: number; backedUp: boolean };
      try {
        used = await relyingParty.verifyRequest(response, challenge, {
          credentialId: credential,
          // A bytea and a text array, as the driver reads them.
          publicKey: row.public_key as Buffer,
          transports: row.transports as string[],
        });
      } catch (error) {
        await refuse(open, 'passkey', sender);
        throw error;
      }
      const proof = { credential: credential.toString('hex'), ...used };
      const step = await pass(flow, open, 'passkey', proof, sender);
      if (step === undefined) throw await refused('the counter, the account or the flow');
      await attempt.succeeded();
      return step;
    },

    async newPassword({ flow, password: given }, sender) {
      const password = readPassword(given);
      const open = await look(flow, sender);
      if (open.userId === undefined || !open.passwordDue)
        throw identityError('identity.flow_invalid');
      const [row] = await callAccounts(
        accounts,
        'select email, name, hash, earlier from bulkhead.password_earlier($1)',
        [open.userId],
      );
      if (row === undefined) throw identityError('identity.flow_invalid');
      const owner = {
        email: String(row.email),
        name: String(row.name ?? ''),
        hash: open.passwordHash,
        earlier: row.earlier as string[],
      };
      const policies = await rules.of(open.userId);
      // What is too old is never good again, whatever the history says.
      if ((await hasher.compare(password, owner.hash)).matches) {
        throw identityError('identity.password_refused', {
          message: 'A new password must differ from the one that is too old.',
        });
      }
      await rules.check(password, owner, policies);
      const proof = { expected: owner.hash, hash: await hasher.hash(password) };
      const step = await pass(flow, open, 'new_password', proof, sender);
      if (step === undefined) throw identityError('identity.flow_invalid');
      return step;
    },
  };
}

const networkKey = (sender: Sender): string => networkOf(sender.ip ?? '') ?? 'unknown';

/** A browser that has signed this user in before is counted by itself alone. */
function countedPassword(open: OpenFlow, sender: Sender): Counted[] {
  const device = hashSecret('device', sender.device);
  if (open.deviceKnown && device !== undefined) {
    return [{ limit: 'device', of: device.toString('hex') }];
  }
  return [
    { limit: 'network', of: networkKey(sender) },
    { limit: 'account', of: open.account },
    ...(open.door === undefined ? [] : [{ limit: 'tenant', of: open.door } as const]),
  ];
}

function countedCodes(open: OpenFlow, sender: Sender): Counted[] {
  const device = hashSecret('device', sender.device);
  if (open.deviceKnown && device !== undefined) {
    return [{ limit: 'device', of: `${device.toString('hex')} code` }];
  }
  return [
    { limit: 'network', of: networkKey(sender) },
    { limit: 'factor', of: open.userId ?? open.account },
  ];
}
