import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Issuer, startIssuer } from '#test/issuer';
import { parseTenantId } from '../isolation/index.ts';
import { createRequestGate } from './admit.ts';
import { type IdentityConfigInput, parseIdentityConfig } from './config.ts';
import type { RequestLike } from './request.ts';
import { createTenantCache } from './tenant-cache.ts';
import type { LookupHow, TenantRecord } from './tenant-record.ts';

const record = (n: number, slug: string, more: Partial<TenantRecord> = {}): TenantRecord => ({
  id: parseTenantId(`00000000-0000-4000-8000-00000000000${n}`),
  slug,
  status: 'active',
  ...more,
});
const acme = record(1, 'acme', { externalId: 'org_Acme' });
const globex = record(2, 'globex');
const closed = record(3, 'closed', { status: 'disabled' });
const tenants = [acme, globex, closed];
const domains: Record<string, TenantRecord> = { 'notes.acme.example': acme };

/** The network's edge: what the database would answer. */
async function lookup(how: LookupHow, value: string): Promise<TenantRecord | null> {
  if (how === 'domain') return domains[value] ?? null;
  const key = { id: 'id', slug: 'slug', external: 'externalId' } as const;
  return tenants.find((tenant) => tenant[key[how]] === value) ?? null;
}

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

const SUBDOMAIN = { from: 'subdomain' as const, of: 'app.example', except: ['www'] };
const HEADER = { from: 'header', name: 'X-Tenant' } as const;

function gateOf(changes: Partial<IdentityConfigInput> = {}, nowMs?: () => number) {
  const config = parseIdentityConfig({
    tenantFrom: [{ from: 'domain' }, SUBDOMAIN, HEADER, { from: 'path', prefix: '/t/' }],
    jwt: [
      {
        issuer: issuer.iss,
        audience: issuer.audience,
        jwksUrl: issuer.jwksUrl,
        tenantClaim: 'tenant',
      },
    ],
    ...changes,
  });
  return createRequestGate(config, createTenantCache(lookup), nowMs);
}

function request(host: string, headers: Record<string, string> = {}, path = '/'): RequestLike {
  return { method: 'GET', host, path, header: (name) => headers[name], raw: undefined };
}

async function as(tenant: unknown, headers: Record<string, string> = {}) {
  return { authorization: `Bearer ${await issuer.token({ tenant })}`, ...headers };
}

const admit = async (gate: ReturnType<typeof gateOf>, asked: RequestLike) => gate.admit(asked);
const refusal = (code: string) => expect.objectContaining({ code: `identity.${code}` });

describe('admits', () => {
  it.each([
    ['a custom domain', 'notes.acme.example:443', {}, '/'],
    ['a subdomain', 'ACME.app.example.', {}, '/'],
    ['a header with a slug', 'localhost', { 'x-tenant': 'acme' }, '/'],
    ['a header with an id', 'localhost', { 'x-tenant': acme.id.toUpperCase() }, '/'],
    ['a path', 'localhost', {}, '/t/acme/notes'],
    ['several that agree', 'acme.app.example', { 'x-tenant': acme.id }, '/t/acme'],
    ['nothing but the identity’s one tenant', 'www.app.example', {}, '/'],
    ['the identity’s one tenant on a host that is nobody’s', 'nobody.example', {}, '/invoices'],
  ])('by %s', async (_case, host, headers, path) => {
    for (const claim of ['acme', acme.id, ['org_Acme']]) {
      const context = await admit(gateOf(), request(host, await as(claim, headers), path));
      expect(context).toMatchObject({
        kind: 'tenant',
        tenant: { id: acme.id, slug: 'acme' },
        actor: { id: 'user-1' },
      });
    }
  });

  it('without a promise once token and tenant are known', async () => {
    const gate = gateOf();
    const asked = request('acme.app.example', await as('acme'));
    expect(gate.admit(asked)).toBeInstanceOf(Promise);
    await gate.admit(asked);
    expect(gate.admit(asked)).toMatchObject({ kind: 'tenant' });
  });

  it('for no longer than the token lives, nor than the configured lifetime', async () => {
    const exp = Math.floor(Date.now() / 1_000) + 60;
    const token = await issuer.token({ tenant: 'acme', exp });
    const asked = request('acme.app.example', { authorization: `bearer  ${token}` });
    expect(await admit(gateOf(), asked)).toMatchObject({ expiresAtMs: (exp + 30) * 1_000 });
    const short = await admit(gateOf({ contextLifetimeSeconds: 10 }), asked);
    expect(short?.expiresAtMs).toBeLessThanOrEqual(Date.now() + 10_000);
  });

  it('a cached token no longer than to its end', async () => {
    let nowMs = Date.now();
    const gate = gateOf({}, () => nowMs);
    const asked = request('acme.app.example', await as('acme'));
    await gate.admit(asked);
    nowMs += 631_000;
    await expect(admit(gate, asked)).rejects.toEqual(refusal('token_invalid'));
  });

  it('keeps a well-formed request id and replaces any other', async () => {
    const gate = gateOf();
    const withId = async (id: string) =>
      (await admit(gate, request('acme.app.example', await as('acme', { 'x-request-id': id }))))
        ?.requestId;
    expect(await withId('req-7.a:b')).toBe('req-7.a:b');
    expect(await withId('a\nb')).not.toBe('a\nb');
    expect(await withId('x'.repeat(129))).toMatch(/^[\w-]+$/);
  });
});

describe('refuses', () => {
  it.each([
    ['a token of A on the subdomain of B', 'globex.app.example', {}, '/', 'tenant_not_allowed'],
    [
      'a token of A with the header of B',
      'localhost',
      { 'x-tenant': 'globex' },
      '/',
      'tenant_not_allowed',
    ],
    ['a token of A on the path of B', 'localhost', {}, '/t/globex/notes', 'tenant_not_allowed'],
    [
      'a tenant that does not exist, in the same words',
      'nobody.app.example',
      {},
      '/',
      'tenant_not_allowed',
    ],
    [
      'a disabled tenant of others, in the same words',
      'closed.app.example',
      {},
      '/',
      'tenant_not_allowed',
    ],
    ['host A and header B', 'acme.app.example', { 'x-tenant': 'globex' }, '/', 'tenant_ambiguous'],
    [
      'host A and an unknown header',
      'acme.app.example',
      { 'x-tenant': 'nobody' },
      '/',
      'tenant_ambiguous',
    ],
    [
      'host A and a malformed header',
      'acme.app.example',
      { 'x-tenant': 'acme, globex' },
      '/',
      'tenant_ambiguous',
    ],
    ['host A and path B', 'acme.app.example', {}, '/t/globex', 'tenant_ambiguous'],
    [
      'domain A and header B',
      'notes.acme.example',
      { 'x-tenant': 'globex' },
      '/',
      'tenant_ambiguous',
    ],
    ['two labels below the base', 'x.acme.app.example', {}, '/', 'tenant_not_allowed'],
    ['an escaped path segment', 'localhost', {}, '/t/ac%6de', 'tenant_not_allowed'],
    ['a path that leads elsewhere', 'localhost', {}, '/t/acme/../globex', 'request_malformed'],
    ['a malformed host', 'acme.app.example/x', {}, '/', 'request_malformed'],
  ])('%s', async (_case, host, headers, path, code) => {
    await expect(admit(gateOf(), request(host, await as('acme', headers), path))).rejects.toEqual(
      refusal(code),
    );
  });

  it('an identity without a tenant, with too many, and with one that is not registered', async () => {
    const at = async (host: string, claim: unknown) =>
      admit(gateOf(), request(host, await as(claim)));
    await expect(at('acme.app.example', undefined)).rejects.toEqual(refusal('tenant_not_allowed'));
    await expect(at('localhost', undefined)).rejects.toEqual(refusal('tenant_not_allowed'));
    await expect(at('localhost', '*')).rejects.toEqual(refusal('tenant_not_allowed'));
    await expect(at('acme.app.example', '*')).rejects.toEqual(refusal('tenant_not_allowed'));
    await expect(at('localhost', ['acme', 'globex'])).rejects.toEqual(refusal('tenant_missing'));
    await expect(at('localhost', 'gone')).rejects.toEqual(refusal('tenant_unknown'));
    await expect(at('closed.app.example', 'closed')).rejects.toEqual(refusal('tenant_disabled'));
  });

  it('strangers in one way, whatever tenant they name', async () => {
    for (const host of ['acme.app.example', 'nobody.app.example', 'closed.app.example']) {
      await expect(admit(gateOf(), request(host))).rejects.toEqual(refusal('credentials_missing'));
      const forged = request(host, { authorization: 'Bearer a.b.c' });
      await expect(admit(gateOf(), forged)).rejects.toEqual(refusal('token_invalid'));
    }
  });

  it('tokens that are too long, not JWTs, or several', async () => {
    const token = await issuer.token({ tenant: 'acme' });
    const bodies = [
      `Bearer ${token}${'A'.repeat(9_000)}`,
      'Bearer x',
      'Bearer ',
      `Bearer ${token}, Bearer ${token}`,
      `Bearer ${token}.x.y`,
    ];
    for (const authorization of bodies) {
      await expect(
        admit(gateOf(), request('acme.app.example', { authorization })),
      ).rejects.toSatisfy((error: { status: number }) => error.status === 401);
    }
    const basic = request('acme.app.example', { authorization: 'Basic eDp5' });
    await expect(admit(gateOf(), basic)).rejects.toEqual(refusal('credentials_missing'));
  });
});

describe('an issuer that vouches for some tenants alone', () => {
  const gate = (tenants?: string[]) =>
    gateOf({
      jwt: [
        {
          issuer: issuer.iss,
          audience: issuer.audience,
          jwksUrl: issuer.jwksUrl,
          tenantClaim: 'tenant',
          ...(tenants && { tenants }),
        },
      ],
    });
  const at = async (tenants: string[] | undefined, host: string, claim: unknown) =>
    admit(gate(tenants), request(host, await as(claim)));

  it.each([
    ['by slug', ['ACME']],
    ['by id', [acme.id]],
    ['by external id', ['org_Acme']],
  ])('admits to those, named %s, however the token names them', async (_how, only) => {
    for (const claim of ['acme', acme.id, 'org_Acme']) {
      expect(await at(only, 'acme.app.example', claim)).toMatchObject({ tenant: { id: acme.id } });
      expect(await at(only, 'localhost', claim)).toMatchObject({ tenant: { id: acme.id } });
    }
  });

  it.each([
    ['another tenant', 'globex.app.example', 'globex'],
    ['another tenant by default', 'localhost', 'globex'],
    ['another tenant among its own', 'globex.app.example', ['acme', 'globex']],
    ['another, disabled tenant', 'closed.app.example', 'closed'],
    ['a tenant that is not registered, in the same words', 'localhost', 'gone'],
  ])('admits to nothing else: %s', async (_case, host, claim) => {
    await expect(at(['acme'], host, claim)).rejects.toEqual(refusal('tenant_not_allowed'));
  });

  it('still admits nobody whose token does not name the tenant', async () => {
    await expect(at(['acme', 'globex'], 'globex.app.example', 'acme')).rejects.toEqual(
      refusal('tenant_not_allowed'),
    );
  });

  it('may name any tenant where nothing is said', async () => {
    expect(await at(undefined, 'globex.app.example', 'globex')).toMatchObject({
      tenant: { id: globex.id },
    });
  });

  it.each([[[]], [['']], [['a b']], [['*']], [['-x-']]])('refuses the list %j', (tenants) => {
    expect(() => gate(tenants)).toThrow(refusal('config_invalid'));
  });
});

describe('X-Forwarded-Host', () => {
  const forwarded = { 'x-forwarded-host': 'globex.app.example' };
  it('counts only under trustProxy', async () => {
    const asked = request('acme.app.example', await as('acme', forwarded));
    expect(await admit(gateOf(), asked)).toMatchObject({ tenant: { slug: 'acme' } });
    await expect(admit(gateOf({ trustProxy: true }), asked)).rejects.toEqual(
      refusal('tenant_not_allowed'),
    );
  });
  it('is refused when its hops differ', async () => {
    const headers = await as('acme', {
      'x-forwarded-host': 'acme.app.example, globex.app.example',
    });
    const asked = request('acme.app.example', headers);
    await expect(admit(gateOf({ trustProxy: true }), asked)).rejects.toEqual(
      refusal('request_malformed'),
    );
  });
});

describe('the claim as a source', () => {
  it('locates the tenant, and must agree with the host', async () => {
    const gate = gateOf({ tenantFrom: [SUBDOMAIN, { from: 'claim', name: 'tenant' }] });
    expect(await admit(gate, request('www.app.example', await as('org_Acme')))).toMatchObject({
      tenant: { slug: 'acme' },
    });
    const both = request('globex.app.example', await as(['acme', 'globex']));
    expect(await admit(gate, both)).toMatchObject({ tenant: { slug: 'globex' } });
  });
});

describe('the app’s own authenticate', () => {
  const own = (answer: unknown) =>
    gateOf({
      jwt: [],
      authenticate: (async () => answer) as NonNullable<IdentityConfigInput['authenticate']>,
    });
  const actor = { type: 'user', id: 'u' } as const;

  it('identifies; null means nobody', async () => {
    const context = await admit(own({ actor, tenants: ['acme'] }), request('acme.app.example'));
    expect(context).toMatchObject({ tenant: { id: acme.id }, actor });
    await expect(admit(own(null), request('acme.app.example'))).rejects.toEqual(
      refusal('credentials_missing'),
    );
  });

  it.each([
    undefined,
    true,
    {},
    { actor },
    { actor, tenants: '*' },
    { actor: { type: 'operator', id: 'x' }, tenants: ['acme'] },
    { actor: { type: 'user', id: 'a b' }, tenants: ['acme'] },
    { actor, tenants: ['acme'], admin: true },
  ])('is refused when it answers %j', async (answer) => {
    await expect(admit(own(answer), request('acme.app.example'))).rejects.toEqual(
      refusal('authenticate_invalid'),
    );
  });

  it('never rescues an invalid token', async () => {
    const gate = gateOf({ authenticate: () => ({ actor, tenants: ['acme'] }) });
    const asked = request('acme.app.example', { authorization: 'Bearer a.b.c' });
    await expect(admit(gate, asked)).rejects.toEqual(refusal('token_invalid'));
    expect(await admit(gate, request('acme.app.example'))).toMatchObject({ actor });
  });
});

describe('public requests', () => {
  it('run without a context, by path or by skip', async () => {
    const gate = gateOf({ publicPaths: ['/health'], skip: ({ method }) => method === 'OPTIONS' });
    expect(gate.admit(request('x', {}, '/health'))).toBeNull();
    expect(gate.admit({ ...request('x'), method: 'OPTIONS' })).toBeNull();
  });
  it('without any way to identify nobody is admitted', async () => {
    await expect(admit(gateOf({ jwt: [] }), request('x'))).rejects.toEqual(
      refusal('config_invalid'),
    );
  });
});

describe('the directory as requests see it', () => {
  it('asks once for many requests, and again when the answer is old', async () => {
    let nowMs = 0;
    const asked = vi.fn(lookup);
    const cache = createTenantCache(asked, { nowMs: () => nowMs });
    await Promise.all(Array.from({ length: 100 }, () => cache.find('slug', 'acme')));
    expect(asked).toHaveBeenCalledTimes(1);
    nowMs = 5_000;
    expect(cache.find('slug', 'acme')).toBeInstanceOf(Promise);
    await cache.find('slug', 'nobody');
    expect(cache.find('slug', 'nobody')).toBeNull();
    nowMs += 1_000;
    expect(cache.find('slug', 'nobody')).toBeInstanceOf(Promise);
  });

  it('never serves an answer older than 5 s when the database is gone', async () => {
    let nowMs = 0;
    let up = true;
    const cache = createTenantCache(
      async (how, value) => (up ? lookup(how, value) : Promise.reject(new Error('down'))),
      { nowMs: () => nowMs },
    );
    await cache.find('slug', 'acme');
    up = false;
    nowMs = 4_999;
    expect(cache.find('slug', 'acme')).toEqual(acme);
    nowMs = 5_001;
    await expect(cache.find('slug', 'acme')).rejects.toEqual(refusal('directory_unavailable'));
  });

  it('names a database that was never migrated, and warns whoever runs the app of one that is gone', async () => {
    const failing = (error: Error & { code?: string }) =>
      createTenantCache(() => Promise.reject(error)).find('slug', 'acme');
    for (const code of ['3F000', '42883', '42501']) {
      const error = Object.assign(new Error('no such thing'), { code });
      await expect(failing(error)).rejects.toEqual(refusal('directory_missing'));
    }
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    // Far from any other test's minute.
    const cache = createTenantCache(() => Promise.reject(new Error('connect ECONNREFUSED')), {
      nowMs: () => Number.MAX_SAFE_INTEGER,
    });
    for (const slug of ['acme', 'globex']) {
      await expect(cache.find('slug', slug)).rejects.toEqual(refusal('directory_unavailable'));
    }
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      'Bulkhead cannot ask its tenant directory: connect ECONNREFUSED',
    ]);
    warn.mockRestore();
  });
});
