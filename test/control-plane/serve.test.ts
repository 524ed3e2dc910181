/** `bulkhead serve` over real sockets: two processes behind one address, and how each of them ends. */
import { once } from 'node:events';
import { request as nodeRequest } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createServingGround, type Served } from '#test/serving';

const WITHIN_MS = 10_000;
/** Of one that ends in order: less than what a supervisor usually grants. */
const ENDS_WITHIN_MS = 5_000;

it('serves as two processes, and loses nothing when one ends in order and one is killed', {
  timeout: 150_000,
}, async () => {
  const ground = await createServingGround(['operators-owner', 'acme-admin']);
  const { admin } = ground.ground;
  const [one, two] = await Promise.all([ground.serve(['--worker']), ground.serve()]);

  // A session and an idempotency key of one process are known to the other.
  const as = await ground.signIn(one, 'acme-admin');
  expect(await (await ground.ask(two, '/api/v1/me', { as })).json()).toMatchObject({
    actor: { email: 'acme-admin@notes.example' },
    csrfToken: as.csrfToken,
  });
  const makeGroup = (served: Served, key: string, name: string) =>
    ground.ask(served, '/api/v1/tenants/acme/groups', {
      as,
      method: 'POST',
      body: { name },
      headers: { 'idempotency-key': key },
    });
  const made = await makeGroup(one, 'first', 'crew');
  const again = await makeGroup(two, 'first', 'crew');
  expect([made.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([
    201,
    201,
    'true',
  ]);
  expect(await again.json()).toEqual(await made.json());

  // Operators hear of it, and with their reason on record they look into the tenant.
  const operator = await ground.signIn(two, 'operators-owner');
  const stream = await ground.ask(one, '/api/v1/stream', { as: operator });
  const heard = readAll(stream);
  await makeGroup(two, 'second', 'deck');
  await expect.poll(() => heard.text, { timeout: WITHIN_MS }).toContain('group.created');
  const entered = await ground.ask(two, '/api/v1/tenants/acme/groups', {
    as: operator,
    headers: { 'bulkhead-reason': encodeURIComponent('ticket 17: über') },
  });
  expect(entered.status).toBe(200);
  await expect
    .poll(
      async () => {
        const found = await ground.ask(two, '/api/v1/tenants/acme/events?action=operator.entered', {
          as,
        });
        return ((await found.json()) as { items: unknown[] }).items;
      },
      { timeout: WITHIN_MS },
    )
    .toMatchObject([{ action: 'operator.entered', reason: 'ticket 17: über' }]);

  // Told to end, the first one says so, answers what is under way and closes the streams.
  await admin.query('begin; lock table bulkhead.actor_group in access exclusive mode');
  const underWay = makeGroup(one, 'third', 'hold');
  await blocked(admin);
  const endedMs = performance.now();
  one.child.kill('SIGTERM');
  await expect
    .poll(async () => (await ground.ask(one, '/readyz')).status, { interval: 20 })
    .toBe(503);
  await admin.query('rollback');
  expect((await underWay).status).toBe(201);
  expect([await one.ended, one.said()]).toEqual([0, expect.not.stringContaining('Warning')]);
  expect(performance.now() - endedMs).toBeLessThan(ENDS_WITHIN_MS);
  await heard.ended;
  await expect(fetch(`${one.url}/healthz`)).rejects.toThrow();

  // Killed after the change and before the answer: it is not made again.
  const three = await ground.serve();
  // Its answer can't be kept as long as this lock is held: the change marks the key before.
  const keeper = await ground.ground.connect(ground.ground.database.superuserUrl);
  await keeper.query(
    `create function public.hold() returns trigger language plpgsql security definer as $$
       begin perform pg_advisory_xact_lock(17); return new; end $$;
     create trigger hold before update of status on bulkhead.idempotency_key
       for each row when (new.status is not null) execute function public.hold();
     select pg_advisory_lock(17)`,
  );
  await admin.query('begin; lock table bulkhead.actor_group in access exclusive mode');
  const lost = makeGroup(two, 'fourth', 'mast').then(
    () => 'answered',
    () => 'cut off',
  );
  await blocked(admin);
  await admin.query('rollback');
  await expect
    .poll(
      async () =>
        (await admin.query(`select from bulkhead.actor_group where name = 'mast'`)).rowCount,
      { timeout: WITHIN_MS },
    )
    .toBe(1);
  two.child.kill('SIGKILL');
  expect(await lost).toBe('cut off');
  // What it had sent to the server already would still be done there, once the row is free.
  await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`,
  );
  await keeper.query('drop trigger hold on bulkhead.idempotency_key');
  await keeper.query('select pg_advisory_unlock(17)');
  const early = await makeGroup(three, 'fourth', 'mast');
  expect([early.status, codeOf(await early.json())]).toEqual([409, 'http.idempotency_conflict']);
  await admin.query(
    `update bulkhead.idempotency_key set held_until = clock_timestamp() where key = 'fourth'`,
  );
  const late = await makeGroup(three, 'fourth', 'mast');
  expect([late.status, codeOf(await late.json())]).toEqual([
    409,
    'http.idempotency_outcome_unknown',
  ]);
  const { rows } = await admin.query(`select name from bulkhead.actor_group order by created_at`);
  expect(rows.map(({ name }) => name)).toEqual(['crew', 'deck', 'hold', 'mast']);

  // A host that a stranger names is answered for by nobody.
  expect(await statusFor(three, { host: 'evil.example' })).toBe(421);
  expect(await statusFor(three, { host: new URL(three.url).host })).toBe(200);
});

it('cuts off what has no answer in time, and ends all the same', { timeout: 60_000 }, async () => {
  const ground = await createServingGround(['acme-admin'], { drainSeconds: 1 });
  const { admin } = ground.ground;
  const served = await ground.serve();
  const as = await ground.signIn(served, 'acme-admin');
  await admin.query('begin; lock table bulkhead.actor_group in access exclusive mode');
  const stuck = ground
    .ask(served, '/api/v1/tenants/acme/groups', { as, method: 'POST', body: { name: 'stuck' } })
    .then(
      () => 'answered',
      () => 'cut off',
    );
  await blocked(admin);
  served.child.kill('SIGTERM');
  // As long as the lock is held nothing of it can be answered.
  expect([await stuck, await served.ended]).toEqual(['cut off', 0]);
  await admin.query('rollback');
});

it('says for how long to wait while PostgreSQL is away, and goes on when it is back', {
  timeout: 120_000,
}, async () => {
  const line = await severableLine();
  const ground = await createServingGround(['acme-admin'], {}, (config) =>
    config.replaceAll(/(@[\w.-]+):\d+\//g, `@127.0.0.1:${line.port}/`),
  );
  line.to(ground.ground.database.superuserUrl);
  const served = await ground.serve();
  const as = await ground.signIn(served, 'acme-admin');
  expect((await ground.ask(served, '/readyz')).status).toBe(200);
  await line.cut();
  const ready = await ground.ask(served, '/readyz');
  expect([ready.status, (await ground.ask(served, '/healthz')).status]).toEqual([503, 200]);
  // What is known for a second may still be answered from memory.
  const asked = () => ground.ask(served, '/api/v1/tenants/acme/groups', { as });
  await expect.poll(async () => (await asked()).status, { timeout: WITHIN_MS }).toBe(503);
  const away = await asked();
  expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await away.json()).toMatchObject({ status: 503, code: expect.any(String) });
  const signingIn = await ground.ask(served, '/api/v1/sign-in/password', {
    method: 'POST',
    body: { email: 'acme-admin@notes.example', password: 'whatever' },
  });
  expect([signingIn.status, signingIn.headers.has('retry-after')]).toEqual([503, true]);
  await line.mend();
  await expect.poll(async () => (await asked()).status, { timeout: WITHIN_MS }).toBe(200);
  expect((await ground.ask(served, '/readyz')).status).toBe(200);
});

/** A way to the database that can be cut: nobody listens then, and what was open is reset. */
async function severableLine() {
  const open = new Set<Socket>();
  let target = { host: '127.0.0.1', port: 0 };
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of open) socket.resetAndDestroy();
    await closed;
  };
  onTestFinished(() => (server.listening ? cut() : undefined));
  return {
    port,
    to(url: string) {
      target = { host: '127.0.0.1', port: Number(new URL(url).port) };
    },
    cut,
    mend: () => listen(port),
  };
}

const codeOf = (problem: unknown): unknown => (problem as { code?: unknown }).code;

/** Until somebody waits for the lock that is held. */
async function blocked(admin: { query(text: string): Promise<{ rows: unknown[] }> }) {
  await expect
    .poll(
      async () =>
        (await admin.query(`select from pg_locks where not granted and database is not null`)).rows
          .length,
      { timeout: WITHIN_MS, interval: 20 },
    )
    .toBeGreaterThan(0);
}

function readAll(response: Response): { readonly text: string; readonly ended: Promise<void> } {
  const all = { text: '', ended: Promise.resolve() };
  all.ended = (async () => {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const piece = await reader?.read();
      if (piece === undefined || piece.done) return;
      all.text += piece.value;
    }
  })();
  return all;
}

async function statusFor(served: Served, headers: Record<string, string>): Promise<number> {
  const request = nodeRequest(`${served.url}/api/v1/me`, { headers });
  request.end();
  const [response] = await once(request, 'response');
  response.resume();
  // Known and not signed in.
  return response.statusCode === 401 ? 200 : response.statusCode;
}
