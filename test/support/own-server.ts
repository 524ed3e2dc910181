/**
 * A server for one test file alone, with Bulkhead in its database `app`: for what cannot be asked of the
 * server that all files share, such as a restart or another way of logging.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from 'bulkhead/embedded';
import pg from 'pg';
import {
  generateContextKey,
  Isolation,
  type IsolationOptions,
  publishContextKey,
} from '../../packages/bulkhead/src/isolation/index.ts';
import { fastFolder } from './fast-folder.ts';
import { migrateTemplate } from './migrate-template.ts';
import { copyPreparedCluster } from './prepared-cluster.ts';
import { createRoles, rolePassword, type TestRole } from './roles.ts';

export class OwnServer {
  readonly contextKey = generateContextKey();
  readonly #options: EmbeddedPostgresOptions;
  #server: EmbeddedPostgres;

  private constructor(options: EmbeddedPostgresOptions, server: EmbeddedPostgres) {
    this.#options = options;
    this.#server = server;
  }

  /** @param schema what the app has in its database, run as superuser. */
  static async start(
    schema: string,
    options: Omit<EmbeddedPostgresOptions, 'dataDir'>,
  ): Promise<OwnServer> {
    const dataDir = await mkdtemp(join(await fastFolder(), 'bulkhead-own-server-'));
    // The version that the shared server has, too.
    const binDir = process.env.TEST_POSTGRES_BIN;
    const all = { ...(binDir && { binDir }), ...options, dataDir };
    await copyPreparedCluster(dataDir);
    const own = new OwnServer(all, await startEmbeddedPostgres(all));
    await own.admin(async (client) => {
      await createRoles(client, own.#server.superuserUrl);
      await client.query('create database app owner test_owner');
    }, 'postgres');
    await migrateTemplate(own.#server.url({ database: 'app' }));
    await own.admin(async (client) => {
      await publishContextKey(client, own.contextKey);
      await client.query(schema);
    });
    return own;
  }

  /** The app's role on it; good across restarts. */
  get appUrl(): string {
    return this.urlOf('test_app');
  }

  /** Any of the tests' roles on it; good across restarts. */
  urlOf(role: TestRole): string {
    const password = rolePassword(this.#server.superuserUrl, role);
    return this.#server.url({ database: 'app', user: role, password });
  }

  isolation(options: Partial<IsolationOptions> = {}): Isolation {
    return new Isolation({
      contextKeys: [this.contextKey],
      tokenLifetimeSeconds: 300,
      searchPath: ['public'],
      pooler: 'detect',
      allow: { functions: [], relations: [], statements: [] },
      inFlightMax: 1,
      prepareStatements: true,
      operatorUrl: undefined,
      ...options,
    });
  }

  /** As superuser, on a connection for this once. */
  async admin<T>(work: (client: pg.Client) => Promise<T>, database = 'app'): Promise<T> {
    const client = new pg.Client({ connectionString: this.#server.url({ database }) });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  kill(): void {
    this.#server.kill();
  }

  /** On the port it had. */
  async startAgain(): Promise<void> {
    this.#server = await startEmbeddedPostgres({ ...this.#options, port: this.#server.port });
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.#options.dataDir, { recursive: true, force: true });
  }
}
