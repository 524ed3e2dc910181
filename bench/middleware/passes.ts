/** Signed tokens of some users, and the requests that carry them. */
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';

export const ISSUER = 'https://issuer.bench.example/';
export const AUDIENCE = 'https://api.bench.example';
const USERS = 20;

export interface Passes {
  readonly publicKey: string;
  /** Whole requests, one a user. */
  readonly requests: readonly Buffer[];
}

export async function signPasses(
  tenants: readonly { id: string; slug: string }[],
): Promise<Passes> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const requests = Array.from({ length: USERS }, async (_, user) => {
    const tenant = tenants[user % tenants.length];
    const token = await new SignJWT({ sub: `user-${user}`, tenants: [tenant?.id] })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey);
    return Buffer.from(
      `GET /notes HTTP/1.1\r\nhost: bench.example\r\nx-tenant: ${tenant?.slug}\r\n` +
        `accept: application/json\r\nauthorization: Bearer ${token}\r\n\r\n`,
    );
  });
  return { publicKey: await exportSPKI(publicKey), requests: await Promise.all(requests) };
}
