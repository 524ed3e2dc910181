/**
 * Time-based one-time codes (RFC 6238): six digits, thirty seconds, SHA-1, as every authenticator reads them.
 *
 * Promises: a code is good for the step it belongs to and the one before and after, and tells which step that
 * is, so that the database can refuse the same one twice; all steps are compared in the same time.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 20;
const PERIOD_SECONDS = 30;
const DIGITS = 6;
/** How many steps a clock may be off. */
const SKEW_STEPS = 1;

export const newTotpSecret = (): Buffer => randomBytes(SECRET_BYTES);

export interface TotpLabel {
  /** The product, as authenticators show it. */
  readonly issuer: string;
  /** The account, such as the e-mail. */
  readonly account: string;
}

export interface TotpInvitation {
  /** `otpauth://totp/…`, to show as a QR code. */
  readonly uri: string;
  /** The same secret in Base32, to type. */
  readonly secret: string;
}

export async function describeTotp(secret: Buffer, label: TotpLabel): Promise<TotpInvitation> {
  const { Secret, TOTP } = await import('otpauth');
  const shared = new Secret({ buffer: Uint8Array.from(secret).buffer });
  const totp = new TOTP({
    // Authenticators split the label at a colon.
    issuer: label.issuer.replaceAll(':', ' '),
    label: label.account.replaceAll(':', ' '),
    algorithm: 'SHA1',
    digits: DIGITS,
    period: PERIOD_SECONDS,
    secret: shared,
  });
  return { uri: totp.toString(), secret: shared.base32 };
}

/** Six digits, as people type them: with spaces or without. Undefined for anything else. */
export function readTotpCode(given: string): string | undefined {
  const code = given.replace(/[\s-]/g, '');
  return /^[0-9]{6}$/.test(code) && given.length <= 32 ? code : undefined;
}

export const stepAt = (nowMs: number): number => Math.floor(nowMs / 1000 / PERIOD_SECONDS);

/** The step that a code belongs to, or undefined. The newest first: a code never stands for two. */
export function findTotpStep(secret: Buffer, code: string, nowMs: number): number | undefined {
  const now = stepAt(nowMs);
  let found: number | undefined;
  for (let step = now - SKEW_STEPS; step <= now + SKEW_STEPS; step += 1) {
    if (step >= 0 && sameText(totpCode(secret, step), code)) found = step;
  }
  return found;
}

/** RFC 4226, section 5.3. */
export function totpCode(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  const value = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(value % 10 ** DIGITS).padStart(DIGITS, '0');
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
