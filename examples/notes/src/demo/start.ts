/**
 * Brings the demo up, step by step, and knows how to take it down again.
 *
 * Promises: whatever was started is stopped by `stop`, in reverse order, at whatever step it is called.
 */
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startEmbeddedPostgres } from 'bulkhead/embedded';
import pg from 'pg';
import { buildApp, type NotesApp } from '../app.ts';
import { runBulkheadMigration } from '../database/bulkhead-migration.ts';
import { type Prepared, prepareDatabase } from '../database/prepare.ts';
import {
  APP_ROLE,
  AUDIT_ROLE,
  IDENTITY_ROLE,
  OPERATOR_ROLE,
  SIGNER_ROLE,
} from '../database/roles.ts';
import type { LandingOrganization } from '../pages/door.ts';
import { givePasswords } from '../seed/accounts.ts';
import { DEMO_PASSWORD, ORGANIZATIONS } from '../seed/seed.ts';
import type { Screen } from './screen.ts';
import { type DemoSecrets, loadSecrets } from './secrets.ts';

const DATABASE = 'notes';
const PORT_PREFERRED = 3000;
const HOST = '127.0.0.1';

export interface Demo {
  readonly app: NotesApp;
  readonly port: number;
  readonly superuserUrl: string;
  /** As the app's role; what a thief of its password would have. */
  readonly appUrl: string;
  /** As the operators' role. */
  readonly operatorUrl: string;
  readonly secrets: DemoSecrets;
  readonly prepared: Prepared;
}

export interface StartOptions {
  readonly folder: string;
  /** Exactly this port, or whichever is free. */
  readonly port: number | undefined;
  readonly screen: Screen;
  /** Called with each thing that must be undone. */
  readonly onStarted: (stop: () => Promise<void>) => void;
}

export const LANDING: readonly LandingOrganization[] = ORGANIZATIONS.map(
  ({ slug, name, people, domain }) => ({
    slug,
    name,
    people: people.map((one) => ({
      name: one.name,
      title: one.title,
      email: `${one.login}@${domain}`,
    })),
  }),
);

export async function startDemo({ folder, port, screen, onStarted }: StartOptions): Promise<Demo> {
  await mkdir(folder, { recursive: true });
  const secrets = await loadSecrets(folder);
  const startedMs = Date.now();
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres') });
  onStarted(() => server.stop());
  const version = await ensureDatabase(server.superuserUrl);
  screen.done(
    `PostgreSQL ${version} is up`,
    `${((Date.now() - startedMs) / 1000).toFixed(1)} s, port ${server.port}`,
  );

  const superuserUrl = server.url({ database: DATABASE });
  const prepared = await prepareDatabase({
    superuserUrl,
    contextKey: secrets.contextKey,
    passwords: secrets.passwords,
    today: new Date(),
    migrateBulkhead: runBulkheadMigration,
  });
  screen.done(
    prepared.migrationsApplied === 0
      ? 'Its schema is up to date'
      : `${prepared.migrationsApplied} migrations applied`,
  );
  for (const warning of prepared.warnings) screen.line(screen.faint(`  ${warning}`));
  screen.done(
    prepared.organizationsAdded === 0
      ? 'Your data of the last start is kept'
      : `${prepared.organizationsAdded} organizations seeded`,
    ORGANIZATIONS.map((one) => one.name).join(', '),
  );

  const appUrl = server.url({
    database: DATABASE,
    user: APP_ROLE,
    password: secrets.passwords.app,
  });
  const operatorUrl = server.url({
    database: DATABASE,
    user: OPERATOR_ROLE,
    password: secrets.passwords.operator,
  });
  const chosen = await choosePort(port);
  const app = await buildApp({
    ...secrets,
    publicUrl: `http://localhost:${chosen}`,
    mailFolder: join(folder, 'mailbox'),
    databaseUrl: appUrl,
    operatorUrl,
    sequencerUrl: server.url({
      database: DATABASE,
      user: AUDIT_ROLE,
      password: secrets.passwords.audit,
    }),
    signerUrl: server.url({
      database: DATABASE,
      user: SIGNER_ROLE,
      password: secrets.passwords.signer,
    }),
    accountsUrl: server.url({
      database: DATABASE,
      user: IDENTITY_ROLE,
      password: secrets.passwords.identity,
    }),
    organizations: LANDING,
    demoPassword: DEMO_PASSWORD,
    onFailure: (error) => screen.line(screen.bad(`an answer failed: ${error.message}`)),
  });
  onStarted(() => app.close());
  await givePasswords(app.bulkhead);
  app.bulkhead.audit.start({
    onError: (task, error) =>
      screen.line(screen.faint(`audit ${task}: ${(error as Error).message}`)),
  });
  const served = await listen(app, chosen);
  screen.done(`Notes is serving at http://localhost:${served}`);
  return { app, port: served, superuserUrl, appUrl, operatorUrl, secrets, prepared };
}

/** @returns the server's version. */
async function ensureDatabase(superuserUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const known = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (!known.rowCount)
      await client.query(`create database ${DATABASE} template template0 encoding 'UTF8'`);
    const shown = await client.query<{ server_version: string }>('show server_version');
    return shown.rows[0]?.server_version ?? '';
  } finally {
    await client.end();
  }
}

async function listen(app: NotesApp, port: number): Promise<number> {
  await app.server.listen({ port, host: HOST });
  return port;
}

/** Known before the app is built: passkeys are made for its address. */
async function choosePort(wanted: number | undefined): Promise<number> {
  if (wanted !== undefined && wanted !== 0) return wanted;
  return (wanted === undefined && (await freePort(PORT_PREFERRED))) || (await freePort(0)) || 0;
}

/** The port, or undefined where somebody else has it. */
function freePort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, HOST, () => {
      const address = probe.address();
      const found = typeof address === 'object' && address !== null ? address.port : undefined;
      probe.close(() => resolve(found));
    });
  });
}
