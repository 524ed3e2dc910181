/**
 * Finds out which tenant a request names.
 *
 * Promises: every configured source is read, in order; what each says is returned, so that the caller
 * can refuse a request whose sources disagree. X-Forwarded-Host counts only under `trustProxy`.
 * Does not promise: that the tenant exists or that the identity belongs to it.
 */
import { BoundedCache } from '../bounded-cache.ts';
import type { IdentityConfig, TenantSource } from '../config.ts';
import { identityError } from '../errors.ts';
import { readClaim } from '../identify/claim.ts';
import type { Identity } from '../identify/identity.ts';
import type { RequestLike } from '../request.ts';
import { readClaimedName, readTenantName, type TenantName } from '../tenant-record.ts';
import { type HostName, readHost } from './host.ts';
import { readPathTenant } from './path.ts';

/** What one source says. Without a `name` it names a tenant that can't exist. */
export interface Candidate {
  /** `default` is the one tenant of an identity, where the request says nothing. */
  readonly from: TenantSource['from'] | 'default';
  readonly name: TenantName | undefined;
}

export type TenantLocator = (request: RequestLike, identity: Identity) => readonly Candidate[];

/** Makes the locator of a configuration. */
export function createTenantLocator(
  config: Pick<IdentityConfig, 'tenantFrom' | 'trustProxy'>,
): TenantLocator {
  const readers = config.tenantFrom.map((source) => readerOf(source, config.tenantFrom));
  const needsHost = config.tenantFrom.some((s) => s.from === 'domain' || s.from === 'subdomain');
  const hosts = new BoundedCache<{ readonly name: HostName }>(1_000);

  function hostOf(request: RequestLike): HostName {
    const header = hostHeader(request, config.trustProxy);
    if (header === undefined) return null;
    const known = hosts.get(header);
    if (known !== undefined) return known.name;
    const name = readHost(header);
    hosts.set(header, { name });
    return name;
  }

  return (request, identity) => {
    const host = needsHost ? hostOf(request) : null;
    const candidates: Candidate[] = [];
    for (const read of readers) {
      const candidate = read(request, identity, host);
      if (candidate !== undefined) candidates.push(candidate);
    }
    return candidates;
  };
}

type Reader = (request: RequestLike, identity: Identity, host: HostName) => Candidate | undefined;

function readerOf(source: TenantSource, all: readonly TenantSource[]): Reader {
  switch (source.from) {
    case 'domain': {
      // Names under a base domain belong to the subdomain source: no look-up for those.
      const bases = all.flatMap((s) => (s.from === 'subdomain' ? [s.of] : []));
      return (_request, _identity, host) =>
        host === null || bases.some((base) => host === base || host.endsWith(`.${base}`))
          ? undefined
          : { from: 'domain', name: { how: 'domain', value: host } };
    }
    case 'subdomain': {
      const suffix = `.${source.of}`;
      const except = new Set(source.except);
      return (_request, _identity, host) => {
        if (host === null || !host.endsWith(suffix)) return undefined;
        const label = host.slice(0, -suffix.length);
        // `a.b.<base>` names no tenant, and must not fall through to a weaker source.
        return except.has(label) ? undefined : { from: 'subdomain', name: readTenantName(label) };
      };
    }
    case 'header': {
      const name = source.name.toLowerCase();
      return (request) => {
        const value = request.header(name);
        return value === undefined ? undefined : { from: 'header', name: readTenantName(value) };
      };
    }
    case 'path':
      return (request) => {
        const segment = readPathTenant(request.path, source.prefix);
        return segment === undefined ? undefined : { from: 'path', name: readTenantName(segment) };
      };
    case 'claim':
      return (_request, identity) => {
        const values = readClaim(identity.claims, source.name);
        // Several values say where one may go, not where one goes.
        const only = values.length === 1 ? values[0] : undefined;
        return only === undefined ? undefined : { from: 'claim', name: readClaimedName(only) };
      };
  }
}

function hostHeader(request: RequestLike, trustProxy: boolean): string | undefined {
  const forwarded = trustProxy ? request.header('x-forwarded-host') : undefined;
  if (forwarded === undefined) return request.host;
  const hops = forwarded.split(',').map((hop) => hop.trim());
  const first = hops[0] ?? '';
  // A proxy that appends instead of replacing lets the client choose the first: then nobody is believed.
  if (hops.some((hop) => hop !== first)) {
    throw identityError('identity.request_malformed', { detail: 'X-Forwarded-Host: hops differ' });
  }
  return first;
}
