/** Processes of their own over one database, as a deployment has them. Runs the built package. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { on } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createAccessGround } from '#test/access-ground';

const DECIDER = join(import.meta.dirname, 'testdata/decider.mjs');
const WITHIN_MS = 1_000;

function startDecider(options: object) {
  const child: ChildProcess = fork(DECIDER, [JSON.stringify(options)]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const answers = on(child, 'message');
  return {
    /** The next answer that is another than the last one. */
    async next(): Promise<boolean> {
      const { value } = await answers.next();
      return value[0].answer;
    },
  };
}

test('a change of grant is visible in every process within a second', {
  timeout: 60_000,
}, async () => {
  const ground = await createAccessGround();
  const tenant = randomUUID();
  await ground.admin.query('insert into bulkhead.tenant (id, slug, name) values ($1, $2, $2)', [
    tenant,
    'acme',
  ]);
  await ground.join(tenant, 'ann');
  const options = {
    config: {
      database: { appRole: 'test_app' },
      isolation: { contextKeys: [ground.database.contextKey] },
      identity: { tenantFrom: [{ from: 'header', name: 'x-tenant' }] },
    },
    appUrl: ground.database.appUrl,
    tenant,
    actor: { type: 'user', id: 'ann' },
  };
  const processes = [startDecider(options), startDecider(options)];
  expect(await Promise.all(processes.map((each) => each.next()))).toEqual([false, false]);
  for (let round = 0; round < 3; round += 1) {
    for (const expected of [true, false]) {
      await (expected ? ground.grant(tenant, 'ann', 'viewer') : ground.revokeAll(tenant, 'ann'));
      const committedMs = performance.now();
      expect(await Promise.all(processes.map((each) => each.next()))).toEqual([expected, expected]);
      expect(performance.now() - committedMs).toBeLessThan(WITHIN_MS);
    }
  }
});
