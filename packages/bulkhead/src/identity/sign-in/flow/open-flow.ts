/** Rows of the flow's functions, read. */
import { createHash } from 'node:crypto';
import type { Row } from '../ports.ts';
import type { Factor, SignInStep } from './sign-in-step.ts';

/** An open flow and what a proof is compared with. */
export interface OpenFlow {
  readonly hash: Buffer;
  readonly purpose: 'sign_in' | 'step_up';
  /** Absent for an address that nobody has. */
  readonly userId: string | undefined;
  /** What stands for the address when attempts are counted. */
  readonly account: string;
  readonly email: string | undefined;
  readonly door: string | undefined;
  readonly passed: readonly Factor[];
  readonly passwordDue: boolean;
  readonly passwordHash: string | undefined;
  readonly totpSealed: Buffer | undefined;
  readonly deviceKnown: boolean;
}

export function readOpenFlow(row: Row, hash: Buffer): OpenFlow {
  const text = (name: string) => (row[name] === null ? undefined : String(row[name]));
  const email = text('email');
  return {
    hash,
    purpose: row.purpose === 'step_up' ? 'step_up' : 'sign_in',
    userId: text('user_id'),
    account: accountKey(email ?? ''),
    email,
    door: text('door'),
    // Arrays and bytes, as the driver reads them.
    passed: row.passed as Factor[],
    passwordDue: row.password_due === true,
    passwordHash: text('password_hash'),
    totpSealed: (row.totp_sealed as Buffer | null) ?? undefined,
    deviceKnown: row.device_known === true,
  };
}

/** The table of counts need not list who tries to sign in. */
export const accountKey = (email: string): string =>
  createHash('sha256').update(email).digest('hex');

interface Passed {
  readonly done: boolean;
  readonly next: Factor[];
  readonly session: string;
  readonly deviceIsNew: boolean;
  readonly methods: Factor[];
  readonly mfa: boolean;
  readonly mustEnrol: boolean;
  readonly user: { readonly id: string; readonly email: string; readonly name: string };
  readonly recoveryCodesLeft: number;
}

/** @param tokens those that were minted for the case that this was the last step. */
export function readPassed(
  value: unknown,
  tokens: { readonly flow: string; readonly sessionToken: string; readonly device: string },
): SignInStep | undefined {
  // Built by bulkhead.sign_in_pass; null where the proof was not good any more.
  const passed = value as Passed | null | undefined;
  if (!passed) return undefined;
  if (!passed.done) return { done: false, flow: tokens.flow, next: passed.next };
  return {
    done: true,
    sessionToken: tokens.sessionToken,
    sessionId: passed.session,
    user: passed.user,
    methods: passed.methods,
    mfa: passed.mfa,
    mustEnrol: passed.mustEnrol,
    recoveryCodesLeft: passed.recoveryCodesLeft,
    ...(passed.deviceIsNew && { device: tokens.device }),
  };
}
