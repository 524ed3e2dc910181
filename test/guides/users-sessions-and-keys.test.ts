/** What docs/guides/users-sessions-and-keys.md shows, run. */
import { createBulkhead, definePermissions } from 'bulkhead';
import express from 'express';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '#test/database';
import { publishCatalogue } from '../../packages/bulkhead/src/access/index.ts';

test('people, programs and their credentials, from the first to the last', async () => {
  const database = await createTestDatabase();
  const { identityUrl, operatorUrl, contextKey } = database;
  const admin = new pg.Client({ connectionString: database.superuserUrl });
  await admin.connect();
  const permissions = definePermissions({
    'invoice:read': { description: 'Reads invoices.', roles: ['member'] },
  });
  await publishCatalogue(admin, {
    permissions,
    kinds: [],
    maxAgeMs: 1_000,
    cacheBytes: 1_000_000,
  });
  // #region configure
  const bulkhead = createBulkhead({
    database: {
      appRole: 'notes_app',
      operatorRole: 'notes_operator',
      identityRole: 'notes_identity',
    },
    isolation: { contextKeys: [contextKey], operatorUrl },
    identity: {
      tenantFrom: [{ from: 'subdomain', of: 'notes.example' }],
      accountsUrl: identityUrl,
      publicUrl: 'https://notes.example',
      sessions: { idleMinutes: 720, absoluteMinutes: 10_080, rotateMinutes: 15 },
      apiKeys: { prefix: 'notes' },
    },
    access: { permissions },
  });
  // #endregion
  const pool = bulkhead.protect(new pg.Pool({ connectionString: database.appUrl }));
  onTestFinished(async () => {
    await bulkhead.close();
    await pool.end().catch(() => undefined);
    await admin.end();
    await database.drop();
  });

  // #region tenant
  const acme = await bulkhead.tenants.create({ slug: 'acme', name: 'Acme Robotics' });
  await bulkhead.tenants.suspend('acme', 'invoice 1204 is unpaid');
  await bulkhead.tenants.restore('acme', 'paid');
  // #endregion

  // #region users
  const ada = await bulkhead.identity.users.create({ email: 'ada@acme.example', name: 'Ada' });
  await bulkhead.asTenant('acme', async () => {
    await bulkhead.access.members.add({ type: 'user', id: ada.id, name: 'Ada' });
    await bulkhead.access.grants.create({ holder: { type: 'user', id: ada.id }, role: 'admin' });
  });
  // #endregion

  // #region express
  const app = express();
  app.use(bulkhead.express());
  app.get('/', (_request, response) => {
    const { actor, session } = bulkhead.context();
    response.send(`${actor.name}, signed in with ${session?.methods.join(' and ')}`);
  });
  // #endregion
  expect(app).toBeDefined();

  const { id: sessionId, token } = await bulkhead.identity.sessions.start(ada.id, {
    methods: ['password'],
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  });
  // #region own-sessions
  const mine = await bulkhead.identity.sessions.list(ada.id);
  const shown = mine.map(({ device, ip, lastSeenAt }) => ({ device, ip, lastSeenAt }));
  await bulkhead.identity.sessions.revokeAll(ada.id, { except: sessionId });
  // #endregion
  expect(shown).toMatchObject([{ device: 'Firefox on Linux' }]);

  const asAda = <T>(fn: () => Promise<T>) =>
    bulkhead.asTenant(acme.id, fn, { actor: { type: 'user', id: ada.id } });
  const { key, nightly } = await asAda(async () => {
    // #region robot
    const robot = await bulkhead.identity.serviceAccounts.create({ name: 'Nightly export' });
    await bulkhead.access.grants.create({
      holder: { type: 'service_account', id: robot.id },
      role: 'viewer',
    });
    const nightly = await bulkhead.identity.apiKeys.create({
      name: 'nightly',
      holder: { type: 'service_account', id: robot.id },
      permissions: ['invoice:read'],
      expiresAt: new Date(Date.now() + 90 * 86_400_000).toISOString(),
    });
    console.info(nightly.token); // Shown this once.
    // #endregion
    // #region rotate
    const key = await bulkhead.identity.apiKeys.rotate({ id: nightly.id, overlapHours: 24 });
    // #endregion
    return { key, nightly };
  });
  expect(nightly.token).toMatch(/^notes_/);
  const admit = (headers: Record<string, string>) =>
    bulkhead.gate.admit({
      method: 'GET',
      host: 'acme.notes.example',
      path: '/',
      header: (name) => headers[name],
      raw: {},
    });
  for (const good of [nightly.token, key.token]) {
    expect(await admit({ authorization: `Bearer ${good}` })).toMatchObject({
      actor: { type: 'api_key', id: nightly.id },
    });
  }
  expect(await admit({ cookie: `__Host-bulkhead_session=${token}` })).toMatchObject({
    actor: { name: 'Ada' },
  });
  await asAda(async () => {
    // #region revoke
    await bulkhead.identity.apiKeys.revoke({ id: nightly.id });
    const { items } = await bulkhead.identity.sessions.ofTenant({ userId: ada.id });
    await bulkhead.identity.sessions.shutOutAll({ userId: ada.id });
    // #endregion
    expect(items).toMatchObject([{ id: sessionId }]);
  });
  // #region leave
  await bulkhead.identity.users.disable(ada.id, { reason: 'left Acme', by: 'operator:it' });
  // #endregion
  expect(await bulkhead.identity.sessions.list(ada.id)).toEqual([]);
});
