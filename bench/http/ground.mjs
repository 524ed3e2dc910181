/** What the benchmarks of the control plane and of requests have in common: a migrated database, members, and tokens. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { generateSigningKey } from '../../packages/bulkhead/dist/audit/signer/signing-key.js';
import { generateVaultKey } from '../../packages/bulkhead/dist/audit/vault/vault-key.js';
import { capabilities } from '../../packages/bulkhead/dist/capabilities.js';
import {
  generateContextKey,
  publishContextKey,
} from '../../packages/bulkhead/dist/isolation/index.js';
import { migrate } from '../../packages/bulkhead/dist/kernel/migrations/index.js';

/** The product's own copies: the peers of the other benchmarks bring others. */
export const own = createRequire(new URL('../../packages/bulkhead/package.json', import.meta.url));
export const pg = own('pg');

const PARTS = ['app', 'operator', 'audit', 'signer', 'identity'];
const ISSUER = 'https://issuer.bench.example/';
const AUDIENCE = 'https://api.bench.example';

/**
 * Roles `bench_app`, `bench_operator` and so on, and the schema.
 *
 * @returns the administrator's client, and the `database`, `isolation` and `audit` sections of a configuration
 */
export async function migrated(server, sections) {
  const admin = new pg.Client({ connectionString: server.superuserUrl });
  await admin.connect();
  const password = randomBytes(12).toString('hex');
  await admin.query('create role bulkhead nologin');
  for (const part of PARTS) {
    const bypass = part === 'operator' ? 'bypassrls' : '';
    await admin.query(`create role bench_${part} login ${bypass} password '${password}'`);
  }
  const contextKey = generateContextKey();
  await migrate({
    connectionString: server.superuserUrl,
    capabilities,
    ...Object.fromEntries(PARTS.map((part) => [`${part}Role`, `bench_${part}`])),
    sections,
  });
  await publishContextKey(admin, contextKey);
  const urlOf = (part) => server.url({ user: `bench_${part}`, password });
  return {
    admin,
    password,
    urlOf,
    database: {
      appRole: 'bench_app',
      operatorRole: 'bench_operator',
      identityRole: 'bench_identity',
    },
    isolation: { contextKeys: [contextKey] },
    audit: {
      origin: 'audit.bench.example',
      vaultKeys: [generateVaultKey()],
      signingKeys: [generateSigningKey()],
      sequencerUrl: urlOf('audit'),
      signerUrl: urlOf('signer'),
    },
  };
}

/** Tenants with one member each, who has the role. */
export async function settle(admin, tenants, { member, role }) {
  await admin.query(
    `insert into bulkhead.tenant (id, slug, name)
     select id, slug, slug from json_to_recordset($1) as t (id uuid, slug text)`,
    [JSON.stringify(tenants)],
  );
  await admin.query('set role bulkhead');
  for (const { id } of tenants) {
    await admin.query(
      `select bulkhead.access_member_join($1, 'system:bench', 'user', $2, $2, null)`,
      [id, member],
    );
    await admin.query(
      `select bulkhead.access_give($1, 'system:bench', 'user', $2, $3, null, 'direct', null)`,
      [id, member, role],
    );
  }
  await admin.query('reset role');
}

/** Who signs tokens: how an app is told to trust it, and the header of somebody in a tenant. */
export async function createIssuer() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { SignJWT } = await import(own.resolve('jose'));
  return {
    jwt: [
      {
        issuer: ISSUER,
        audience: AUDIENCE,
        publicKeys: [publicKey.export({ type: 'spki', format: 'pem' })],
        algorithms: ['ES256'],
        tenantClaim: 'tenants',
      },
    ],
    async authorization(sub, tenant) {
      const token = new SignJWT({ sub, tenants: [tenant] })
        .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime('1h');
      return `Bearer ${await token.sign(privateKey)}`;
    },
  };
}
