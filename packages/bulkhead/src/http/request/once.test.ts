/** Changes that are sent again: done once, answered alike. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { ACME, createControlGround } from '#test/control-plane';
import { parseContextKey } from '../../isolation/context-key.ts';
import { parseTenantId } from '../../isolation/index.ts';
import { createContextSigner } from '../../isolation/signed-context.ts';

const create = (key: string, slug: string) => ({
  as: 'operators-admin',
  method: 'POST',
  body: { slug },
  headers: { 'idempotency-key': key },
});

it('answers a repeated change as the first one, from another process too', async () => {
  const { ask } = await createControlGround();
  const first = await ask('/tenants', create('one', 'newco'));
  expect(first.status).toBe(201);
  const again = await ask('/tenants', create('one', 'newco'));
  expect(again.status).toBe(201);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(await again.json()).toEqual(await first.json());
});

it('refuses a key that was used for something else, and keeps senders apart', async () => {
  const { ask } = await createControlGround();
  expect((await ask('/tenants', create('one', 'newco'))).status).toBe(201);
  const other = await ask('/tenants', create('one', 'otherco'));
  expect([other.status, (await other.json()).code]).toEqual([422, 'http.idempotency_key_reused']);
  const someoneElse = await ask('/tenants', { ...create('one', 'thirdco'), as: 'operators-owner' });
  expect(someoneElse.status).toBe(201);
});

it('lets one of many at the same moment do it', async () => {
  const { ask, admin } = await createControlGround();
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => ask('/tenants', create('one', 'newco'))),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
  expect(statuses).toContain(201);
  const { rows } = await admin.query(
    `select count(*)::int as made from bulkhead.tenant where slug = 'newco'`,
  );
  expect(rows).toEqual([{ made: 1 }]);
});

it('does not remember what failed for now', async () => {
  const { ask } = await createControlGround();
  const refused = await ask('/tenants', { ...create('one', 'newco'), as: 'operators-auditor' });
  expect(refused.status).toBe(403);
  const invalid = await ask('/tenants', create('two', 'Not A Slug'));
  expect(invalid.status).toBe(400);
  expect((await ask('/tenants', create('two', 'newco'))).status).toBe(201);
});

it('makes what was lost with its connection before it was committed, once it is sent again', async () => {
  const { ask, admin } = await createControlGround();
  const change = { ...create('one', ''), as: 'acme-admin', body: { name: 'crew' } };
  await admin.query('begin; lock table bulkhead.actor_group in access exclusive mode');
  const asked = ask('/tenants/acme/groups', change);
  await expect
    .poll(
      async () => {
        const { rows } = await admin.query(
          `select pg_terminate_backend(pid) from pg_locks
          where not granted and relation = 'bulkhead.actor_group'::regclass
            and database = (select oid from pg_database where datname = current_database())`,
        );
        return rows.length;
      },
      { timeout: 30_000, interval: 20 },
    )
    .toBe(1);
  const lost = await asked;
  await admin.query('rollback');
  expect([lost.status, lost.headers.has('retry-after')]).toEqual([503, true]);
  const again = await ask('/tenants/acme/groups', change);
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, null]);
  const { rows } = await admin.query(
    `select count(*)::int as made from bulkhead.actor_group where name = 'crew'`,
  );
  expect(rows).toEqual([{ made: 1 }]);
});

it('makes nothing again that marked itself as made, and nothing for an attempt that lost its key', async () => {
  const { ask, admin, ground } = await createControlGround();
  const change = { ...create('one', ''), as: 'acme-admin', body: { name: 'crew' } };
  expect((await ask('/tenants/acme/groups', change)).status).toBe(201);
  const { rows } = await admin.query(
    `update bulkhead.idempotency_key set status = null, sealed = null, holder = gen_random_uuid(),
            held_until = clock_timestamp()
      returning fenced, made, actor, key`,
  );
  const [{ fenced, made, actor, key } = {} as Record<string, unknown>] = rows;
  expect([fenced, made]).toEqual([true, true]);
  const again = await ask('/tenants/acme/groups', change);
  expect([again.status, (await again.json()).code]).toEqual([
    409,
    'http.idempotency_outcome_unknown',
  ]);
  const nowMs = Date.now();
  const { token } = createContextSigner(parseContextKey(ground.database.contextKey), 60).sign(
    {
      kind: 'tenant',
      tenant: { id: parseTenantId(ACME) },
      actor: { type: 'user', id: 'acme-admin' },
      expiresAtMs: nowMs + 60_000,
    },
    nowMs,
  );
  await admin.query('select set_config($1, $2, false)', ['bulkhead.context', token]);
  const late = admin.query('select bulkhead.idempotency_mark($1, $2, gen_random_uuid())', [
    actor,
    key,
  ]);
  await expect(late).rejects.toMatchObject({ code: '40001' });
});

it('marks what is more than a row as made too: a policy, and sessions that are let in no more', async () => {
  const { ask, admin } = await createControlGround();
  const sent = (key: string, method: string, body: object) => ({
    as: 'acme-admin',
    method,
    body,
    headers: { 'idempotency-key': key },
  });
  const set = sent('policy', 'PUT', { body: { lengthMin: 14 }, version: 0 });
  const held = await ask('/tenants/acme/policies/password', set);
  expect([held.status, await held.json()]).toMatchObject([200, { version: 1 }]);
  const shut = sent('sessions', 'POST', { userId: randomUUID() });
  expect((await ask('/tenants/acme/sessions/revoke-all', shut)).status).toBe(200);
  const { rows } = await admin.query(
    'select key, fenced, made from bulkhead.idempotency_key order by key',
  );
  expect(rows).toEqual([
    { key: 'policy', fenced: true, made: true },
    { key: 'sessions', fenced: true, made: true },
  ]);
});

it.each(['groups', 'service-accounts'])(
  'changes what was read of %s, and nothing that has changed since',
  async (things) => {
    const { ask } = await createControlGround();
    const as = 'acme-admin';
    const made = await ask(`/tenants/acme/${things}`, {
      as,
      method: 'POST',
      body: { name: 'crew' },
    });
    const path = `/tenants/acme/${things}/${(await made.json()).id}`;
    const etag = (await ask(path, { as })).headers.get('etag') ?? '';
    const same = await ask(path, { as, headers: { 'if-none-match': etag } });
    expect([same.status, await same.text()]).toEqual([304, '']);
    const rename = (name: string) =>
      ask(path, { as, method: 'PATCH', body: { name }, headers: { 'if-match': etag } });
    expect((await rename('Acme One')).status).toBe(200);
    const late = await rename('Acme Two');
    expect([late.status, (await late.json()).code]).toEqual([412, 'http.precondition_failed']);
  },
);

it('of several who change what they all read, one changes it', async () => {
  const { ask } = await createControlGround();
  const as = 'acme-admin';
  const made = await ask('/tenants/acme/groups', { as, method: 'POST', body: { name: 'crew' } });
  const path = `/tenants/acme/groups/${(await made.json()).id}`;
  const etag = (await ask(path, { as })).headers.get('etag') ?? '';
  const headers = { 'if-match': etag };
  const renames = Array.from({ length: 8 }, (_, n) =>
    ask(path, { as, method: 'PATCH', body: { name: `crew ${n}` }, headers }),
  );
  const changesElsewhere = Array.from({ length: 4 }, (_, n) =>
    ask('/tenants/acme/groups', { as, method: 'POST', body: { name: `other ${n}` } }),
  );
  const answers = (await Promise.all(renames)).map(({ status }) => status);
  expect(answers.toSorted()).toEqual([200, ...Array.from({ length: 7 }, () => 412)]);
  await Promise.all(changesElsewhere);
  const late = await ask(path, { as, method: 'DELETE', headers });
  expect([late.status, (await late.json()).code]).toEqual([412, 'http.precondition_failed']);
});

it('changes nothing where it cannot tell whether it has changed', async () => {
  const { ask } = await createControlGround();
  const change = {
    as: 'operators-owner',
    method: 'POST',
    body: { reason: 'a test' },
    headers: { 'if-match': '"stale"' },
  };
  const answer = await ask('/tenants/acme/disable', change);
  expect([answer.status, (await answer.json()).code]).toEqual([
    400,
    'http.precondition_unsupported',
  ]);
  const { status } = await (await ask('/tenants/acme', { as: 'operators-owner' })).json();
  expect(status).toBe('active');
});

it('says that the connection ends where it does not read a body to its end', async () => {
  const { ask } = await createControlGround();
  const body = { name: 'x'.repeat(2_000_000) };
  const answer = await ask('/tenants/acme/groups', { as: 'acme-admin', method: 'POST', body });
  expect([answer.status, answer.headers.get('connection')]).toEqual([413, 'close']);
});

it('makes a change at most once, though nobody knows whether it was made', async () => {
  const { ask, admin } = await createControlGround();
  // As a process leaves it that was killed while it was at it.
  expect((await ask('/tenants', create('one', 'newco'))).status).toBe(201);
  await admin.query(
    `update bulkhead.idempotency_key set status = null, sealed = null, holder = gen_random_uuid(),
            held_until = clock_timestamp() + interval '1 minute'`,
  );
  const early = await ask('/tenants', create('one', 'newco'));
  expect([early.status, (await early.json()).code]).toEqual([409, 'http.idempotency_conflict']);
  await admin.query(
    `update bulkhead.idempotency_key set held_until = clock_timestamp() - interval '1 second'`,
  );
  const late = await ask('/tenants', create('one', 'newco'));
  expect([late.status, (await late.json()).code]).toEqual([
    409,
    'http.idempotency_outcome_unknown',
  ]);
});
