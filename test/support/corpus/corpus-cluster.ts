/**
 * A throw-away cluster for cases of the corpus, one case at a time: roles belong to the cluster, so two
 * cases at once would meet. Nothing of a case is left when `withCase` returns.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedPostgres } from 'bulkhead/embedded';
import pg from 'pg';
import { fastFolder } from '../fast-folder.ts';
import { copyPreparedCluster } from '../prepared-cluster.ts';
import { quickVerifier } from '../quick-verifier.ts';
import type { CorpusCase } from './corpus-case.ts';

export interface CorpusCluster {
  readonly major: number;
  /** Loads the case into an empty database and hands over the superuser's URL of that. */
  withCase<T>(subject: CorpusCase, work: (database: LoadedCase) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export interface LoadedCase {
  readonly subject: CorpusCase;
  readonly superuserUrl: string;
  /** Signs in as a role of the case, which becomes LOGIN and gets a password for that; without one, as the superuser. */
  connectAs(role?: string): Promise<pg.Client>;
  applyFix(): Promise<void>;
  /** The superuser's session that loaded the case, as if it were a new one. */
  loader(): Promise<pg.Client>;
}

const PASSWORD = 'corpus';
const VERIFIER = quickVerifier(PASSWORD);

/** @param options.binDir another PostgreSQL's programs, to run the corpus on its version */
export async function startCorpusCluster(
  options: { binDir?: string | undefined } = {},
): Promise<CorpusCluster> {
  const dataDir = await mkdtemp(join(await fastFolder(), 'bulkhead-corpus-'));
  if (options.binDir === (process.env.TEST_POSTGRES_BIN || undefined)) {
    await copyPreparedCluster(dataDir);
  }
  const server = await startEmbeddedPostgres({
    dataDir,
    durable: false,
    settings: {
      autovacuum: 'off',
      max_connections: '30',
      shared_buffers: '32MB',
      wal_level: 'logical',
    },
    ...(options.binDir === undefined ? {} : { binDir: options.binDir }),
  });
  const admin = await connect(server.superuserUrl);
  // Copied as files, and with what the first connection to a database leaves there for the next.
  await admin.query('create database corpus template template0');
  await (await connect(server.url({ database: 'corpus' }))).end();
  const { rows } = await admin.query<{ version: string }>(
    `select current_setting('server_version_num') as version`,
  );
  let made = 0;
  return {
    major: Math.floor(Number(rows[0]?.version) / 10_000),
    async withCase(subject, work) {
      made += 1;
      const database = `corpus_${made}`;
      const url = server.url({ database });
      await admin.query(`create database ${database} template corpus strategy file_copy`);
      const session = await connect(url);
      try {
        await session.query(subject.schema);
        return await work({
          subject,
          superuserUrl: url,
          async connectAs(role) {
            if (role === undefined) return connect(url);
            const name = pg.escapeIdentifier(role);
            await admin.query(`alter role ${name} login password '${VERIFIER}'`);
            return connect(server.url({ database, user: role, password: PASSWORD }));
          },
          async applyFix() {
            const fix = subject.blocks.find((block) => block.name === 'fix');
            await session.query(fix?.sql ?? '');
          },
          async loader() {
            await session.query('discard all');
            return session;
          },
        });
      } finally {
        await session.end();
        await admin.query(`drop database ${database} with (force)`);
        await dropRoles(admin);
      }
    },
    async stop() {
      await admin.end();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  // A dropped database ends its sessions; that must not end the process.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** All but the cluster's own, so that a case which forgets to name one spoils nothing for the next. */
async function dropRoles(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    `select quote_ident(rolname) as name from pg_roles where oid >= 16384`,
  );
  if (rows.length === 0) return;
  const names = rows.map(({ name }) => name).join();
  await admin.query(`drop owned by ${names} cascade; drop role ${names}`);
}
