/** Hazard: the database restarts while the control plane is at work. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBulkhead, generateSigningKey, generateVaultKey } from 'bulkhead';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { OwnServer } from '../support/own-server.ts';

const ACME = 'ac000000-0000-4000-8000-000000000001';
const URL_OF_IT = 'https://console.test.example';
const EVERY_MS = 10;
const REQUESTS = 1_000;
const RESTARTS_AT = 300;
const ATTEMPTS_MAX = 120;

test('a restart is told as 503 with Retry-After, and what was acknowledged is there exactly once', {
  timeout: 180_000,
}, async () => {
  const server = await OwnServer.start('', { durable: true });
  onTestFinished(() => server.remove());
  await server.admin(async (client) => {
    await client.query(`insert into bulkhead.tenant (id, slug, name) values ($1, 'acme', 'Acme')`, [
      ACME,
    ]);
    await client.query('set role bulkhead');
    await client.query(
      `select bulkhead.access_member_join($1, 'system:test', 'user', 'ada', 'Ada', null)`,
      [ACME],
    );
    await client.query(
      `select bulkhead.access_give($1, 'system:test', 'user', 'ada', 'owner', null, 'direct', null)`,
      [ACME],
    );
  });
  const bulkhead = createBulkhead({
    database: { appRole: 'test_app', operatorRole: 'test_operator' },
    isolation: { contextKeys: [server.contextKey], operatorUrl: server.urlOf('test_operator') },
    identity: {
      authenticate: () => ({ actor: { type: 'user', id: 'ada', name: 'Ada' }, tenants: [ACME] }),
      accountsUrl: server.urlOf('test_identity'),
    },
    audit: {
      origin: 'audit.test.example',
      vaultKeys: [generateVaultKey()],
      signingKeys: [generateSigningKey()],
      sequencerUrl: server.urlOf('test_audit'),
      signerUrl: server.urlOf('test_signer'),
    },
    http: {
      publicUrl: URL_OF_IT,
      requestsPerMinute: 1_000_000,
      proveEveryMinutes: 0,
      verifyEveryMinutes: 0,
    },
  });
  bulkhead.protect(new pg.Pool({ connectionString: server.appUrl, max: 4 }));
  onTestFinished(() => bulkhead.close());
  const plane = bulkhead.controlPlane();
  const odd: string[] = [];
  const acknowledged: string[] = [];
  const unknown: string[] = [];
  let refused = 0;

  /** As a client does: again under the same key after the time that it is told. */
  const ask = async (change: string | undefined): Promise<void> => {
    const key = randomUUID();
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const response = await plane.fetch(
        new Request(`${URL_OF_IT}/api/v1/tenants/acme${change === undefined ? '' : '/groups'}`, {
          method: change === undefined ? 'GET' : 'POST',
          headers: {
            authorization: 'Test ada',
            ...(change !== undefined && {
              'content-type': 'application/json',
              'idempotency-key': key,
            }),
          },
          ...(change !== undefined && { body: JSON.stringify({ name: change }) }),
        }),
      );
      if (response.ok) {
        if (change !== undefined) acknowledged.push(change);
        return;
      }
      const { code } = (await response.json()) as { code: string };
      // Whether it was made was lost with the server: it is made at most once, and the client is told to look.
      if (change !== undefined && code === 'http.idempotency_outcome_unknown') {
        unknown.push(change);
        return;
      }
      const passes = response.status === 503 && response.headers.has('retry-after');
      if (!passes && code !== 'http.idempotency_conflict') odd.push(`${response.status} ${code}`);
      refused += 1;
      await sleep(500);
    }
    odd.push(`${change ?? 'a read'} was never answered`);
  };

  const asked: Promise<void>[] = [];
  let restarted: Promise<void> | undefined;
  for (let n = 0; n < REQUESTS; n += 1) {
    asked.push(ask(n % 10 === 0 ? `group ${n}` : undefined));
    if (n === RESTARTS_AT) restarted = server.stop().then(() => server.startAgain());
    await sleep(EVERY_MS);
  }
  await restarted;
  await Promise.all(asked);
  expect(odd).toEqual([]);
  expect(refused).toBeGreaterThan(0);
  const made = await server.admin(async (client) => {
    const { rows } = await client.query(
      'select name from bulkhead.actor_group where tenant_id = $1',
      [ACME],
    );
    return rows.map(({ name }) => String(name));
  });
  expect(new Set(made).size).toBe(made.length);
  expect(acknowledged.filter((name) => !made.includes(name))).toEqual([]);
  expect(acknowledged.length + unknown.length).toBe(REQUESTS / 10);
});
