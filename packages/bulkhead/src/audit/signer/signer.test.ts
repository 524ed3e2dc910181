import { parseCheckpoint, parseNote, parseVerifierKey, verifyNote } from 'bulkhead-verify';
import { expect, test } from 'vitest';
import { createAuditGround, newIds, ORIGIN, readLog, recordIn, T1, T2 } from '#test/audit-ground';
import { originOf } from '../log/log-name.ts';
import type { Refusal } from './signer.ts';
import { generateSigningKey, parseSigningKey, verifierKeyOf } from './signing-key.ts';

async function signedLog(count = 300) {
  const ground = await createAuditGround();
  const refusals: Refusal[] = [];
  const { drain } = await ground.sequencer();
  const { next } = await ground.signer({ onRefusal: (refusal) => refusals.push(refusal) });
  const grow = async (tenant = T1, more = 3): Promise<void> => {
    await recordIn(ground.admin, { tenant, ids: newIds(more) });
    await drain();
  };
  await grow(T1, count);
  await next();
  const sizes = async (tenant = T1): Promise<number[]> => {
    const { rows } = await ground.admin.query(
      'select size::int from bulkhead.audit_checkpoint where tenant_id = $1 order by size',
      [tenant],
    );
    return rows.map(({ size }) => size);
  };
  return { ...ground, grow, next, refusals, sizes };
}

test('a checkpoint is a signed note that every configured key signed, under the name of its log', async () => {
  const ground = await createAuditGround();
  const { drain } = await ground.sequencer();
  const keys = [generateSigningKey(), generateSigningKey()].map(parseSigningKey);
  const { next } = await ground.signer({ keys });
  await recordIn(ground.admin);
  await drain();
  await next();
  const { rows } = await ground.admin.query('select note from bulkhead.audit_checkpoint');
  const note = parseNote(rows[0]?.note);
  const origin = originOf(ORIGIN, { tenant: T1, class: 'standard' });
  expect(parseCheckpoint(note.text)).toMatchObject({ origin, size: 1, extensions: [] });
  for (const key of keys) {
    expect(verifyNote(note, [parseVerifierKey(verifierKeyOf(key, origin))])).toHaveLength(1);
  }
  const other = verifierKeyOf(keys[0] as (typeof keys)[0], origin.replace(T1, T2));
  expect(verifyNote(note, [parseVerifierKey(other)])).toHaveLength(0);
});

const TAMPERINGS: [string, string, Refusal['reason']][] = [
  [
    'a leaf since the last checkpoint is altered',
    `update bulkhead.audit_chunk set entries = set_byte(entries, 40, get_byte(entries, 40) # 1) where first = 300`,
    'inconsistent',
  ],
  [
    'a leaf and its hash are altered',
    `update bulkhead.audit_chunk set entries = set_byte(entries, 40, get_byte(entries, 40) # 1), hashes = sha256('\\x00') where first = 300 and count = 1`,
    'inconsistent',
  ],
  ['leaves are missing', 'delete from bulkhead.audit_chunk where first >= 300', 'gap'],
  [
    'a length is altered',
    `update bulkhead.audit_chunk set entries = set_byte(entries, 1, 255) where first = 300`,
    'gap',
  ],
  ['the head claims more than there is', 'update bulkhead.audit_log set next = next + 5', 'gap'],
  ['the head is set back', 'update bulkhead.audit_log set next = 200', 'smaller'],
  [
    'the head is set back to the last checkpoint',
    'update bulkhead.audit_log set next = 300',
    'smaller',
  ],
  [
    "the head's frontier is another",
    `update bulkhead.audit_log set frontier = set_byte(frontier, 0, get_byte(frontier, 0) # 1)`,
    'inconsistent',
  ],
  [
    "the last checkpoint's frontier is another",
    `update bulkhead.audit_checkpoint set frontier = set_byte(frontier, 0, get_byte(frontier, 0) # 1)`,
    'inconsistent',
  ],
  [
    'a leaf is inserted',
    `update bulkhead.audit_chunk set count = count + 1, entries = entries || '\\x000141', hashes = hashes || sha256('\\x0041') where first = 300`,
    'gap',
  ],
];

test.each(TAMPERINGS)('refuses when %s', async (_, tampering, reason) => {
  const { admin, grow, next, refusals, sizes } = await signedLog();
  await grow(T1, 1);
  await admin.query(tampering);
  expect(await next()).toEqual({ signed: 0, isDrained: true });
  expect(refusals).toMatchObject([{ tenant: T1, class: 'standard', reason, signedSize: 300 }]);
  expect(await sizes()).toEqual([300]);
});

test('a refused log holds up no other, is told of once, and is signed again once it is put right', async () => {
  const { admin, grow, next, refusals, sizes } = await signedLog();
  await grow(T1, 1);
  await admin.query('update bulkhead.audit_log set next = next + 5 where tenant_id = $1', [T1]);
  await grow(T2);
  for (let round = 0; round < 3; round += 1) await next();
  expect(await sizes(T2)).toEqual([3]);
  expect(refusals).toHaveLength(1);
  await admin.query('update bulkhead.audit_log set next = next - 5 where tenant_id = $1', [T1]);
  await next();
  expect(await sizes()).toEqual([300, 301]);
  await readLog(admin);
});

test('what is published is never smaller than the last nor larger than the log, whoever asks', async () => {
  const { connect, database, grow, sizes } = await signedLog();
  await grow(T1, 1);
  const signer = await connect(database.signerUrl);
  const publish = (size: number) =>
    signer.query('select bulkhead.publish_checkpoints($1, $2, $3, $4, $5, $6)', [
      [T1],
      ['standard'],
      [size],
      [Buffer.alloc(32)],
      [Buffer.alloc(32)],
      ['a note'],
    ]);
  for (const size of [299, 300, 302, 1_000_000]) {
    await expect(publish(size)).rejects.toMatchObject({ code: '40001' });
  }
  expect(await sizes()).toEqual([300]);
});

test('two signers at once publish one checkpoint', async () => {
  const ground = await createAuditGround();
  const { drain } = await ground.sequencer();
  const signers = await Promise.all([ground.signer(), ground.signer(), ground.signer()]);
  for (let round = 0; round < 10; round += 1) {
    await recordIn(ground.admin, { ids: newIds(5) });
    await drain();
    await Promise.all(signers.map(({ next }) => next()));
  }
  const { rows } = await ground.admin.query(
    'select count(*)::int as n from bulkhead.audit_checkpoint',
  );
  expect(rows).toEqual([{ n: 10 }]);
  await readLog(ground.admin);
});

test('a log that grew by more than one reading holds is signed whole', async () => {
  const { admin, grow, next, sizes } = await signedLog(1);
  const text = 'x'.repeat(20_000);
  const event = JSON.stringify({
    action: 'a.b',
    outcome: 'success',
    targets: [],
    metadata: { text },
  });
  for (let turn = 0; turn < 6; turn += 1) {
    const ids = newIds(100);
    await recordIn(admin, { ids, events: ids.map(() => event) });
  }
  await grow(T1, 1);
  expect(await next()).toEqual({ signed: 1, isDrained: true });
  expect(await sizes()).toEqual([1, 602]);
});

test.each(['', 'bha1_short', `bha1_${'+'.repeat(43)}`, `bhv1_${'A'.repeat(43)}`])(
  '%j is no signing key',
  (text) => {
    expect(() => parseSigningKey(text)).toThrow(
      expect.objectContaining({ code: 'audit.signing_key_invalid' }),
    );
  },
);
