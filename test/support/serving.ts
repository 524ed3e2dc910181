/**
 * `bulkhead serve` as it is deployed: the built command line in processes of its own, over a database where
 * people have accounts and sign in.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import {
  type BulkheadConfig,
  createBulkhead,
  generateCredentialKey,
} from '../../packages/bulkhead/src/index.ts';
import { type AuditGround, ORIGIN } from './audit-ground.ts';
import { createTwoTenants, tenantOf } from './control-plane.ts';

const MAIN = join(import.meta.dirname, '../../packages/bulkhead/dist/cli/main.js');
export const PASSWORD = 'correct horse battery staple';
const READY_WITHIN_MS = 90_000;

export interface Served {
  readonly child: ChildProcess;
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Its exit code, when it has ended. */
  readonly ended: Promise<number | null>;
  /** What it wrote to stderr so far. */
  said(): string;
}

/** Somebody signed in: what their browser sends. */
export interface SignedIn {
  readonly cookie: string;
  readonly csrfToken: string;
}

export interface Asking {
  readonly as?: SignedIn;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface ServingGround {
  readonly ground: AuditGround;
  readonly config: BulkheadConfig;
  /** User ids by name: `operators-owner`, `acme-admin`, … */
  readonly users: ReadonlyMap<string, string>;
  serve(words?: readonly string[]): Promise<Served>;
  /** Runs another command, as the administrator; what it prints under `--json`. */
  command(words: readonly string[]): Promise<Record<string, unknown>>;
  ask(served: Served, path: string, asking?: Asking): Promise<Response>;
  /** Signs in with the password, as a browser does. */
  signIn(served: Served, person: string): Promise<SignedIn>;
}

/** @param people `tenant-role` */
export async function createServingGround(
  people: readonly string[],
  http: Partial<NonNullable<BulkheadConfig['http']>> = {},
  /** Where the served process finds the database instead. */
  through: (url: string) => string = (url) => url,
): Promise<ServingGround> {
  const ground = await createTwoTenants();
  const { admin, database } = ground;
  const config: BulkheadConfig = {
    database: { appRole: 'test_app', operatorRole: 'test_operator' },
    isolation: { contextKeys: [database.contextKey], operatorUrl: database.operatorUrl },
    identity: {
      accountsUrl: database.identityUrl,
      sessions: {},
      apiKeys: {},
      credentialKeys: [generateCredentialKey()],
    },
    audit: {
      origin: ORIGIN,
      vaultKeys: [ground.vaultKey],
      signingKeys: [ground.signingKey],
      sequencerUrl: database.auditUrl,
      signerUrl: database.signerUrl,
    },
    http: {
      publicUrl: 'http://127.0.0.1:4600',
      databaseUrl: database.appUrl,
      proveEveryMinutes: 0,
      verifyEveryMinutes: 0,
      ...http,
    },
  };
  const users = new Map<string, string>();
  const bulkhead = createBulkhead(config);
  bulkhead.protect(new pg.Pool({ connectionString: database.appUrl, max: 1 }));
  try {
    for (const person of people) {
      const [, role = ''] = person.split('-');
      const { id } = await bulkhead.identity.users.create({
        email: `${person}@notes.example`,
        name: person,
        emailVerified: true,
      });
      await bulkhead.identity.passwords.establish({ userId: id, password: PASSWORD });
      users.set(person, id);
      await admin.query('set role bulkhead');
      await admin.query(
        `select bulkhead.access_member_join($1, 'system:test', 'user', $2, $3, $4)`,
        [tenantOf(person), id, person, `${person}@notes.example`],
      );
      if (role !== 'nobody') {
        await admin.query(
          `select bulkhead.access_give($1, 'system:test', 'user', $2, $3, null, 'direct', null)`,
          [tenantOf(person), id, role],
        );
      }
      await admin.query('reset role');
    }
  } finally {
    await bulkhead.close();
  }
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-serve-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'bulkhead.config.json'), through(JSON.stringify(config)));

  const serving: ServingGround = {
    ground,
    config,
    users,
    async command(words) {
      const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...words, '--json'], {
        cwd: folder,
        env: { ...process.env, BULKHEAD_ADMIN_URL: database.superuserUrl },
      });
      return JSON.parse(stdout) as Record<string, unknown>;
    },
    async serve(words = []) {
      const child = spawn(process.execPath, [MAIN, 'serve', '--json', '--port', '0', ...words], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      onTestFinished(() => {
        child.kill('SIGKILL');
      });
      let errors = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        errors += text;
      });
      const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
      const port = await new Promise<number>((resolve, reject) => {
        let text = '';
        const late = setTimeout(
          () => reject(new Error(`not listening: ${errors}`)),
          READY_WITHIN_MS,
        );
        child.stdout.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
          const found = /"port": (\d+)/.exec(text)?.[1];
          if (found === undefined) return;
          clearTimeout(late);
          resolve(Number(found));
        });
        void ended.then((code) => reject(new Error(`ended with ${code}: ${errors}${text}`)));
      });
      return { child, url: `http://127.0.0.1:${port}`, ended, said: () => errors };
    },
    ask(served, path, { as, method = 'GET', body, headers, signal } = {}) {
      return fetch(`${served.url}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(method !== 'GET' && { origin: served.url, 'sec-fetch-site': 'same-origin' }),
          ...(as !== undefined && { cookie: as.cookie }),
          ...(as !== undefined && method !== 'GET' && { 'x-csrf-token': as.csrfToken }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && {
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
        ...(signal !== undefined && { signal }),
      });
    },
    async signIn(served, person) {
      const answer = await serving.ask(served, '/api/v1/sign-in/password', {
        method: 'POST',
        body: { email: `${person}@notes.example`, password: PASSWORD },
      });
      if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
      const cookie = answer.headers
        .getSetCookie()
        .map((line) => line.split(';', 1)[0])
        .join('; ');
      const me = (await (
        await serving.ask(served, '/api/v1/me', { headers: { cookie } })
      ).json()) as { csrfToken: string };
      return { cookie, csrfToken: me.csrfToken };
    },
  };
  return serving;
}
