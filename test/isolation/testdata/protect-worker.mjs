// Protects tables slowly and says where it is, for the test that kills it. Runs the built package.
import pg from 'pg';
import {
  applyProtection,
  planProtection,
  readTables,
} from '../../../packages/bulkhead/dist/isolation/protect/index.js';

const [url, appRole, tables, request] = process.argv.slice(2);
const client = new pg.Client({ connectionString: url });
await client.connect();
const plan = planProtection(
  await readTables(client, tables.split(','), { appRole }),
  JSON.parse(request),
);
await applyProtection(client, plan, {
  pauseRatio: 3,
  batchRows: 200,
  onProgress: ({ step, status }) => process.stdout.write(`${step.id} ${status}\n`),
});
await client.end();
