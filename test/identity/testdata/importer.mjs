/** A process of the app that is killed while it invites everybody in a table. */
import { readFileSync } from 'node:fs';
import { createBulkhead } from 'bulkhead';
import pg from 'pg';

const { appUrl, identityUrl, contextKey, file } = JSON.parse(process.argv[2] ?? '{}');
const bulkhead = createBulkhead({
  database: { appRole: 'test_app', identityRole: 'test_identity' },
  isolation: { contextKeys: [contextKey] },
  identity: { accountsUrl: identityUrl, publicUrl: 'https://app.example' },
});
bulkhead.protect(new pg.Pool({ connectionString: appUrl, max: 1 }));
const csv = readFileSync(file, 'utf8');
await bulkhead.asTenant('acme', () => bulkhead.identity.invitations.import({ csv }));
await bulkhead.close();
