/** Brings the template of every migrated test database up to date with Bulkhead's own migrations. */
import pg from 'pg';
import { capabilities } from '../../packages/bulkhead/src/capabilities.ts';
import { migrate } from '../../packages/bulkhead/src/kernel/migrations/index.ts';

export async function migrateTemplate(superuserUrl: string): Promise<void> {
  await migrate({
    connectionString: superuserUrl,
    capabilities,
    appRole: 'test_app',
    operatorRole: 'test_operator',
    auditRole: 'test_audit',
    signerRole: 'test_signer',
    identityRole: 'test_identity',
  });
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  // Bulkhead leaves plpgsql to roles that own functions; the owner of a new database owns none yet.
  await client.query('grant usage on language plpgsql to test_owner');
  await client.end();
}
