// Writes packages/bulkhead/schema.sql from a database that all migrations were applied to; with --check it
// only compares. Needs a build.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capabilities } from '../packages/bulkhead/dist/capabilities.js';
import { startEmbeddedPostgres } from '../packages/bulkhead/dist/kernel/embedded/index.js';
import { dumpSchemaOf } from '../packages/bulkhead/dist/kernel/migrations/dump-schema.js';
import { migrate } from '../packages/bulkhead/dist/kernel/migrations/index.js';

const target = join(import.meta.dirname, '../packages/bulkhead/schema.sql');
const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-schema-'));
const server = await startEmbeddedPostgres({ dataDir });
let dump;
try {
  await migrate({
    connectionString: server.superuserUrl,
    capabilities,
    appRole: 'app',
    operatorRole: 'operator',
  });
  dump = await dumpSchemaOf(server.superuserUrl);
} finally {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}

if (process.argv.includes('--check')) {
  const current = await readFile(target, 'utf8').catch(() => '');
  if (current !== dump) {
    console.error('packages/bulkhead/schema.sql is not what the migrations make: npm run schema');
    process.exitCode = 1;
  }
} else {
  await writeFile(target, dump);
}
