/**
 * A real issuer for a test: signs with jose, publishes its keys over HTTP on the loopback.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

export interface Issuer {
  readonly iss: string;
  readonly jwksUrl: string;
  readonly audience: string;
  /** How often the keys were asked for. */
  readonly fetches: () => number;
  /** The published key, as PEM's raw material for confusion attacks. */
  readonly publicKey: () => Pair['publicKey'];
  /** A token of this issuer; `claims` and `header` win over what an honest one holds. */
  token(claims?: Record<string, unknown>, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /** Signs with a new key from now on; `keepOld` publishes both. */
  rotate(options?: { keepOld?: boolean }): Promise<void>;
  /** What the key URL does: answers, answers 500, or never answers. */
  behave(as: 'well' | 'broken' | 'silent'): void;
  close(): Promise<void>;
}

export async function startIssuer(alg = 'ES256'): Promise<Issuer> {
  let serial = 0;
  let published: JWK[] = [];
  let signing: { pair: Pair; kid: string };
  let fetches = 0;
  let behaviour: 'well' | 'broken' | 'silent' = 'well';

  async function rotate({ keepOld = false } = {}): Promise<void> {
    serial += 1;
    const pair = await generateKeyPair(alg, { extractable: true });
    signing = { pair, kid: `key-${serial}` };
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: signing.kid, alg, use: 'sig' };
    published = keepOld ? [...published, jwk] : [jwk];
  }
  await rotate();

  const server = createServer((_request, response) => {
    fetches += 1;
    if (behaviour === 'silent') return;
    response.statusCode = behaviour === 'well' ? 200 : 500;
    response.setHeader('content-type', 'application/json');
    response.end(behaviour === 'well' ? JSON.stringify({ keys: published }) : 'no');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const iss = `http://127.0.0.1:${port}/`;
  const audience = 'https://api.notes.example';

  return {
    iss,
    audience,
    jwksUrl: `${iss}jwks.json`,
    fetches: () => fetches,
    publicKey: () => signing.pair.publicKey,
    rotate,
    behave: (as) => {
      behaviour = as;
    },
    token: (claims = {}, header = {}) => {
      const now = Math.floor(Date.now() / 1_000);
      const payload = { iss, aud: audience, sub: 'user-1', iat: now, exp: now + 600, ...claims };
      return new SignJWT(payload)
        .setProtectedHeader({ alg, kid: signing.kid, typ: 'JWT', ...header })
        .sign(signing.pair.privateKey);
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
