/**
 * Finds the session that a cookie's token belongs to.
 *
 * Promises: what is known of a session is never older than a second, so that ending one, suspending a member or
 * changing their roles holds within a second in every process, whether or not anything is heard of it; one
 * look-up at a time per token; no token is kept in memory, its hash is. A token that was replaced and comes
 * back after the grace ends its session in the very look-up.
 */
import { z } from 'zod';
import { runOutsideContext } from '../../isolation/index.ts';
import { BoundedCache } from '../bounded-cache.ts';
import { identityError } from '../errors.ts';
import type { RequestLike } from '../request.ts';
import { hashSessionToken, isSessionToken, mintSessionToken } from '../sessions/session-token.ts';
import type { QueryPort } from '../tenant-lookup.ts';
import type { Identity } from './identity.ts';
import { lookUp } from './look-up.ts';

export interface SessionFinderOptions {
  readonly graceSeconds: number;
  readonly rotateMinutes: number;
  /** The value of a Set-Cookie header. */
  readonly setCookie: (token: string, host: string | undefined) => string;
  readonly addressOf: (request: RequestLike) => string | undefined;
  readonly nowMs?: () => number;
}

export interface SessionFinder {
  /** @throws `identity.session_invalid`, `identity.credentials_unavailable` */
  find(token: string, request: RequestLike): Identity | Promise<Identity>;
  /**
   * How the session stands in a tenant; puts on record that it comes there, the first time.
   *
   * @throws `identity.session_shut_out`, `identity.tenant_not_allowed`, `identity.credentials_unavailable`
   */
  enter(
    identity: Identity,
    tenantId: string,
    request: RequestLike,
  ): SessionStanding | Promise<SessionStanding>;
}

/** What a tenant's policy asks about a session, besides its times. */
export interface SessionStanding {
  readonly newerSessions: number;
  readonly roles: readonly string[];
}

const TRUSTED_MS = 1_000;
const ENTRIES_MAX = 20_000;

const standingSchema = z.union([
  z.object({ shut: z.literal(true) }),
  z.object({ newer: z.number(), roles: z.array(z.string()) }),
]);
const foundSchema = z.object({
  state: z.enum(['live', 'replaced', 'stolen']),
  id: z.string(),
  user_id: z.string(),
  user_name: z.string(),
  methods: z.array(z.string()),
  created_at: z.coerce.date(),
  authenticated_at: z.coerce.date(),
  mfa_at: z.coerce.date().nullable(),
  last_seen_at: z.coerce.date(),
  ends_at: z.coerce.date(),
  token_age_seconds: z.number(),
  tenants: z.array(z.string()),
  has_factor: z.boolean(),
  entries: z.record(z.string(), standingSchema),
});

type Standing = z.output<typeof standingSchema>;
interface Known {
  readonly identity: Identity;
  readonly trustedUntilMs: number;
}

/** What belongs to an identity that came by a session, and to nobody who sees the identity. */
interface Visit {
  readonly hash: Buffer;
  readonly standings: Map<string, Standing>;
}

const FIND = 'select to_jsonb(f) as found from bulkhead.session_find($1, $2, $3) f';
const ROTATE = 'select bulkhead.session_rotate($1, $2) as rotated';
const ENTER = 'select bulkhead.session_enter($1, $2, $3) as standing';

export function createSessionFinder(db: QueryPort, options: SessionFinderOptions): SessionFinder {
  const nowMs = options.nowMs ?? Date.now;
  const known = new BoundedCache<Known>(ENTRIES_MAX);
  const underway = new Map<string, Promise<Identity>>();
  const visits = new WeakMap<Identity, Visit>();
  const rotateAfterSeconds = options.rotateMinutes * 60;

  async function find(key: string, hash: Buffer, request: RequestLike): Promise<Identity> {
    const askedAtMs = nowMs();
    try {
      const { rows } = await lookUp(() =>
        db.query(FIND, [hash, options.addressOf(request) ?? null, options.graceSeconds]),
      );
      const found = readFound(rows[0]);
      if (found === undefined || found.state === 'stolen') {
        known.delete(key);
        throw identityError('identity.session_invalid', {
          detail:
            found === undefined
              ? 'no live session has this token'
              : `session ${found.id}: its token was replaced and came back; the session was ended`,
        });
      }
      const identity = identityOf(found);
      visits.set(identity, { hash, standings: new Map(Object.entries(found.entries)) });
      known.set(key, { identity, trustedUntilMs: askedAtMs + TRUSTED_MS });
      if (found.state === 'live' && found.token_age_seconds >= rotateAfterSeconds) {
        await rotate(hash, request);
      }
      return identity;
    } finally {
      underway.delete(key);
    }
  }

  /** The old token stays good until the new one comes back, so that nothing is lost with an answer. */
  async function rotate(hash: Buffer, request: RequestLike): Promise<void> {
    if (request.addResponseHeader === undefined) return;
    const { token, hash: newHash } = mintSessionToken();
    const { rows } = await lookUp(() => db.query(ROTATE, [hash, newHash]));
    if (isTrue((rows[0] as { rotated?: unknown } | undefined)?.rotated)) {
      request.addResponseHeader('set-cookie', options.setCookie(token, request.host));
    }
  }

  async function enterFirst(
    visit: Visit,
    tenantId: string,
    request: RequestLike,
  ): Promise<SessionStanding> {
    const { rows } = await lookUp(() =>
      db.query(ENTER, [visit.hash, tenantId, options.addressOf(request) ?? null]),
    );
    const said = fromJson((rows[0] as { standing?: unknown } | undefined)?.standing);
    if (said === null || said === undefined) {
      throw identityError('identity.tenant_not_allowed', { detail: 'no active membership' });
    }
    const standing = standingSchema.parse(said);
    visit.standings.set(tenantId, standing);
    return readStanding(standing);
  }

  return {
    find(token, request) {
      if (!isSessionToken(token)) {
        throw identityError('identity.session_invalid', { detail: 'not a session token' });
      }
      const hash = hashSessionToken(token);
      const key = hash.toString('base64');
      const at = known.get(key);
      if (at !== undefined) {
        const leftMs = at.trustedUntilMs - nowMs();
        // A clock that was set back makes it long; then nothing is known about its age.
        if (leftMs > 0 && leftMs <= TRUSTED_MS) return at.identity;
        known.delete(key);
      }
      let finding = underway.get(key);
      if (finding === undefined) {
        // Of a request's affair only its answer: what others of the same token wait for is in no context.
        finding = runOutsideContext(() => find(key, hash, request));
        underway.set(key, finding);
      }
      return finding;
    },
    enter(identity, tenantId, request) {
      const visit = visits.get(identity);
      if (visit === undefined) throw identityError('identity.session_invalid');
      const standing = visit.standings.get(tenantId);
      return standing === undefined ? enterFirst(visit, tenantId, request) : readStanding(standing);
    },
  };
}

/** @throws `identity.session_shut_out` */
function readStanding(standing: Standing): SessionStanding {
  if ('shut' in standing) throw identityError('identity.session_shut_out');
  return { newerSessions: standing.newer, roles: standing.roles };
}

function readFound(row: unknown): z.output<typeof foundSchema> | undefined {
  const found = fromJson((row as { found?: unknown } | undefined)?.found);
  return found === undefined || found === null ? undefined : foundSchema.parse(found);
}

/** The app's own connection reads everything as text. */
function fromJson(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value;
}

const isTrue = (value: unknown): boolean => value === true || value === 't';

function identityOf(found: z.output<typeof foundSchema>): Identity {
  return {
    actor: { type: 'user', id: found.user_id, name: found.user_name },
    tenants: found.tenants,
    expiresAtMs: found.ends_at.getTime(),
    session: Object.freeze({
      id: found.id,
      methods: found.methods,
      startedAtMs: found.created_at.getTime(),
      authenticatedAtMs: found.authenticated_at.getTime(),
      lastUsedAtMs: found.last_seen_at.getTime(),
      mfaAtMs: found.mfa_at?.getTime() ?? null,
      hasFactor: found.has_factor,
    }),
  };
}
