/** What docs/guides/invitations.md shows, run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBulkhead, generateCredentialKey } from 'bulkhead';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '#test/database';
import { startNameServer } from '#test/name-server';

test('people are invited, come in by the link, and join by their domain', async () => {
  const database = await createTestDatabase();
  const dns = await startNameServer();
  const { identityUrl, contextKey } = database;
  const credentialKey = generateCredentialKey();
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-guide-'));
  const mail = { folder, from: 'Notes <hello@notes.example>' };
  const nameServers = [dns.address];
  // #region configure
  const bulkhead = createBulkhead({
    database: { appRole: 'notes_app', identityRole: 'notes_identity' },
    isolation: { contextKeys: [contextKey] },
    identity: {
      accountsUrl: identityUrl,
      sessions: {},
      credentialKeys: [credentialKey],
      publicUrl: 'https://notes.example',
      productName: 'Notes',
      // In production: { smtpUrl: process.env.SMTP_URL, from: 'Notes <hello@notes.example>' }
      mail,
      nameServers,
    },
  });
  // #endregion
  const pool = bulkhead.protect(new pg.Pool({ connectionString: database.appUrl }));
  const admin = new pg.Client({ connectionString: database.superuserUrl });
  await admin.connect();
  await admin.query(`insert into bulkhead.tenant (slug, name) values ('acme', 'Acme')`);
  onTestFinished(async () => {
    await pool.end();
    await bulkhead.close();
    await admin.end();
    await database.drop();
    await rm(folder, { recursive: true });
  });
  const { identity } = bulkhead;
  const sender = { ip: '192.0.2.1', userAgent: 'a browser' };

  // #region first-owner
  await bulkhead.asTenant('acme', () =>
    identity.invitations.create({ email: 'ada@acme.example', role: 'owner', name: 'Ada' }),
  );
  // #endregion

  await identity.mail.sendDue();
  // #region mailbox
  const [newest] = await identity.mail.mailbox();
  // #endregion
  expect(newest?.subject).toBe('You are invited to join Acme on Notes');
  const token = /#(bhi_[\w-]+)/.exec(newest?.text ?? '')?.[1] ?? '';

  // #region come-in
  const { tenant, email } = await identity.invitations.look({ token });
  const { sessionToken } = await identity.invitations.register(
    { token, name: 'Ada Lovelace', password: 'correct horse battery' },
    sender,
  );
  const cookie = identity.sessions.cookie.set(sessionToken, 'notes.example');
  // #endregion
  expect([tenant, email]).toEqual(['Acme', 'ada@acme.example']);
  expect(cookie).toContain('Secure');

  // #region accept
  const bob = await identity.users.create({ email: 'bob@acme.example', name: 'Bob' });
  const accept = (link: string) => identity.invitations.accept({ token: link, userId: bob.id });
  // #endregion
  await expect(accept(token)).rejects.toMatchObject({ code: 'identity.invitation_refused' });

  const csv = 'email,role,name\ncleo@acme.example,member,Cleo\n=cmd@acme.example,member,x\n';
  await bulkhead.asTenant('acme', async () => {
    // #region import
    const said = await identity.invitations.import({ csv, dryRun: true });
    if (said.refused === 0) await identity.invitations.import({ csv });
    const table = await identity.invitations.export({});
    // #endregion
    expect(said).toMatchObject({ invited: 1, refused: 1 });
    expect(table.csv).toContain('ada@acme.example,Ada,owner');

    // #region domain
    const { record } = await identity.domains.add({ domain: 'acme-corp.dev', role: 'member' });
    // Its keeper puts `record` into a TXT record of acme-corp.dev; then:
    const look = () => identity.domains.verify({ domain: 'acme-corp.dev' });
    // #endregion
    dns.zone.set('acme-corp.dev', [[record]]);
    expect(await look()).toMatchObject({ status: 'verified' });
  });

  const eve = await identity.users.create({ email: 'eve@acme-corp.dev', name: 'Eve' });
  await admin.query('update bulkhead.user_account set email_verified_at = now() where id = $1', [
    eve.id,
  ]);
  // #region join
  const [open] = await identity.domains.openTo({ userId: eve.id });
  if (open !== undefined) {
    await identity.domains.join({ userId: eve.id, tenantId: open.tenantId });
  }
  // #endregion
  expect(open?.slug).toBe('acme');
});
