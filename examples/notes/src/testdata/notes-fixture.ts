/** A prepared notes server for a test file: its own database, a real port, and everyone signed in. */
import { createHmac } from 'node:crypto';
import { generateCredentialKey, generateSigningKey, generateVaultKey } from 'bulkhead';
import pg from 'pg';
import { createTestDatabase } from '#test/database';
import { capabilities } from '../../../../packages/bulkhead/src/capabilities.ts';
import { migrate } from '../../../../packages/bulkhead/src/kernel/migrations/index.ts';
import { buildApp, type NotesApp } from '../app.ts';
import { foreignTexts } from '../attack/judge.ts';
import { type AttackPerson, signIn } from '../attack/run-attack.ts';
import { type BulkheadMigration, prepareDatabase } from '../database/prepare.ts';
import {
  APP_ROLE,
  AUDIT_ROLE,
  IDENTITY_ROLE,
  OPERATOR_ROLE,
  SIGNER_ROLE,
} from '../database/roles.ts';
import { LANDING } from '../demo/start.ts';
import { givePasswords } from '../seed/accounts.ts';
import { tenantIdOf } from '../seed/rows.ts';
import { DEMO_PASSWORD, ORGANIZATIONS } from '../seed/seed.ts';

export const SEED_DAY = new Date('2026-03-16T09:00:00Z');

export interface NotesFixture {
  readonly app: NotesApp;
  readonly origin: string;
  /** The superuser's connection: arranges and looks, never acts for the app. */
  readonly admin: pg.Client;
  readonly contextKey: string;
  readonly people: Readonly<Record<'acme' | 'borealis' | 'cobalt', AttackPerson>>;
  /** A request of one organization's first person, below its own address. */
  as(slug: keyof NotesFixture['people'], path: string, init?: RequestInit): Promise<Response>;
  /** Every text that an answer to this organization must not hold. */
  foreignTo(slug: keyof NotesFixture['people']): Promise<readonly string[]>;
  formToken(slug: keyof NotesFixture['people']): Promise<string>;
  close(): Promise<void>;
}

/** Roles are shared by all databases of the test server: one password for all who know its superuser. */
function passwordOf(superuserUrl: string, role: string): string {
  const { username, password, host } = new URL(superuserUrl);
  return createHmac('sha256', `${username}:${password}@${host}`).update(role).digest('base64url');
}

/** The built command would test a stale build. */
const migrateFromSources: BulkheadMigration = async (target) => {
  const report = await migrate({
    connectionString: target.superuserUrl,
    capabilities,
    appRole: APP_ROLE,
    operatorRole: OPERATOR_ROLE,
    auditRole: AUDIT_ROLE,
    signerRole: SIGNER_ROLE,
    identityRole: IDENTITY_ROLE,
    contextKeys: [target.contextKey],
  });
  return { applied: report.applied.length, warnings: report.warnings };
};

function personOf(index: number): AttackPerson {
  const organization = ORGANIZATIONS[index];
  const person = organization?.people[0];
  if (organization === undefined || person === undefined)
    throw new RangeError('no such organization');
  return {
    slug: organization.slug,
    tenantId: tenantIdOf(organization),
    email: `${person.login}@${organization.domain}`,
    password: DEMO_PASSWORD,
  };
}

export async function openNotes({
  mailFolder,
}: {
  readonly mailFolder?: string;
} = {}): Promise<NotesFixture> {
  const database = await createTestDatabase({ migrated: false });
  const passwords = {
    app: passwordOf(database.superuserUrl, APP_ROLE),
    operator: passwordOf(database.superuserUrl, OPERATOR_ROLE),
    audit: passwordOf(database.superuserUrl, AUDIT_ROLE),
    signer: passwordOf(database.superuserUrl, SIGNER_ROLE),
    identity: passwordOf(database.superuserUrl, IDENTITY_ROLE),
  };
  const { superuserUrl, contextKey } = database;
  await prepareDatabase({
    superuserUrl,
    contextKey,
    passwords,
    today: SEED_DAY,
    migrateBulkhead: migrateFromSources,
  });
  const url = (role: string, password: string) => {
    const made = new URL(superuserUrl);
    made.username = role;
    made.password = password;
    return made.href;
  };
  const app = await buildApp({
    contextKey,
    credentialKey: generateCredentialKey(),
    publicUrl: 'http://localhost:3000',
    mailFolder,
    vaultKey: generateVaultKey(),
    signingKey: generateSigningKey(),
    databaseUrl: url(APP_ROLE, passwords.app),
    operatorUrl: url(OPERATOR_ROLE, passwords.operator),
    sequencerUrl: url(AUDIT_ROLE, passwords.audit),
    signerUrl: url(SIGNER_ROLE, passwords.signer),
    accountsUrl: url(IDENTITY_ROLE, passwords.identity),
    organizations: LANDING,
    demoPassword: DEMO_PASSWORD,
    connectionsMax: 3,
  });
  await givePasswords(app.bulkhead);
  const origin = await app.server.listen({ port: 0, host: '127.0.0.1' });
  const admin = new pg.Client({ connectionString: superuserUrl });
  await admin.connect();
  const people = { acme: personOf(0), borealis: personOf(1), cobalt: personOf(2) };
  const cookies = new Map<string, string>();
  for (const person of Object.values(people))
    cookies.set(person.slug, await signIn(origin, person));

  const as: NotesFixture['as'] = (slug, path, init = {}) =>
    fetch(`${origin}/t/${slug}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { cookie: cookies.get(slug) ?? '', ...init.headers },
    });
  return {
    app,
    origin,
    admin,
    contextKey,
    people,
    as,
    foreignTo: (slug) => foreignTexts(admin, people[slug].tenantId),
    async formToken(slug) {
      const page = await (await as(slug, '/')).text();
      return /name="form_token" value="([^"]+)"/.exec(page)?.[1] ?? '';
    },
    async close() {
      await app.close();
      await admin.end();
      await database.drop();
    },
  };
}

/** A JSON request's options. */
export function json(method: string, body: unknown): RequestInit {
  return { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}
