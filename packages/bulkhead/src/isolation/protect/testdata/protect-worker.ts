/** A process of its own that protects the typical schema slowly, for the test that kills it. */
import { Client } from 'pg';
import { applyProtection, planProtection, readTables } from '../index.ts';

const [url, appRole, tables = '', request = '{}'] = process.argv.slice(2);
const client = new Client({ connectionString: url });
await client.connect();
const catalog = await readTables(client, tables.split(','), { appRole: appRole ?? '' });
const plan = planProtection(catalog, JSON.parse(request));
await applyProtection(client, plan, {
  pauseRatio: 3,
  batchRows: 200,
  onProgress: ({ number, status }) => process.stdout.write(`${number} ${status}\n`),
});
await client.end();
