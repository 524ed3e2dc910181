/**
 * Sessions of people, who see and end their own; a tenant's administrators have `session.*` operations, which
 * reach no further than their tenant.
 *
 * Promises: a session is started only by whoever has the identity role's connection, never by a statement of the
 * app; ending one holds within a second in every process. Whom a call is about is the caller's to have asked.
 */
import { z } from 'zod';
import type { AccountsQuery } from '../accounts/accounts-query.ts';
import type { ForOperator } from '../accounts/users.ts';
import { identityError } from '../errors.ts';
import { deviceOf } from './device.ts';
import { hashSessionToken, isSessionToken, mintSessionToken } from './session-token.ts';

export interface NewSession {
  /** How they showed who they are: password, totp, passkey and the like. */
  readonly methods: readonly string[];
  /** When they passed a second factor, if they did. */
  readonly mfaAt?: Date | undefined;
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
}

export interface StartedSession {
  readonly id: string;
  /** For the cookie; shown once. */
  readonly token: string;
}

/** A session as its own user sees it. */
export interface OwnSession {
  readonly id: string;
  readonly device: string;
  readonly userAgent: string | null;
  readonly ip: string | null;
  readonly methods: readonly string[];
  readonly createdAt: Date;
  readonly authenticatedAt: Date;
  readonly mfaAt: Date | null;
  readonly lastSeenAt: Date;
  /** Ends then at the latest; when nobody uses it, if it is not used. */
  readonly endsAt: Date;
}

export interface Sessions {
  /**
   * Starts a session for a user who has just shown who they are.
   *
   * @throws `identity.user_absent`, `identity.user_disabled`, `identity.accounts_unconfigured`
   */
  start(userId: string, session: NewSession): Promise<StartedSession>;
  /**
   * Adds what a user has just shown to their session (step-up). The token before is worth nothing from then on.
   *
   * @throws `identity.session_invalid`
   */
  elevate(
    sessionId: string,
    shown: { readonly methods: readonly string[]; readonly mfaAt?: Date | undefined },
  ): Promise<StartedSession>;
  /** A user's own, the last used first. */
  list(userId: string): Promise<readonly OwnSession[]>;
  /** False where the user has no such session. */
  revoke(userId: string, sessionId: string): Promise<boolean>;
  /** All of a user's, but for one; says how many ended. @throws `access.owner_protected` */
  revokeAll(
    userId: string,
    options?: {
      readonly except?: string | undefined;
      /** Who does it, as type:id; the user themself unless said. */
      readonly by?: string | undefined;
    } & ForOperator,
  ): Promise<number>;
  /** Signs out: ends the session of a cookie's token. False where there is none. */
  end(token: string): Promise<boolean>;
  /** Forgets sessions that ended so many days ago; says how many. For a job. */
  sweep(days?: number): Promise<number>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const SWEPT_AT_ONCE = 1_000;
const KEPT_DAYS = 30;

const ownRow = z.object({
  id: z.string(),
  methods: z.array(z.string()),
  created_at: z.coerce.date(),
  authenticated_at: z.coerce.date(),
  mfa_at: z.coerce.date().nullable(),
  last_seen_at: z.coerce.date(),
  last_ip: z.string().nullable(),
  user_agent: z.string().nullable(),
  expires_at: z.coerce.date(),
});

/** @param app asks as the app's role, in no context */
export function createSessions(
  accounts: AccountsQuery,
  app: (text: string, values: unknown[]) => Promise<{ readonly rows: readonly unknown[] }>,
  lifetime: { readonly idleMinutes: number; readonly absoluteMinutes: number },
): Sessions {
  return {
    async start(userId, { methods, mfaAt, ip, userAgent }) {
      const { token, hash } = mintSessionToken();
      const { rows } = await accounts.query(
        'select bulkhead.session_open($1, $2, $3, $4, $5, $6, $7, $8) as id',
        [
          readUser(userId),
          hash,
          methods,
          mfaAt ?? null,
          ip ?? null,
          userAgent ?? null,
          lifetime.idleMinutes * 60,
          lifetime.absoluteMinutes * 60,
        ],
      );
      return { id: z.string().parse(rows[0]?.id), token };
    },
    async elevate(sessionId, { methods, mfaAt }) {
      const { token, hash } = mintSessionToken();
      await accounts.query('select bulkhead.session_elevate($1, $2, $3, $4)', [
        readSession(sessionId),
        methods,
        mfaAt ?? null,
        hash,
      ]);
      return { id: sessionId, token };
    },
    async list(userId) {
      const { rows } = await accounts.query('select * from bulkhead.sessions_of($1)', [
        readUser(userId),
      ]);
      return rows.map(readOwn);
    },
    async revoke(userId, sessionId) {
      if (!UUID.test(sessionId)) return false;
      const { rows } = await accounts.query(
        `select bulkhead.session_revoke($1, $2, 'revoked') as ended`,
        [readUser(userId), sessionId],
      );
      return rows[0]?.ended === true;
    },
    async revokeAll(userId, { except, by, operator } = {}) {
      const { rows } = await accounts.query(
        `select bulkhead.sessions_revoke($1, $2, 'revoked', $3, $4) as ended`,
        [
          readUser(userId),
          except === undefined ? null : readSession(except),
          by ?? null,
          operator ?? null,
        ],
      );
      return Number(rows[0]?.ended);
    },
    async end(token) {
      if (!isSessionToken(token)) return false;
      const { rows } = await app('select bulkhead.session_close($1) as ended', [
        hashSessionToken(token),
      ]);
      const { ended } = (rows[0] ?? {}) as { ended?: unknown };
      // The app's own connection reads everything as text.
      return ended === true || ended === 't';
    },
    async sweep(days = KEPT_DAYS) {
      let swept = 0;
      for (;;) {
        const { rows } = await accounts.query('select bulkhead.sessions_sweep($1, $2) as count', [
          days,
          SWEPT_AT_ONCE,
        ]);
        const count = Number(rows[0]?.count);
        swept += count;
        if (count < SWEPT_AT_ONCE) return swept;
      }
    },
  };
}

function readOwn(row: unknown): OwnSession {
  const s = ownRow.parse(row);
  return {
    id: s.id,
    device: deviceOf(s.user_agent),
    userAgent: s.user_agent,
    ip: s.last_ip,
    methods: s.methods,
    createdAt: s.created_at,
    authenticatedAt: s.authenticated_at,
    mfaAt: s.mfa_at,
    lastSeenAt: s.last_seen_at,
    endsAt: s.expires_at,
  };
}

/** @throws `identity.user_absent`: what is no id is nobody's. */
function readUser(id: string): string {
  if (!UUID.test(id)) throw identityError('identity.user_absent');
  return id;
}

/** @throws `identity.session_invalid` */
function readSession(id: string): string {
  if (!UUID.test(id)) throw identityError('identity.session_invalid');
  return id;
}
