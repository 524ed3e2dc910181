/**
 * The probe's two tenants and how a session comes to act for one of them.
 *
 * Promises: their ids are fresh and random, so no row that exists is theirs; the context is set as the
 * convention says and ends with the transaction.
 */
import { randomInt, randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { generateContextKey, parseContextKey } from '../../context-key.ts';
import { publishContextKey } from '../../publish-key.ts';
import { createContextSigner } from '../../signed-context.ts';
import { parseTenantId } from '../../tenant-context.ts';
import type { Convention } from '../world.ts';

export interface SyntheticTenant {
  readonly id: string;
  /** The person who acts for it, where policies ask for a user: the subject of the claims. */
  readonly userId: string;
  /** Stands in every text of its rows; what one looks for in an answer. */
  readonly canary: string;
  /** The key of its rows where keys are numbers. */
  readonly number: string;
}

/**
 * The key of a tenant's telling row in every table: a function that takes a row's id is then called with the
 * id of one of A's. Undefined for types that are no keys.
 */
export function tellingKey(type: string, tenant: SyntheticTenant): string | undefined {
  if (type === 'uuid') return UUID.test(tenant.id) ? tenant.id : tenant.userId;
  if (/^(integer|bigint)/.test(type)) return tenant.number;
  if (/^(text|character)/.test(type)) return tenant.canary;
  return undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

const SIGNED_SECONDS = 300;

export function makeTenant(type: string, isUser: boolean): SyntheticTenant {
  const id = makeId(type);
  return {
    id,
    userId: isUser ? id : randomUUID(),
    canary: `canary${randomUUID().replaceAll('-', '')}`,
    number: String(randomInt(1_500_000_000, 2_147_483_647)),
  };
}

function makeId(type: string): string {
  if (/^smallint/.test(type)) return String(randomInt(30_000, 32_767));
  if (/^(integer|oid)/.test(type)) return String(randomInt(1_500_000_000, 2_147_483_647));
  if (/^(bigint|numeric)/.test(type)) return String(randomInt(2 ** 40, 2 ** 47));
  if (type === 'uuid') return randomUUID();
  return `tenant-${randomUUID()}`;
}

/** True where the tenant is the signed-in user: `auth.uid()` compared with a row's `user_id`. */
export function tenantIsUser(convention: Convention): boolean {
  return (
    convention.kind === 'jwt-claims' &&
    convention.memberships.size === 0 &&
    (convention.claimPath.length === 0 || convention.claimPath.at(-1) === 'sub')
  );
}

/** Sets the context of one tenant from here to the end of the (sub)transaction. */
export type EnterContext = (client: ClientBase, tenant: SyntheticTenant) => Promise<void>;

/**
 * How this convention's context is set; undefined where it is not a matter of settings. Publishes, for the
 * signed context, a key that goes when the transaction is rolled back.
 */
export async function prepareContext(
  client: ClientBase,
  convention: Convention,
): Promise<EnterContext | undefined> {
  if (convention.kind === 'signed') return signedContext(client);
  if (convention.kind === 'current-user') return undefined;
  const settings = new Set(convention.trustedSettings);
  if (convention.setting !== null) settings.add(convention.setting);
  return async (session, tenant) => {
    for (const name of settings) {
      await session.query('select pg_catalog.set_config($1, $2, true)', [
        name,
        settingValue(name, convention, tenant),
      ]);
    }
  };
}

async function signedContext(client: ClientBase): Promise<EnterContext> {
  const key = generateContextKey();
  await publishContextKey(client, key);
  const signer = createContextSigner(parseContextKey(key), SIGNED_SECONDS);
  return async (session, tenant) => {
    const nowMs = Date.now();
    const { token } = signer.sign(
      {
        kind: 'tenant',
        tenant: { id: parseTenantId(tenant.id) },
        actor: { type: 'system', id: 'bulkhead-prove' },
        expiresAtMs: nowMs + SIGNED_SECONDS * 1000,
      },
      nowMs,
    );
    await session.query("select pg_catalog.set_config('bulkhead.context', $1, true)", [token]);
  };
}

/** Claims as PostgREST passes them: one JSON document, or one setting a claim. */
function settingValue(name: string, convention: Convention, tenant: SyntheticTenant): string {
  const isClaims =
    /claims?$/.test(name) || (name === convention.setting && convention.claimPath.length > 0);
  if (isClaims) return JSON.stringify(claims(convention, tenant));
  if (/\.(sub|user_id|user|uid|actor_id)$/.test(name)) return tenant.userId;
  if (/\.role$/.test(name)) return 'authenticated';
  return tenant.id;
}

function claims(convention: Convention, tenant: SyntheticTenant): Record<string, unknown> {
  const made: Record<string, unknown> = {
    sub: tenant.userId,
    role: 'authenticated',
    aud: 'authenticated',
  };
  let level = made;
  const path = convention.claimPath;
  for (const [index, step] of path.entries()) {
    if (index === path.length - 1) {
      if (step !== 'sub') level[step] = tenant.id;
      break;
    }
    const below: Record<string, unknown> = {};
    level[step] = below;
    level = below;
  }
  return made;
}
