/** What docs/guides/audit-search-export.md shows, run. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseVerifierKey, verifyProofs } from 'bulkhead-verify';
import { expect, onTestFinished, test } from 'vitest';
import { ACME, createAuditApp } from '#test/audit-app';
import { ORIGIN } from '#test/audit-ground';
import {
  parseSigningKey,
  verifierKeyOf,
} from '../../packages/bulkhead/src/audit/signer/signing-key.ts';
import { defineActions } from '../../packages/bulkhead/src/index.ts';

const actions = defineActions({ 'invoice.paid': { description: 'An invoice was paid.' } });

test('the app searches, streams and proves in its tenant’s context', async () => {
  const { bulkhead, pool, asAcme, leaves, ground } = await createAuditApp(actions);
  for (const id of ['41', '42', '43']) {
    await asAcme(() =>
      bulkhead.audit.record({ action: 'invoice.paid', targets: [{ type: 'invoice', id }] }, pool),
    );
  }
  await leaves();
  await (await ground.signer()).next();
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-guide-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'invoices.csv');

  await asAcme(async () => {
    // #region search
    const page = await bulkhead.audit.search({
      action: 'invoice.*',
      from: '2026-01-01T00:00:00Z',
      limit: 2,
    });
    const rest = await bulkhead.audit.search({
      action: 'invoice.*',
      from: '2026-01-01T00:00:00Z',
      limit: 2,
      cursor: page.next ?? undefined,
    });
    // #endregion
    expect([...page.events, ...rest.events].map(({ targets }) => targets[0]?.id)).toEqual([
      '43',
      '42',
      '41',
    ]);
    expect(rest.next).toBeNull();
    // #region stream
    const text = Readable.from(bulkhead.audit.export('csv', { action: 'invoice.paid' }));
    await pipeline(text, createWriteStream(file));
    // #endregion
    const [event] = page.events;
    const id = String(event?.id);
    // #region prove
    const { proof, checkpoint } = await bulkhead.audit.prove(id);
    // #endregion
    const vkey = verifierKeyOf(parseSigningKey(ground.signingKey), `${ORIGIN}/${ACME}/standard`);
    const { ok } = verifyProofs({
      keys: [parseVerifierKey(vkey)],
      proofs: [{ name: 'proof', bytes: Buffer.from(JSON.stringify(proof)) }],
      checkpoints: [{ name: 'checkpoint', bytes: Buffer.from(checkpoint) }],
    });
    expect(ok).toBe(true);
  });
  expect((await readFile(file, 'utf8')).trim().split('\r\n')).toHaveLength(4);

  // #region operator
  const page = await bulkhead.asOperator({ reason: 'Ticket 7' }, () =>
    bulkhead.audit.search({ tenant: ACME, target: 'invoice:42' }),
  );
  // #endregion
  expect(page.events).toHaveLength(1);
});
