/**
 * The verified answer to "who is this, and where may they go".
 */
import { z } from 'zod';
import type { Actor, ApiKeyFacts, SessionFacts } from '../../isolation/index.ts';
import { readClaimedName } from '../tenant-record.ts';
import type { Claims } from './claim.ts';

export interface Identity {
  readonly actor: Actor;
  /** Ids, slugs or external ids of the tenants this identity belongs to. There is no wildcard. */
  readonly tenants: readonly string[];
  /** The only tenants that whoever vouches for the identity may vouch for; any where it is absent. */
  readonly vouchedFor?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
  readonly claims?: Claims;
  /** Set for a session of ours. */
  readonly session?: SessionFacts;
  /** Set for an API key of ours. */
  readonly apiKey?: ApiKeyFacts;
}

/** What an app's own `authenticate` returns: an identity, perhaps without an end. */
export interface AuthenticatedIdentity {
  readonly actor: Actor;
  readonly tenants: readonly string[];
  readonly expiresAtMs?: number;
  readonly claims?: Claims;
}

export const authenticatedIdentity: z.ZodType<AuthenticatedIdentity> = z.strictObject({
  actor: z.strictObject({
    type: z.enum(['user', 'service_account', 'api_key']),
    id: z.string().regex(/^[\x21-\x7e]{1,200}$/),
    name: z.string().max(200).optional(),
  }),
  tenants: z.array(z.string().min(1).max(200)).max(1_000),
  expiresAtMs: z.number().positive().optional(),
  claims: z.record(z.string(), z.unknown()).optional(),
});

/** Ids and slugs in the one spelling the directory uses; what names no tenant is left out. */
export function canonicalTenants(names: readonly string[]): readonly string[] {
  return names.flatMap((text) => readClaimedName(text)?.value ?? []);
}
