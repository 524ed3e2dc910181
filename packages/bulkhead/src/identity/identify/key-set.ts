/**
 * An issuer's public keys.
 *
 * Promises: one fetch at a time, none while cooling down, never a body over 256 KiB or a redirect. Keys
 * are looked at again after 5 minutes, and a withdrawn key is gone after 10; while the issuer can't be
 * reached the last keys serve for an hour at most.
 */
import { createPublicKey } from 'node:crypto';
import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose';
import type { JwtIssuer } from '../config.ts';
import { identityError } from '../errors.ts';

const REFRESH_AFTER_MS = 5 * 60_000;
const AGE_MAX_MS = 10 * 60_000;
const UNREACHABLE_AGE_MAX_MS = 60 * 60_000;
/** Between two fetches, whoever asks: a stranger's random key ids must not become a flood at the issuer. */
const COOL_DOWN_MS = 10_000;
const FETCH_TIMEOUT_MS = 5_000;
const BODY_BYTES_MAX = 256 * 1024;

export interface KeySet {
  readonly getKey: JWTVerifyGetKey;
  /** When the keys in use were fetched; undefined for keys that are part of the configuration. */
  readonly fetchedAtMs: () => number | undefined;
}

/** The keys that an issuer's configuration names. */
export function createKeySet(issuer: JwtIssuer, nowMs: () => number): KeySet {
  if (issuer.jwksUrl !== undefined) return createRemoteKeySet(new URL(issuer.jwksUrl), nowMs);
  if (issuer.sharedSecret !== undefined) {
    const secret = new TextEncoder().encode(issuer.sharedSecret);
    return { getKey: async () => secret, fetchedAtMs: () => undefined };
  }
  const keys = (issuer.publicKeys ?? []).map(
    (key): JWK =>
      // The schema holds PEM text to SPKI and JWKs to public keys of an asymmetric kind.
      typeof key === 'string' ? createPublicKey(key).export({ format: 'jwk' }) : (key as JWK),
  );
  const local = createLocalJWKSet({ keys });
  const named = new Set(keys.flatMap(({ kid }) => kid ?? []));
  return {
    // A PEM key has no id: a token's id can then choose nothing, and every key of the kind is tried.
    getKey: (header, token) =>
      header.kid !== undefined && named.has(header.kid)
        ? local(header, token)
        : local({ ...header, kid: undefined } as typeof header),
    fetchedAtMs: () => undefined,
  };
}

function createRemoteKeySet(url: URL, nowMs: () => number): KeySet {
  let keys: JWTVerifyGetKey | undefined;
  let fetchedAtMs = Number.NEGATIVE_INFINITY;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | undefined;
  let lastFailure: unknown;

  async function fetchKeys(): Promise<void> {
    triedAtMs = nowMs();
    try {
      keys = createLocalJWKSet(await fetchJwks(url));
      fetchedAtMs = triedAtMs;
      lastFailure = undefined;
    } catch (error) {
      lastFailure = error;
    } finally {
      fetching = undefined;
    }
  }

  /** Resolves when a fetch has ended, well or not; at once while cooling down. */
  function refresh(): Promise<void> {
    if (fetching === undefined && nowMs() - triedAtMs >= COOL_DOWN_MS) fetching = fetchKeys();
    return fetching ?? Promise.resolve();
  }

  function usable(): JWTVerifyGetKey {
    if (keys !== undefined && nowMs() - fetchedAtMs < UNREACHABLE_AGE_MAX_MS) return keys;
    throw identityError('identity.jwks_unavailable', { cause: lastFailure, detail: url.href });
  }

  return {
    fetchedAtMs: () => fetchedAtMs,
    async getKey(header, token) {
      const ageMs = nowMs() - fetchedAtMs;
      if (ageMs >= AGE_MAX_MS) await refresh();
      // Not awaited: the keys at hand are still good. Its failure is kept in lastFailure.
      else if (ageMs >= REFRESH_AFTER_MS) void refresh();
      try {
        return await usable()(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      }
      // The issuer may have begun to sign with a new key.
      await refresh();
      return usable()(header, token);
    },
  };
}

async function fetchJwks(url: URL): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    headers: { accept: 'application/json, application/jwk-set+json' },
    redirect: 'error',
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  });
  if (response.status !== 200) throw new Error(`JWKS answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error('JWKS is too large');
    chunks.push(chunk);
  }
  // createLocalJWKSet checks the shape and refuses anything else.
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as JSONWebKeySet;
}
