/**
 * The gate every request goes through: who, which tenant, may they.
 *
 * Promises: a context comes out only for a verified identity that belongs to an active, registered
 * tenant which all configured sources agree on. Whoever is not signed in learns nothing about tenants;
 * whoever is signed in elsewhere can't tell another's tenant from an absent one. With token and tenant
 * known, the answer is there without a promise.
 * Does not promise permissions inside the tenant.
 */
import type { TenantContext } from '../isolation/index.ts';
import type { IdentityConfig } from './config.ts';
import { identityError } from './errors.ts';
import { type Credentials, createIdentifier } from './identify/identify-request.ts';
import type { Identity } from './identify/identity.ts';
import type { SessionStanding } from './identify/session-finder.ts';
import { type Candidate, createTenantLocator } from './locate/locate-tenant.ts';
import { createPublicPathTest } from './public-path.ts';
import type { RequestLike } from './request.ts';
import { requestIdOf } from './request-id.ts';
import type { TenantFinder } from './tenant-cache.ts';
import { readClaimedName, type TenantRecord } from './tenant-record.ts';

export interface RequestGate {
  /**
   * The context to run the request in; null for a public one, which runs without.
   *
   * @throws `identity.credentials_missing`, `identity.token_invalid`, `identity.jwks_unavailable`,
   * `identity.request_malformed`, `identity.tenant_missing`, `identity.tenant_ambiguous`,
   * `identity.tenant_not_allowed`, `identity.tenant_unknown`, `identity.tenant_disabled`,
   * `identity.tenant_suspended`, `identity.tenant_closed`, `identity.session_invalid`,
   * `identity.session_shut_out`, `identity.api_key_invalid`, `identity.credentials_ambiguous`,
   * `identity.credentials_unavailable`, what the tenant's policies refuse with, `access.unavailable`,
   * `identity.directory_unavailable`, `identity.authenticate_invalid`, `identity.config_invalid`; thrown or as a rejection.
   */
  admit(request: RequestLike): TenantContext | null | Promise<TenantContext | null>;
  /** Told of an admitted request when it has been answered; absent where nobody listens. */
  answered?(request: RequestLike, context: TenantContext | null, status: number): void;
  /** False where `answered` would do nothing: for whoever pays for listening. */
  awaitsAnswer?(request: RequestLike): boolean;
  /** Who was refused by an error that `admit` threw, and where; known of what a tenant's policies refuse. */
  refusedAs?(error: object): TenantContext | undefined;
}

type Found = TenantRecord | null;

/** What else a request passes, where it is configured; each answers at once where it can. */
export interface GatePorts extends Credentials {
  /** Refuses what the tenant's policies refuse. */
  policyCheck?(tenant: string, facts: EntryFacts): Promise<void> | undefined;
  /** Makes ready what the actor may do. */
  preload?(context: TenantContext): Promise<void> | undefined;
  /** False for who is no active member. Asked where a token vouches for somebody and a membership is demanded. */
  isMember?(context: TenantContext): boolean | Promise<boolean>;
  /** Where a request comes from. */
  addressOf?(request: RequestLike): string | undefined;
  /** The same as events say it, where there are any. */
  originOf?(request: RequestLike): NonNullable<TenantContext['origin']>;
}

/** What a policy is asked about. */
export interface EntryFacts {
  readonly nowMs: number;
  readonly ip?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly session?:
    | {
        readonly startedAtMs?: number;
        readonly lastUsedAtMs?: number;
        readonly newerSessions?: number;
      }
    | undefined;
  readonly key?:
    | { readonly createdAtMs: number; readonly scopes: readonly string[] | null }
    | undefined;
  readonly mfa?: { readonly enrolled: boolean; readonly passedAtMs: number | null } | undefined;
}

/**
 * Makes the gate of a configuration over a directory. Without `jwt` and `authenticate` (an app of jobs
 * alone) it admits nobody.
 */
export function createRequestGate(
  config: IdentityConfig,
  directory: TenantFinder,
  nowMs: () => number = Date.now,
  ports: GatePorts = {},
): RequestGate {
  const identify = createIdentifier(config, nowMs, ports);
  const locate = createTenantLocator(config);
  const isPublic = createPublicPathTest(config.publicPaths);
  const identifies =
    config.jwt.length > 0 ||
    config.authenticate !== undefined ||
    ports.sessions !== undefined ||
    ports.apiKeys !== undefined;
  const { sessions, policyCheck, preload, isMember, originOf } = ports;
  const settles =
    sessions !== undefined ||
    policyCheck !== undefined ||
    preload !== undefined ||
    isMember !== undefined;
  const lifetimeMs = config.contextLifetimeSeconds * 1_000;
  const refusals = new WeakMap<object, TenantContext>();

  // Written without closures and spreads: this runs for every request, mostly from a cold cache.
  function place(request: RequestLike, identity: Identity) {
    const candidates = withDefault(locate(request, identity), identity);
    const found: (Found | Promise<Found>)[] = [];
    let waits = false;
    for (const { name } of candidates) {
      const record = name === undefined ? null : directory.find(name.how, name.value);
      if (record instanceof Promise) waits = true;
      found.push(record);
    }
    if (waits) {
      return Promise.all(found).then((records) => enter(request, identity, candidates, records));
    }
    // None of them is a promise, as just checked.
    return enter(request, identity, candidates, found as Found[]);
  }

  function enter(
    request: RequestLike,
    identity: Identity,
    candidates: readonly Candidate[],
    records: readonly Found[],
  ): TenantContext | Promise<TenantContext> {
    const tenant = refOf(decide(identity, candidates, records));
    const { actor, claims } = identity;
    const expiresAtMs = Math.min(identity.expiresAtMs, nowMs() + lifetimeMs);
    const requestId = requestIdOf(request.header('x-request-id'));
    const context: Mutable<TenantContext> = {
      kind: 'tenant',
      tenant,
      actor,
      expiresAtMs,
      requestId,
    };
    if (claims !== undefined) context.claims = claims;
    if (originOf !== undefined) context.origin = originOf(request);
    return settles ? settle(request, identity, context) : context;
  }

  /** Membership first, then policy: whoever does not belong here is told nothing of its rules. */
  function settle(
    request: RequestLike,
    identity: Identity,
    context: Mutable<TenantContext>,
  ): TenantContext | Promise<TenantContext> {
    const { session, apiKey } = identity;
    if (session !== undefined && sessions !== undefined) {
      context.session = session;
      const standing = sessions.finder.enter(identity, context.tenant.id, request);
      return standing instanceof Promise
        ? standing.then((known) => judge(request, identity, context, known))
        : judge(request, identity, context, standing);
    }
    if (apiKey !== undefined) context.apiKey = apiKey;
    else if (isMember !== undefined) {
      const member = isMember(context);
      if (member instanceof Promise) {
        return member.then((known) => judgeMember(known, request, identity, context));
      }
      return judgeMember(member, request, identity, context);
    }
    return judge(request, identity, context, undefined);
  }

  function judgeMember(
    member: boolean,
    request: RequestLike,
    identity: Identity,
    context: TenantContext,
  ): TenantContext | Promise<TenantContext> {
    if (!member) throw notAllowed('no active membership');
    return judge(request, identity, context, undefined);
  }

  function judge(
    request: RequestLike,
    identity: Identity,
    context: TenantContext,
    standing: SessionStanding | undefined,
  ): TenantContext | Promise<TenantContext> {
    if (policyCheck === undefined) return ready(context);
    const checking = policyCheck(
      context.tenant.id,
      factsOf(identity, standing, ports.addressOf?.(request), nowMs()),
    );
    if (checking === undefined) return ready(context);
    return checking.then(
      () => ready(context),
      (error: unknown) => {
        if (typeof error === 'object' && error !== null) refusals.set(error, context);
        throw error;
      },
    );
  }

  function ready(context: TenantContext): TenantContext | Promise<TenantContext> {
    const loading = preload?.(context);
    return loading === undefined ? context : loading.then(() => context);
  }

  return {
    admit(request) {
      if (isPublic(request) || config.skip?.(request) === true) return null;
      if (!identifies) {
        throw identityError('identity.config_invalid', {
          detail: 'neither jwt nor authenticate is given, so nobody can be identified',
        });
      }
      const identity = identify(request);
      return identity instanceof Promise
        ? identity.then((known) => place(request, known))
        : place(request, identity);
    },
    refusedAs: (error) => refusals.get(error),
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function factsOf(
  { session, apiKey }: Identity,
  standing: SessionStanding | undefined,
  ip: string | undefined,
  nowMs: number,
): EntryFacts {
  if (apiKey !== undefined) {
    return { nowMs, ip, key: { createdAtMs: apiKey.createdAtMs, scopes: apiKey.scopes } };
  }
  // Of a token's session nothing is known but where it comes from.
  if (session === undefined) return { nowMs, ip, session: {} };
  return {
    nowMs,
    ip,
    roles: standing?.roles,
    session: {
      startedAtMs: session.startedAtMs,
      lastUsedAtMs: session.lastUsedAtMs,
      newerSessions: standing?.newerSessions ?? 0,
    },
    mfa: { enrolled: session.hasFactor, passedAtMs: session.mfaAtMs },
  };
}

const refs = new WeakMap<TenantRecord, TenantContext['tenant']>();

/** What a context says of its tenant; one for all requests that the same answer of the directory serves. */
function refOf(record: TenantRecord): TenantContext['tenant'] {
  let ref = refs.get(record);
  if (ref === undefined) {
    ref = Object.freeze({ id: record.id, slug: record.slug });
    refs.set(record, ref);
  }
  return ref;
}

/** Where the request names no tenant, an identity of exactly one tenant means that one. */
function withDefault(candidates: readonly Candidate[], identity: Identity): readonly Candidate[] {
  for (const { from } of candidates) if (from !== 'domain') return candidates;
  const only = identity.tenants.length === 1 ? identity.tenants[0] : undefined;
  const name = only === undefined ? undefined : readClaimedName(only);
  return name === undefined ? candidates : [...candidates, { from: 'default', name }];
}

function decide(
  identity: Identity,
  candidates: readonly Candidate[],
  records: readonly Found[],
): TenantRecord {
  let first: Candidate | undefined;
  let tenant: Found = null;
  let agreed = true;
  let index = 0;
  for (const candidate of candidates) {
    const record = records[index] ?? null;
    index += 1;
    // A host that is nobody's custom domain says nothing.
    if (candidate.from === 'domain' && record === null) continue;
    // What the token would mean by default counts only where nothing else was said.
    if (candidate.from === 'default' && first !== undefined) continue;
    if (first === undefined) {
      first = candidate;
      tenant = record;
    } else if (record === null || tenant === null || record.id !== tenant.id) {
      agreed = false;
    }
  }
  if (first === undefined) {
    if (identity.tenants.length === 0) throw notAllowed('the identity names no tenant');
    throw identityError('identity.tenant_missing');
  }
  if (tenant === null) {
    // Only someone whose own credentials name the tenant is told that it is not registered; an issuer that
    // vouches for some tenants alone can't have its tokens ask about others.
    const own =
      first.name !== undefined &&
      identity.tenants.includes(first.name.value) &&
      identity.vouchedFor?.includes(first.name.value) !== false;
    throw own ? identityError('identity.tenant_unknown') : notAllowed('no such tenant');
  }
  if (!belongs(identity, tenant)) throw notAllowed('the identity does not belong to the tenant');
  if (!agreed) throw identityError('identity.tenant_ambiguous');
  if (tenant.status !== 'active') throw identityError(`identity.tenant_${tenant.status}`);
  return tenant;
}

/** Both the token and, where its issuer vouches for some tenants alone, the issuer's entry name the tenant. */
function belongs({ tenants, vouchedFor }: Identity, tenant: TenantRecord): boolean {
  return names(tenants, tenant) && (vouchedFor === undefined || names(vouchedFor, tenant));
}

function names(given: readonly string[], tenant: TenantRecord): boolean {
  return (
    given.includes(tenant.id) ||
    given.includes(tenant.slug) ||
    (tenant.externalId !== undefined && given.includes(tenant.externalId))
  );
}

function notAllowed(detail: string) {
  return identityError('identity.tenant_not_allowed', { detail });
}
