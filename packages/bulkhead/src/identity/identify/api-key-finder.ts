/**
 * Finds the API key that a token belongs to.
 *
 * Promises: a token that is not well-formed, or was mistyped, costs the database nothing; what is known of a key
 * is never older than a second, so that revoking one holds within a second in every process; the last use is
 * noted, many keys at once, and no request waits for it.
 */
import { z } from 'zod';
import { runOutsideContext } from '../../isolation/index.ts';
import { BoundedCache } from '../bounded-cache.ts';
import { identityError } from '../errors.ts';
import { hashApiKey, isApiKey } from '../keys/api-key-token.ts';
import type { KeyUses } from '../keys/key-uses.ts';
import type { RequestLike } from '../request.ts';
import type { QueryPort } from '../tenant-lookup.ts';
import type { Identity } from './identity.ts';
import { lookUp } from './look-up.ts';

export interface ApiKeyFinder {
  /** @throws `identity.api_key_invalid`, `identity.credentials_unavailable` */
  find(token: string, request: RequestLike): Identity | Promise<Identity>;
}

export interface ApiKeyFinderOptions {
  readonly prefix: string;
  readonly uses: KeyUses;
  readonly addressOf: (request: RequestLike) => string | undefined;
  readonly nowMs?: () => number;
}

const TRUSTED_MS = 1_000;
const ENTRIES_MAX = 20_000;
/** Of a key without an end, the context has one all the same. */
const FOREVER_MS = 8_640_000_000_000_000;

const foundSchema = z.object({
  id: z.string(),
  tenant_id: z.string(),
  holder_type: z.enum(['user', 'service_account']),
  holder_id: z.string(),
  name: z.string(),
  created_at: z.coerce.date(),
  ends_at: z.string(),
  permissions: z.array(z.string()).nullable(),
});

interface Known {
  readonly identity: Identity;
  readonly trustedUntilMs: number;
}

const FIND = 'select to_jsonb(f) as found from bulkhead.api_key_find($1) f';

export function createApiKeyFinder(db: QueryPort, options: ApiKeyFinderOptions): ApiKeyFinder {
  const nowMs = options.nowMs ?? Date.now;
  const { prefix, uses, addressOf } = options;
  const known = new BoundedCache<Known>(ENTRIES_MAX);
  const underway = new Map<string, Promise<Identity>>();

  async function find(key: string, hash: Buffer): Promise<Identity> {
    const askedAtMs = nowMs();
    try {
      const { rows } = await lookUp(() => db.query(FIND, [hash]));
      const said = (rows[0] as { found?: unknown } | undefined)?.found;
      if (said === undefined || said === null) {
        known.delete(key);
        throw invalid('no key that is good now has this token');
      }
      const identity = identityOf(
        foundSchema.parse(typeof said === 'string' ? JSON.parse(said) : said),
      );
      known.set(key, { identity, trustedUntilMs: askedAtMs + TRUSTED_MS });
      return identity;
    } finally {
      underway.delete(key);
    }
  }

  return {
    find(token, request) {
      // Before anything is asked: guessing and typing errors end here.
      if (!isApiKey(prefix, token)) throw invalid('not well-formed, or its checksum is wrong');
      const hash = hashApiKey(token);
      const key = hash.toString('base64');
      const at = known.get(key);
      const leftMs = at === undefined ? 0 : at.trustedUntilMs - nowMs();
      // A clock that was set back makes it long; then nothing is known about its age.
      if (at !== undefined && leftMs > 0 && leftMs <= TRUSTED_MS) {
        uses.note(key, addressOf(request));
        return at.identity;
      }
      let finding = underway.get(key);
      if (finding === undefined) {
        finding = runOutsideContext(() => find(key, hash));
        underway.set(key, finding);
      }
      return finding.then((identity) => {
        uses.note(key, addressOf(request));
        return identity;
      });
    },
  };
}

function invalid(detail: string) {
  return identityError('identity.api_key_invalid', { detail });
}

function identityOf(found: z.output<typeof foundSchema>): Identity {
  const endsAtMs = found.ends_at === 'infinity' ? FOREVER_MS : Date.parse(found.ends_at);
  return {
    actor: { type: 'api_key', id: found.id, name: found.name },
    tenants: [found.tenant_id],
    expiresAtMs: endsAtMs,
    apiKey: Object.freeze({
      id: found.id,
      holder: Object.freeze({ type: found.holder_type, id: found.holder_id }),
      createdAtMs: found.created_at.getTime(),
      scopes: found.permissions,
    }),
  };
}
