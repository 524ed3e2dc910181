/** What docs/guides/sign-in.md shows, run. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBulkhead, generateCredentialKey, requireRecentMfa, type Sender } from 'bulkhead';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '#test/database';
import { fromBase32 } from '../../packages/bulkhead/src/identity/sign-in/testdata/ground.ts';
import { stepAt, totpCode } from '../../packages/bulkhead/src/identity/sign-in/totp/totp-code.ts';

const sender: Sender = { ip: '192.0.2.1', userAgent: 'a browser' };

test('a user gets a password, signs in, sets up an app and proves themselves again', async () => {
  const database = await createTestDatabase();
  const { identityUrl, contextKey } = database;
  const credentialKey = generateCredentialKey();
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-guide-'));
  const mail = { folder, from: 'Notes <hello@notes.example>' };
  // #region configure
  const bulkhead = createBulkhead({
    database: { appRole: 'notes_app', identityRole: 'notes_identity' },
    isolation: { contextKeys: [contextKey] },
    identity: {
      tenantFrom: [{ from: 'subdomain', of: 'notes.example' }],
      accountsUrl: identityUrl,
      sessions: {},
      publicUrl: 'https://notes.example',
      productName: 'Notes',
      credentialKeys: [credentialKey],
      // For links to set a password or to change an address; see "Invite people".
      mail,
    },
  });
  // #endregion
  const pool = bulkhead.protect(new pg.Pool({ connectionString: database.appUrl }));
  onTestFinished(async () => {
    await pool.end();
    await bulkhead.close();
    await database.drop();
    await rm(folder, { recursive: true });
  });
  const { identity } = bulkhead;

  // #region first-password
  const ada = await identity.users.create({ email: 'ada@acme.example', name: 'Ada' });
  await identity.passwords.establish({ userId: ada.id, password: 'correct horse battery' });
  // #endregion

  // #region password
  const { flow } = await identity.signIn.start({ email: 'ada@acme.example' }, sender);
  const step = await identity.signIn.password({ flow, password: 'correct horse battery' }, sender);
  if (!step.done) throw new Error(`go on with one of ${step.next.join(', ')}`);
  const cookie = identity.sessions.cookie.set(step.sessionToken, 'notes.example');
  // #endregion
  expect(cookie).toMatch(/^__Host-bulkhead_session=/);

  const { sessionId } = step;
  // #region totp
  const { uri, secret } = await identity.totp.enrol({ sessionId });
  // Show `uri` as a QR code and `secret` to type; then ask for the first code.
  const code = await theCodeThatTheAppShows();
  const { recoveryCodes } = await identity.totp.confirm({ sessionId, code }, sender);
  // #endregion
  async function theCodeThatTheAppShows(): Promise<string> {
    expect(uri).toMatch(/^otpauth:/);
    return totpCode(fromBase32(secret), stepAt(Date.now()));
  }
  expect(recoveryCodes).toHaveLength(10);

  const [recoveryCode = ''] = recoveryCodes ?? [];
  // #region step-up
  const proof = await identity.signIn.stepUp({ sessionId }, sender);
  const again = await identity.signIn.recoveryCode(
    { flow: proof.flow, code: recoveryCode },
    sender,
  );
  // #endregion
  expect(again).toMatchObject({ done: true, sessionId, mfa: true });

  const tokenOfLink = async () => {
    await identity.mail.sendDue();
    const texts = (await identity.mail.mailbox()).map(({ text }) => text).join('\n');
    return /\/confirm-email#(\S+)/.exec(texts)?.[1] ?? '';
  };
  // #region email
  await identity.emailChange.request({ sessionId, email: 'ada@lovelace.example' }, sender);
  // On the page that the link leads to:
  const { email } = await identity.emailChange.finish(
    { sessionId, token: await tokenOfLink() },
    sender,
  );
  // #endregion
  expect(email).toBe('ada@lovelace.example');

  const invoiceDeleted = (session: { mfaAtMs: number | null } | undefined) => {
    // #region require
    requireRecentMfa(session, { withinSeconds: 300 });
    // #endregion
    return true;
  };
  expect(invoiceDeleted({ mfaAtMs: Date.now() })).toBe(true);
  expect(() => invoiceDeleted({ mfaAtMs: null })).toThrow('prove again');
});
