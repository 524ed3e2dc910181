/**
 * A control plane that listens, with organizations, people, events and a leak behind it: what a browser is pointed at.
 *
 * Promises: everything on a page comes over the real API from a real database; what is arranged here is what an
 * app would have written: rows, events, refusals. Only the history of the last day is set down as numbers.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createTestDatabase } from '#test/database';
import { fromBase32 } from '../../../packages/bulkhead/src/identity/sign-in/testdata/ground.ts';
import { totpCode } from '../../../packages/bulkhead/src/identity/sign-in/totp/totp-code.ts';
import {
  type Bulkhead,
  createBulkhead,
  defineActions,
  generateCredentialKey,
  generateSigningKey,
  generateVaultKey,
} from '../../../packages/bulkhead/src/index.ts';
import { arrangeHistory, arrangePeople, arrangeSchema, arrangeTenants } from './arrange.ts';
import { change } from './session.ts';

export const OPERATORS = '00000000-0000-0000-0000-000000000000';
export const ACME = 'ac000000-0000-4000-8000-000000000001';
export const PASSWORD = 'correct horse battery staple';

const definitions = {
  'note.written': { description: 'A note was written.' },
  'invoice.paid': { description: 'An invoice was marked as paid.' },
} as const;

export interface ConsolePerson {
  readonly id: string;
  readonly email: string;
  /** The digits that the authenticator shows next; each works once. */
  code(): string;
}

export interface ConsoleGround {
  /** The console, with a slash at its end. */
  readonly url: string;
  readonly bulkhead: Bulkhead<typeof definitions>;
  readonly pool: pg.Pool;
  readonly admin: pg.Client;
  /** `noor` runs everything; `arne` may only look; `ada` owns Acme. */
  readonly people: Readonly<Record<'noor' | 'arne' | 'ada', ConsolePerson>>;
  /** Somebody else who runs everything. */
  operator(name: string): Promise<ConsolePerson>;
  /** Somebody with a password and no second factor, who administers these tenants. */
  member(name: string, tenants: readonly string[], email?: string): Promise<ConsolePerson>;
  /** What an authenticator shows now that was given this secret. */
  codeOf(secret: string): string;
  /** An injected statement through the protected pool: refused, and told. */
  attack(tenant?: string): Promise<void>;
  /** What happened so far is in signed checkpoints. */
  settle(): Promise<void>;
  /** The server goes away with every connection, and comes back at the same port. */
  stop(): Promise<void>;
  listen(): Promise<void>;
  close(): Promise<void>;
}

export interface ConsoleGroundOptions {
  readonly tenants?: number;
  /** A view that reads as its owner. */
  readonly isLeaking?: boolean;
  /** A proof was made; it takes its time. */
  readonly isProven?: boolean;
  /** People and events of a day; without it, nothing but who signs in. */
  readonly isLived?: boolean;
}

export async function createConsoleGround(
  options: ConsoleGroundOptions = {},
): Promise<ConsoleGround> {
  const { tenants = 3, isLeaking = false, isProven = false, isLived = true } = options;
  const database = await createTestDatabase();
  const admin = new pg.Client({ connectionString: database.superuserUrl });
  await admin.connect();
  const mail = mkdtempSync(join(tmpdir(), 'bulkhead-console-'));
  await arrangeSchema(admin, isLeaking);
  await arrangeTenants(admin, tenants);
  if (isLived) await arrangeHistory(admin);

  let server: Server = createServer((request, response) => handle(request, response));
  await listening(server, 0);
  const { port } = server.address() as AddressInfo;
  const origin = `http://localhost:${port}`;
  const bulkhead = createBulkhead({
    database: { appRole: 'test_app', operatorRole: 'test_operator' },
    isolation: { contextKeys: [database.contextKey], operatorUrl: database.operatorUrl },
    identity: {
      accountsUrl: database.identityUrl,
      publicUrl: origin,
      productName: 'Notes',
      sessions: {},
      credentialKeys: [generateCredentialKey()],
      mail: { folder: mail, from: 'Notes <hello@notes.example>' },
    },
    audit: {
      origin: 'notes.example/audit',
      actions: defineActions(definitions),
      vaultKeys: [generateVaultKey()],
      signingKeys: [generateSigningKey()],
      sequencerUrl: database.auditUrl,
      signerUrl: database.signerUrl,
    },
    http: {
      publicUrl: `${origin}/bulkhead`,
      proverUrl: database.superuserUrl,
      requestsPerMinute: 1_000_000,
      anonymousRequestsPerMinute: 1_000_000,
      proveEveryMinutes: 0,
      verifyEveryMinutes: 0,
    },
  });
  const pool = bulkhead.protect(new pg.Pool({ connectionString: database.appUrl, max: 4 }));
  const plane = bulkhead.controlPlane();
  const handle = plane.node;

  const person = async (
    name: string,
    email: string,
    tenant: string,
    role: string,
  ): Promise<ConsolePerson> => {
    const { id } = await bulkhead.identity.users.create({ email, name });
    await bulkhead.identity.passwords.establish({ userId: id, password: PASSWORD });
    await enter(admin, tenant, { id, name, email, role });
    return { id, email, code: await withAuthenticator(bulkhead, email) };
  };
  const people = {
    noor: await person('Noor Haddad', 'noor@notes.example', OPERATORS, 'owner'),
    arne: await person('Arne Auditor', 'arne@notes.example', OPERATORS, 'auditor'),
    ada: await person('Ada Okafor', 'ada@acme.example', ACME, 'owner'),
  };
  bulkhead.audit.start();
  await plane.start();

  const ground: ConsoleGround = {
    url: `${origin}/bulkhead/console/`,
    bulkhead,
    pool,
    admin,
    people,
    operator: (name) => person(name, `${name}@notes.example`, OPERATORS, 'owner'),
    async member(name, tenants, email = `${name.split(' ', 1)[0]?.toLowerCase()}@acme.example`) {
      const { id } = await bulkhead.identity.users.create({ email, name });
      await bulkhead.identity.passwords.establish({ userId: id, password: PASSWORD });
      await admin.query(
        'update bulkhead.user_account set email_verified_at = now() where id = $1',
        [id],
      );
      for (const tenant of tenants) await enter(admin, tenant, { id, name, email, role: 'admin' });
      return {
        id,
        email,
        code() {
          throw new Error(`${name} has no authenticator`);
        },
      };
    },
    codeOf: (secret) =>
      totpCode(fromBase32(secret.replaceAll(/\s/g, '')), Math.floor(Date.now() / 30_000)),
    async attack(tenant = ACME) {
      await bulkhead
        .asTenant(tenant, () => pool.query('set role postgres'), {
          actor: { type: 'user', id: 'mallory', name: 'Mallory' },
        })
        .catch(() => undefined);
    },
    async settle() {
      for (let turn = 0; turn < 200; turn += 1) {
        const { rows } = await admin.query<{ open: boolean }>(
          `select exists (select from bulkhead.audit_pending) or exists (select from bulkhead.audit_unsigned) as open`,
        );
        if (rows[0]?.open === false && bulkhead.audit.waiting === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error('the log does not settle');
    },
    stop: () => closed(server),
    async listen() {
      server = createServer((request, response) => handle(request, response));
      await listening(server, port);
    },
    async close() {
      await closed(server);
      await bulkhead.close();
      await admin.end();
      await database.drop();
      rmSync(mail, { recursive: true });
    },
  };
  if (isLived) {
    await arrangePeople(admin, ACME);
    await live(ground);
  }
  if (isProven) await prove(ground);
  return ground;
}

/** A member of the tenant, as an invitation would leave them. */
async function enter(
  admin: pg.Client,
  tenant: string,
  one: {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    readonly role: string;
  },
): Promise<void> {
  await admin.query('set role bulkhead');
  await admin.query(`select bulkhead.access_member_join($1, 'system:test', 'user', $2, $3, $4)`, [
    tenant,
    one.id,
    one.name,
    one.email,
  ]);
  await admin.query(
    `select bulkhead.access_give($1, 'system:test', 'user', $2, $3, null, 'direct', null)`,
    [tenant, one.id, one.role],
  );
  await admin.query('reset role');
}

/** An authenticator app for them; the codes of one step ahead of the other, since each works once. */
async function withAuthenticator(
  bulkhead: Pick<Bulkhead, 'identity'>,
  email: string,
): Promise<() => string> {
  const { signIn, totp } = bulkhead.identity;
  const sender = { ip: '192.0.2.1', userAgent: 'a test' };
  const { flow } = await signIn.start({ email }, sender);
  const step = await signIn.password({ flow, password: PASSWORD }, sender);
  if (!step.done) throw new Error('the account is new and has no second factor');
  const { sessionId } = step;
  const secret = fromBase32((await totp.enrol({ sessionId })).secret);
  const now = () => Math.floor(Date.now() / 30_000);
  await totp.confirm({ sessionId, code: totpCode(secret, now() - 1) }, sender);
  return () => totpCode(secret, now());
}

/** A morning at Acme: notes, an invoice with its changes, somebody who tries what they may not. */
async function live(ground: ConsoleGround): Promise<void> {
  const { bulkhead, pool } = ground;
  await bulkhead.asTenant(
    ACME,
    async () => {
      for (let index = 0; index < 40; index += 1) {
        const event =
          index % 5 === 0
            ? {
                action: 'invoice.paid' as const,
                targets: [
                  { type: 'invoice', id: `${4700 + index}`, name: `Invoice ${4700 + index}` },
                ],
              }
            : {
                action: 'note.written' as const,
                targets: [{ type: 'note', id: `${index}`, name: `Q3 numbers, draft ${index}` }],
              };
        await bulkhead.audit.record(event, pool);
      }
      // A row with its history: what a tracked table writes by itself.
      await pool.query(`insert into invoice (title) values ('4711, open')`);
      await pool.query(`update invoice set title = '4711, paid'`);
    },
    { actor: { type: 'user', id: 'ada', name: 'Ada Okafor' } },
  );
  await ground.attack();
  await ground.settle();
}

const PROOF_MS = 280_000;

async function prove(ground: ConsoleGround): Promise<void> {
  await change(ground, ground.people.noor, 'isolation/proofs', {});
  const until = Date.now() + PROOF_MS;
  while (Date.now() < until) {
    const { rows } = await ground.admin.query<{ done: boolean }>(
      `select exists (select from bulkhead.control_job where kind = 'proof' and status = 'done') as done`,
    );
    if (rows[0]?.done === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the proof does not end');
}

/** The console as `npm run build` left it. */
export const isConsoleBuilt = existsSync(
  join(import.meta.dirname, '../../../packages/bulkhead/dist/console/index.html'),
);

const listening = (server: Server, port: number): Promise<void> =>
  new Promise((resolve) => server.listen(port, 'localhost', resolve));

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
