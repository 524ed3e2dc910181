import { createHmac } from 'node:crypto';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Issuer, startIssuer } from '#test/issuer';
import { type IdentityConfigInput, parseIdentityConfig } from '../config.ts';
import { createJwtVerifier } from './jwt-verifier.ts';

const MINUTE_MS = 60_000;
let issuer: Issuer;

beforeAll(async () => {
  issuer = await startIssuer('RS256');
});
afterAll(() => issuer.close());

type Entry = NonNullable<IdentityConfigInput['jwt']>[number];

function verifier(changes: Partial<Entry> = {}, of: Issuer = issuer, nowMs?: () => number) {
  const { jwt } = parseIdentityConfig({
    jwt: [
      {
        issuer: of.iss,
        audience: of.audience,
        jwksUrl: of.jwksUrl,
        tenantClaim: 'tenant',
        ...changes,
      },
    ],
  });
  return createJwtVerifier(jwt, undefined, nowMs);
}

const refused = {
  code: 'identity.token_invalid',
  status: 401,
  message: 'The access token is not valid.',
};
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = (offset: number) => Math.floor(Date.now() / 1_000) + offset;

async function freshIssuer(alg?: string): Promise<Issuer> {
  const fresh = await startIssuer(alg);
  onTestFinished(() => fresh.close());
  return fresh;
}

describe('an honest token', () => {
  it('yields actor, tenants and end', async () => {
    const exp = seconds(300);
    const { identity } = await verifier()(await issuer.token({ exp, tenant: ['ACME', 'org_Xy9'] }));
    expect(identity).toMatchObject({
      actor: { type: 'user', id: 'user-1' },
      tenants: ['acme', 'org_Xy9'],
      expiresAtMs: (exp + 30) * 1_000,
    });
  });

  it.each([
    ['app_metadata.tenant_id', { app_metadata: { tenant_id: 'acme' } }, ['acme']],
    ['https://notes.example/org', { 'https://notes.example/org': 'acme' }, ['acme']],
    ['o.id', { o: { id: 'org_1' } }, ['org_1']],
    ['constructor.name', {}, []],
    ['tenant', { tenant: { id: 'acme' } }, []],
    ['tenant', { tenant: ['acme', 7] }, []],
    ['tenant', { tenant: '' }, []],
  ])('reads %s from %j', async (tenantClaim, claims, tenants) => {
    const { identity } = await verifier({ tenantClaim })(await issuer.token(claims));
    expect(identity.tenants).toEqual(tenants);
  });

  it('is accepted within the clock tolerance, on both sides', async () => {
    await expect(verifier()(await issuer.token({ exp: seconds(-20) }))).resolves.toBeDefined();
    await expect(
      verifier()(await issuer.token({ nbf: seconds(20), iat: seconds(20) })),
    ).resolves.toBeDefined();
  });
});

describe('refuses', () => {
  it.each([
    ['another audience', { aud: 'https://other.example' }],
    ['no audience', { aud: undefined }],
    ['an issuer that only begins alike', { iss: 'http://127.0.0.1:1/' }],
    ['no issuer', { iss: undefined }],
    ['a token past its end', { exp: 1 }],
    ['a token without an end', { exp: undefined }],
    ['an end that is text', { exp: '9999999999' }],
    ['a token not valid yet', { nbf: 99_999_999_999 }],
    ['a token from the future', { iat: 99_999_999_999 }],
    ['no subject', { sub: undefined }],
    ['a subject with a space', { sub: 'user 1' }],
    ['a subject with a line break', { sub: 'a\nb' }],
    ['a subject that is too long', { sub: 'x'.repeat(201) }],
  ])('%s', async (_case, claims) => {
    await expect(verifier()(await issuer.token(claims))).rejects.toMatchObject(refused);
  });

  it('a prefix and an extension of the configured issuer', async () => {
    for (const iss of [issuer.iss.slice(0, -1), `${issuer.iss}x`]) {
      await expect(verifier()(await issuer.token({ iss }))).rejects.toMatchObject(refused);
    }
  });

  it('tokens of other kinds: logout, DPoP, unknown', async () => {
    for (const typ of ['logout+jwt', 'dpop+jwt', 'secevent+jwt', 'x']) {
      await expect(verifier()(await issuer.token({}, { typ }))).rejects.toMatchObject(refused);
    }
    await expect(verifier()(await issuer.token({}, { typ: 'at+JWT' }))).resolves.toBeDefined();
  });

  it('alg none, in any spelling, with and without a signature', async () => {
    const [, payload, signature] = (await issuer.token()).split('.');
    for (const alg of ['none', 'None', 'NONE', '']) {
      for (const end of ['', signature]) {
        await expect(verifier()(`${part({ alg })}.${payload}.${end}`)).rejects.toMatchObject(
          refused,
        );
      }
    }
  });

  it('HS256 signed with the RSA public key (algorithm confusion)', async () => {
    const pem = await exportSPKI(issuer.publicKey());
    const [header, payload] = [
      part({ alg: 'HS256', kid: 'key-1' }),
      (await issuer.token()).split('.')[1],
    ];
    const mac = createHmac('sha256', pem).update(`${header}.${payload}`).digest('base64url');
    await expect(verifier()(`${header}.${payload}.${mac}`)).rejects.toMatchObject(refused);
    const pinned = verifier({ jwksUrl: undefined, publicKeys: [pem] });
    await expect(pinned(`${header}.${payload}.${mac}`)).rejects.toMatchObject(refused);
    await expect(pinned(await issuer.token())).resolves.toBeDefined();
  });

  it('a key that the token brings along (jwk, jku, x5u) or names by a path', async () => {
    const own = await generateKeyPair('RS256', { extractable: true });
    const header = {
      alg: 'RS256',
      jwk: await import('jose').then((j) => j.exportJWK(own.publicKey)),
    };
    for (const extra of [
      {},
      { jku: issuer.jwksUrl },
      { kid: '../../dev/null' },
      { kid: "' or 1=1 --" },
      { kid: 7 },
    ]) {
      const forged = await new SignJWT({
        iss: issuer.iss,
        aud: issuer.audience,
        sub: 'x',
        exp: seconds(60),
      })
        .setProtectedHeader({ ...header, ...extra } as never)
        .sign(own.privateKey);
      await expect(verifier()(forged)).rejects.toMatchObject(refused);
    }
  });

  it('a changed payload under an honest signature', async () => {
    const [header, , signature] = (await issuer.token()).split('.');
    const payload = part({ iss: issuer.iss, aud: issuer.audience, sub: 'admin', exp: seconds(60) });
    await expect(verifier()(`${header}.${payload}.${signature}`)).rejects.toMatchObject(refused);
  });

  it('critical header extensions', async () => {
    const [, payload, signature] = (await issuer.token()).split('.');
    const header = part({ alg: 'RS256', kid: 'key-1', crit: ['b64'], b64: false });
    await expect(verifier()(`${header}.${payload}.${signature}`)).rejects.toMatchObject(refused);
  });

  it('garbage, without telling apart why', async () => {
    for (const token of [
      '',
      '..',
      'a.b.c',
      `${part([])}.${part([])}.x`,
      `${part(null)}.${part(null)}.x`,
    ]) {
      await expect(verifier()(token)).rejects.toMatchObject(refused);
    }
  });

  it('an azp that is not one of the app’s origins', async () => {
    const clerk = verifier({ audience: ['https://notes.example'], audienceClaim: 'azp' });
    await expect(clerk(await issuer.token({ azp: 'https://evil.example' }))).rejects.toMatchObject(
      refused,
    );
    await expect(clerk(await issuer.token({}))).rejects.toMatchObject(refused);
    await expect(
      clerk(await issuer.token({ azp: 'https://notes.example' })),
    ).resolves.toBeDefined();
  });
});

describe('the issuer’s keys', () => {
  it('are fetched once for many tokens at once', async () => {
    const own = await freshIssuer();
    const verify = verifier({}, own);
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, n) => own.token({ sub: `u${n}` })),
    );
    await Promise.all(tokens.map(verify));
    expect(own.fetches()).toBe(1);
  });

  it('are fetched again for an unknown key id, but no more often than every 10 seconds', async () => {
    const own = await freshIssuer();
    let nowMs = Date.now();
    const verify = verifier({}, own, () => nowMs);
    await verify(await own.token());
    await own.rotate({ keepOld: true });
    const fresh = await own.token();
    await expect(verify(fresh)).rejects.toMatchObject(refused);
    nowMs += 11_000;
    await expect(verify(fresh)).resolves.toBeDefined();
    for (let n = 0; n < 20; n += 1) {
      await expect(verify(await own.token({}, { kid: `made-up-${n}` }))).rejects.toMatchObject(
        refused,
      );
    }
    expect(own.fetches()).toBe(2);
  });

  it('stop counting once withdrawn: at the latest after ten minutes', async () => {
    const own = await freshIssuer();
    let nowMs = Date.now();
    const verify = verifier({}, own, () => nowMs);
    const token = await own.token({ exp: seconds(7_200) });
    const { trustedUntilMs } = await verify(token);
    expect(trustedUntilMs).toBeLessThanOrEqual(nowMs + 15 * MINUTE_MS);
    await own.rotate();
    nowMs += 10 * MINUTE_MS;
    await expect(verify(token)).rejects.toMatchObject(refused);
  });

  it('serve through an outage of the issuer for an hour, then 503', async () => {
    const own = await freshIssuer();
    let nowMs = Date.now();
    const verify = verifier({}, own, () => nowMs);
    const token = await own.token({ exp: seconds(9_000) });
    await verify(token);
    own.behave('broken');
    nowMs += 59 * MINUTE_MS;
    await expect(verify(token)).resolves.toBeDefined();
    nowMs += 2 * MINUTE_MS;
    await expect(verify(token)).rejects.toMatchObject({
      code: 'identity.jwks_unavailable',
      status: 503,
    });
    own.behave('well');
    nowMs += 11_000;
    await expect(verify(token)).resolves.toBeDefined();
  });

  it('that were never had yield 503, not 401', async () => {
    const own = await freshIssuer();
    own.behave('broken');
    await expect(verifier({}, own)(await own.token())).rejects.toMatchObject({
      code: 'identity.jwks_unavailable',
    });
  });
});

describe('keys without an id', () => {
  it('are each tried, so that two can be pinned during a rotation', async () => {
    const own = await freshIssuer('RS256');
    const pems = [await exportSPKI(own.publicKey())];
    const before = await own.token();
    await own.rotate();
    pems.unshift(await exportSPKI(own.publicKey()));
    const pinned = verifier({ jwksUrl: undefined, publicKeys: pems }, own);
    await expect(pinned(before)).resolves.toBeDefined();
    await expect(pinned(await own.token())).resolves.toBeDefined();
    await own.rotate();
    await expect(pinned(await own.token())).rejects.toMatchObject(refused);
  });
});

describe('a shared secret', () => {
  const sharedSecret = 'a-legacy-secret-of-at-least-32-bytes!';
  const sign = (alg: string, secret: string) =>
    new SignJWT({ iss: 'https://x.example', aud: 'authenticated', sub: 'u', exp: seconds(60) })
      .setProtectedHeader({ alg })
      .sign(new TextEncoder().encode(secret));
  const verify = () =>
    verifier({
      issuer: 'https://x.example',
      audience: 'authenticated',
      jwksUrl: undefined,
      sharedSecret,
    });

  it('verifies HS256 and nothing else', async () => {
    await expect(verify()(await sign('HS256', sharedSecret))).resolves.toBeDefined();
    await expect(verify()(await sign('HS512', sharedSecret))).rejects.toMatchObject(refused);
    await expect(verify()(await sign('HS256', `${sharedSecret}x`))).rejects.toMatchObject(refused);
  });
});

describe('the configuration refuses', () => {
  const base = {
    issuer: 'https://i.example',
    audience: 'a',
    jwksUrl: 'https://i.example/k',
    tenantClaim: 't',
  };
  it.each([
    ['no audience', { audience: undefined }],
    ['an empty list of audiences', { audience: [] }],
    ['no keys', { jwksUrl: undefined }],
    ['keys and a secret together', { sharedSecret: 'x'.repeat(32) }],
    ['a short secret', { jwksUrl: undefined, sharedSecret: 'short' }],
    ['HS256 with a key set', { algorithms: ['HS256'] }],
    ['none', { algorithms: ['none'] }],
    ['http to another machine', { jwksUrl: 'http://i.example/k' }],
    [
      'a private key',
      { jwksUrl: undefined, publicKeys: [{ kty: 'RSA', n: 'x', e: 'AQAB', d: 'x' }] },
    ],
    ['a symmetric JWK', { jwksUrl: undefined, publicKeys: [{ kty: 'oct', k: 'x' }] }],
    ['ten minutes of clock tolerance', { clockToleranceSeconds: 600 }],
    ['a claim that users can edit', { tenantClaim: 'user_metadata.tenant' }],
    ['an unknown setting', { audiance: 'a' }],
    ['no tenant claim at all', { tenantClaim: undefined }],
  ])('%s', (_case, changes) => {
    // Wrong on purpose, so the types can't hold.
    const input = {
      tenantFrom: [],
      jwt: [{ ...base, ...changes }],
    } as unknown as IdentityConfigInput;
    expect(() => parseIdentityConfig(input)).toThrowError(
      expect.objectContaining({ code: 'identity.config_invalid' }),
    );
  });
});
