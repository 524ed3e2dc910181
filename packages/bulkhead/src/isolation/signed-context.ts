/**
 * Signs contexts for the database: `v1.<kid:8>.<tenant:36>.<expiry:10>.<actor>.<mac:64>`.
 *
 * Promises: a token names one tenant, one actor and an end at most 900 s away, and verifies only in a
 * database that holds the key. Does not promise confidentiality of the token against whoever runs code in
 * this process; that is why no error, log or statement text ever holds one.
 */
import { createHmac } from 'node:crypto';
import type { ContextKey } from './context-key.ts';
import { assertActor, type TenantContext } from './tenant-context.ts';

const CACHE_ENTRIES_MAX = 20_000;

/** A token with the moment from which it is no longer handed out. */
export interface SignedContext {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly renewAtMs: number;
}

export interface ContextSigner {
  /** The token for a context; the same one for the same tenant and actor until half its life is over. */
  sign(context: TenantContext, nowMs: number): SignedContext;
}

/**
 * A signer with the first key of the list; the others are still accepted by the database, not used.
 *
 * @param lifetimeSeconds of a token, at most 900.
 */
export function createContextSigner(key: ContextKey, lifetimeSeconds: number): ContextSigner {
  const shared = new Map<string, SignedContext>();
  const ofContext = new WeakMap<TenantContext, SignedContext>();

  const mint = (
    tenant: string,
    actor: string,
    endSeconds: number,
    nowMs: number,
  ): SignedContext => {
    const body = `v1.${key.kid}.${tenant}.${String(endSeconds).padStart(10, '0')}.${actor}`;
    const mac = createHmac('sha256', key.secret).update(body).digest('hex');
    return { token: `${body}.${mac}`, renewAtMs: nowMs + (endSeconds * 1000 - nowMs) / 2 };
  };

  const sign = (context: TenantContext, nowMs: number): SignedContext => {
    const own = ofContext.get(context);
    if (own !== undefined && nowMs < own.renewAtMs) return own;

    assertActor(context.actor);
    const tenant = context.tenant.id;
    const actor = `${context.actor.type}:${context.actor.id}`;
    const endMs = nowMs + lifetimeSeconds * 1000;
    // A context that ends sooner gets a token of its own, so that no token outlives what it stands for.
    if (context.expiresAtMs < endMs) {
      const brief = mint(tenant, actor, Math.ceil(context.expiresAtMs / 1000), nowMs);
      ofContext.set(context, brief);
      return brief;
    }
    const cacheKey = tenant + actor;
    let signed = shared.get(cacheKey);
    if (signed === undefined || nowMs >= signed.renewAtMs) {
      signed = mint(tenant, actor, Math.floor(endMs / 1000), nowMs);
      if (shared.size >= CACHE_ENTRIES_MAX) shared.clear();
      shared.set(cacheKey, signed);
    }
    ofContext.set(context, signed);
    return signed;
  };

  return { sign };
}
