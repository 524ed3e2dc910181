/** What docs/guides/control-plane.md shows, run. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBulkhead, generateCredentialKey } from 'bulkhead';
import express from 'express';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { createAuditGround } from '#test/audit-ground';

test('an app mounts the control plane beside its own routes', async () => {
  const { database, vaultKey, signingKey } = await createAuditGround();
  const { contextKey, operatorUrl, identityUrl, auditUrl, signerUrl } = database;
  const credentialKey = generateCredentialKey();
  // #region configure
  const bulkhead = createBulkhead({
    database: { appRole: 'notes_app', operatorRole: 'notes_operator' },
    isolation: { contextKeys: [contextKey], operatorUrl },
    identity: {
      accountsUrl: identityUrl,
      sessions: {},
      apiKeys: { prefix: 'notes' },
      credentialKeys: [credentialKey],
      publicUrl: 'https://notes.example/bulkhead',
    },
    audit: {
      origin: 'audit.notes.example',
      vaultKeys: [vaultKey],
      signingKeys: [signingKey],
      sequencerUrl: auditUrl,
      signerUrl,
    },
    http: { publicUrl: 'https://notes.example/bulkhead' },
  });
  // #endregion
  const databaseUrl = database.appUrl;
  const pool = bulkhead.protect(new pg.Pool({ connectionString: databaseUrl }));
  onTestFinished(async () => {
    await pool.end();
    await bulkhead.close();
  });
  // #region mount
  const controlPlane = bulkhead.controlPlane();
  const app = express();
  app.use('/bulkhead', controlPlane.node);
  app.use(bulkhead.express());
  // Counts what happens, proves and verifies by itself, until `bulkhead.close()`.
  await controlPlane.start();
  // #endregion
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const health = await fetch(`http://127.0.0.1:${port}/bulkhead/healthz`);
  expect(await health.json()).toEqual({ status: 'up' });
  const elsewhere = await fetch(`http://127.0.0.1:${port}/bulkhead/openapi.json`);
  expect(elsewhere.status).toBe(421);
});
