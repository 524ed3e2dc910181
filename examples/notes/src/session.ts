/**
 * Who is signed in: a signed cookie, and the token that ties a form to it.
 *
 * Promises: a session that verifies was issued by this server, for that person in that organization, and
 * has not expired. Does not promise revocation before expiry: a real app would keep sessions in a table.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Session {
  readonly personId: string;
  readonly name: string;
  readonly email: string;
  readonly tenantId: string;
  readonly tenantSlug: string;
  /** The name of the organization, for people. */
  readonly organization: string;
  readonly expiresAtMs: number;
}

export const SESSION_COOKIE = 'notes_session';
export const SESSION_LIFETIME_SECONDS = 8 * 60 * 60;

function sign(secret: string, purpose: string, text: string): Buffer {
  return createHmac('sha256', secret).update(`${purpose}\0${text}`).digest();
}

function sameBytes(given: string, expected: Buffer): boolean {
  const bytes = Buffer.from(given, 'base64url');
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

export function issueSession(secret: string, session: Session): string {
  const body = Buffer.from(JSON.stringify(session)).toString('base64url');
  return `${body}.${sign(secret, 'session', body).toString('base64url')}`;
}

function sessionCookie(cookieHeader: string | undefined): string | undefined {
  for (const pair of (cookieHeader ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === SESSION_COOKIE) return value;
  }
  return undefined;
}

/** The session of a `Cookie` header, or undefined for an absent, altered or expired one. */
export function readSession(
  secret: string,
  cookieHeader: string | undefined,
  nowMs = Date.now(),
): Session | undefined {
  const [body, mac] = (sessionCookie(cookieHeader) ?? '').split('.', 2);
  // The signature first: nothing unsigned is parsed.
  if (!body || !mac || !sameBytes(mac, sign(secret, 'session', body))) return undefined;
  const session = JSON.parse(Buffer.from(body, 'base64url').toString()) as Session;
  return session.expiresAtMs > nowMs ? session : undefined;
}

/** `path` keeps the session of `/t/acme` out of `/t/borealis`; SameSite=Lax keeps it out of other sites' posts. */
export function sessionCookieHeader(token: string, path: string): string {
  const age = token === '' ? 0 : SESSION_LIFETIME_SECONDS;
  return `${SESSION_COOKIE}=${token}; Path=${path}; Max-Age=${age}; HttpOnly; SameSite=Lax`;
}

/** The hidden field of every form: bound to the person, the organization and the end of the session. */
export function formToken(secret: string, session: Session): string {
  const bound = `${session.tenantId}.${session.personId}.${session.expiresAtMs}`;
  return sign(secret, 'form', bound).toString('base64url');
}

export function formTokenMatches(secret: string, session: Session, given: unknown): boolean {
  const expected = Buffer.from(formToken(secret, session), 'base64url');
  return typeof given === 'string' && sameBytes(given, expected);
}
