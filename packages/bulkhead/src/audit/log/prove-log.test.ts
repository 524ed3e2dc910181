import { leafHash, verifyConsistency, verifyInclusion } from 'bulkhead-verify';
import fc from 'fast-check';
import type pg from 'pg';
import { expect, test } from 'vitest';
import {
  type AuditGround,
  createAuditGround,
  newIds,
  readLog,
  recordIn,
  T1,
  T2,
} from '#test/audit-ground';
import { parseContextKey, parseTenantId } from '../../isolation/index.ts';
import { createContextSigner } from '../../isolation/signed-context.ts';
import { proveConsistency, proveInclusion } from './prove-log.ts';
import { readTile } from './tree-reader.ts';

const raw = (text: string): Buffer => Buffer.from(text, 'base64');
const LOG = { tenant: T1, class: 'standard' };
const SIZES = [1, 2, 3, 5, 8, 13, 130, 255, 256, 257, 511, 700, 1024, 2048, 2100];

/** The app's role in a tenant's context, without the guard in front, which lets no app name our tables. */
async function readerOf(ground: AuditGround, tenant: string): Promise<pg.Client> {
  const client = await ground.connect(ground.database.appUrl);
  const { token } = createContextSigner(parseContextKey(ground.database.contextKey), 300).sign(
    {
      kind: 'tenant',
      tenant: { id: parseTenantId(tenant) },
      actor: { type: 'user', id: 'ada' },
      expiresAtMs: Date.now() + 60_000,
    },
    Date.now(),
  );
  await client.query(`select set_config('bulkhead.context', $1, false)`, [token]);
  return client;
}

/** A log with a checkpoint at each of `SIZES`. */
async function grownLog() {
  const ground = await createAuditGround();
  const { drain } = await ground.sequencer();
  const { next } = await ground.signer();
  let size = 0;
  for (const wanted of SIZES) {
    await recordIn(ground.admin, { ids: newIds(wanted - size) });
    await drain();
    await next();
    size = wanted;
  }
  return { ...ground, leaves: await readLog(ground.admin) };
}

test('every event is proven to be in every checkpoint that covers it, and each checkpoint to continue those before', async () => {
  const { admin, leaves } = await grownLog();
  await fc.assert(
    fc.asyncProperty(fc.nat(2099), fc.constantFrom(...SIZES), async (index, treeSize) => {
      const leaf = leaves[index];
      if (leaf === undefined) throw new Error('no such leaf');
      const asked = proveInclusion(admin, { tenant: T1, id: leaf.json.id, treeSize });
      if (treeSize <= index) {
        await expect(asked).rejects.toMatchObject({ code: 'audit.leaf_absent' });
        return;
      }
      const { proof } = await asked;
      expect(proof).toMatchObject({ leafIndex: index, treeSize });
      expect(raw(proof.leafHash).equals(leafHash(leaf.bytes))).toBe(true);
      const holds = (hash: Buffer) =>
        verifyInclusion(hash, index, treeSize, proof.hashes.map(raw), raw(proof.rootHash));
      expect(holds(raw(proof.leafHash))).toBe(true);
      expect(holds(leafHash(Buffer.from('another')))).toBe(false);
    }),
    { numRuns: 60 },
  );
  for (const [at, oldSize] of SIZES.entries()) {
    for (const newSize of SIZES.slice(at)) {
      const { hashes, oldRoot, newRoot } = await proveConsistency(admin, LOG, oldSize, newSize);
      expect(verifyConsistency(oldSize, newSize, raw(oldRoot), raw(newRoot), hashes.map(raw))).toBe(
        true,
      );
    }
  }
});

test('tiles of any width are read as they are written in an export', async () => {
  const { admin, leaves } = await grownLog();
  const hashes = Buffer.concat(leaves.map(({ bytes }) => leafHash(bytes)));
  const tile = await readTile(admin, LOG, { level: 0, n: 1, width: 256 });
  expect(tile.equals(hashes.subarray(32 * 256, 32 * 512))).toBe(true);
  const partial = await readTile(admin, LOG, { level: 0, n: 8, width: 52 });
  expect(partial.equals(hashes.subarray(32 * 2048))).toBe(true);
  expect(await readTile(admin, LOG, { level: 1, n: 0, width: 8 })).toHaveLength(32 * 8);
  await expect(readTile(admin, LOG, { level: 1, n: 0, width: 9 })).rejects.toMatchObject({
    code: 'audit.leaf_absent',
  });
});

test("a tenant is given proofs of its own log and nothing of another's", async () => {
  const ground = await createAuditGround();
  const { drain } = await ground.sequencer();
  const { next } = await ground.signer();
  const [mine] = (await recordIn(ground.admin, { tenant: T1, ids: newIds(300) })) as [string];
  const [theirs] = (await recordIn(ground.admin, { tenant: T2, ids: newIds(300) })) as [string];
  await drain();
  await next();
  const app = await readerOf(ground, T1);
  const { proof } = await proveInclusion(app, { tenant: T1, id: mine });
  expect(proof.treeSize).toBe(300);
  for (const event of [
    { tenant: T2, id: theirs },
    { tenant: T1, id: theirs },
    { tenant: T2, id: mine },
  ]) {
    await expect(proveInclusion(app, event)).rejects.toMatchObject({ code: 'audit.leaf_absent' });
  }
  const there = { tenant: T2, class: 'standard' };
  await expect(readTile(app, there, { level: 0, n: 0, width: 1 })).rejects.toMatchObject({
    code: 'audit.leaf_absent',
  });
  for (const table of ['log', 'chunk', 'tile', 'checkpoint', 'event', 'subject', 'opening']) {
    const { rows } = await app.query(
      `select count(*)::int as n from bulkhead.audit_${table} where tenant_id <> $1`,
      [T1],
    );
    expect(rows, table).toEqual([{ n: 0 }]);
  }
});
