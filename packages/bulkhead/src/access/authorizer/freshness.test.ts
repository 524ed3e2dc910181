import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type AccessGround,
  type AccessProcess,
  createAccessGround,
  user,
} from '#test/access-ground';

const ANN = user('ann');
const WITHIN_MS = 1_000;

async function annMay(): Promise<{ ground: AccessGround; tenant: string }> {
  const ground = await createAccessGround();
  const tenant = randomUUID();
  await ground.join(tenant, 'ann');
  await ground.grant(tenant, 'ann', 'viewer');
  return { ground, tenant };
}

const may = ({ as, authorizer }: AccessProcess, tenant: string): Promise<boolean> =>
  as(
    tenant,
    ANN,
    async () => (await authorizer.canAll([{ permission: 'member:read' }]))[0] === true,
  );

const listening = ({ authorizer }: AccessProcess) =>
  vi.waitFor(() => expect(authorizer.state.mode).toBe('listening'), {
    timeout: 3_000,
    interval: 5,
  });

/** A TCP way to the server that can fall silent without a word, as firewalls do. */
async function startSilentable(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((near) => {
    const far = dial(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => {
        if (!isSilent) to.write(chunk);
      });
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    silence() {
      isSilent = true;
    },
    /** New connections work again; what was sent into the old ones is lost. */
    recover() {
      isSilent = false;
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe('a change of grants', () => {
  it('is visible in every process within a second, in requests under way too', async () => {
    const { ground, tenant } = await annMay();
    const processes = [ground.process(), ground.process()];
    for (const each of processes) {
      expect(await may(each, tenant)).toBe(true);
      await listening(each);
    }
    await Promise.all(
      processes.map((each) =>
        each.as(tenant, ANN, async (context) => {
          await each.authorizer.preload(context);
          expect(each.authorizer.can('member:read')).toBe(true);
          if (each === processes[0]) await ground.revokeAll(tenant, 'ann');
          await vi.waitFor(() => expect(each.authorizer.can('member:read')).toBe(false), {
            timeout: WITHIN_MS,
            interval: 5,
          });
        }),
      ),
    );
    await ground.grant(tenant, 'ann', 'viewer');
    for (const each of processes) {
      await vi.waitFor(async () => expect(await may(each, tenant)).toBe(true), {
        timeout: WITHIN_MS,
      });
    }
  });

  it('is seen by the process that made it as soon as it is done', async () => {
    const { ground, tenant } = await annMay();
    const here = ground.process();
    for (let round = 0; round < 10; round += 1) {
      expect(await may(here, tenant)).toBe(true);
      await ground.revokeAll(tenant, 'ann');
      here.authorizer.changed(tenant);
      expect(await may(here, tenant)).toBe(false);
      await ground.grant(tenant, 'ann', 'viewer');
      here.authorizer.changed(tenant);
    }
  });

  it('is not covered by a load that began before it', async () => {
    const { ground, tenant } = await annMay();
    let overtaken = 0;
    const here = ground.process({
      ports: ({ systemQuery }) => ({
        async systemQuery(text, values) {
          const answer = await systemQuery(text, values);
          if (text.includes('access_process_snapshot') && overtaken < 3) {
            overtaken += 1;
            // The answer is on its way when the grant goes; the news of it comes first.
            await ground.revokeAll(tenant, 'ann');
            await ground.grant(tenant, 'ann', 'viewer');
            if (overtaken === 3) await ground.revokeAll(tenant, 'ann');
            here.authorizer.changed(tenant);
          }
          return answer;
        },
      }),
    });
    expect(await may(here, tenant)).toBe(false);
    expect(overtaken).toBe(3);
  });

  it('that never stops ends in an error and not in an old answer', async () => {
    const { ground, tenant } = await annMay();
    const here = ground.process({
      ports: ({ systemQuery }) => ({
        async systemQuery(text, values) {
          const answer = await systemQuery(text, values);
          if (text.includes('access_process_snapshot')) here.authorizer.changed(tenant);
          return answer;
        },
      }),
    });
    await expect(may(here, tenant)).rejects.toMatchObject({
      code: 'access.unavailable',
      status: 503,
    });
  });

  it('of the catalogue counts for all tenants', async () => {
    const { ground, tenant } = await annMay();
    const here = ground.process();
    expect(await may(here, tenant)).toBe(true);
    await listening(here);
    await ground.admin.query(
      `delete from bulkhead.builtin_role_permission where role = 'viewer'; notify bulkhead_access, '*'`,
    );
    await vi.waitFor(async () => expect(await may(here, tenant)).toBe(false), {
      timeout: WITHIN_MS,
    });
  });
});

describe('a revocation is not lost', () => {
  it('when the server ends the connection that listens', async () => {
    const { ground, tenant } = await annMay();
    const here = ground.process();
    expect(await may(here, tenant)).toBe(true);
    for (let round = 0; round < 5; round += 1) {
      await listening(here);
      // Killed and revoked in one breath: nobody is told of this one.
      await ground.admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and usename = 'test_app' and query in ('select', 'listen bulkhead_access')`,
      );
      await ground.revokeAll(tenant, 'ann');
      await vi.waitFor(async () => expect(await may(here, tenant)).toBe(false), {
        timeout: WITHIN_MS,
        interval: 5,
      });
      await ground.grant(tenant, 'ann', 'viewer');
      await vi.waitFor(async () => expect(await may(here, tenant)).toBe(true), {
        timeout: WITHIN_MS,
        interval: 5,
      });
    }
  });

  it('when the network falls silent without a word: first a second of doubt, then no answer, never an old one', async () => {
    const { ground, tenant } = await annMay();
    const way = await startSilentable(ground.database.appUrl);
    const here = ground.process({ url: way.url });
    expect(await may(here, tenant)).toBe(true);
    await listening(here);
    await here.as(tenant, ANN, async (context) => {
      await here.authorizer.preload(context);
      way.silence();
      await ground.revokeAll(tenant, 'ann');
      const revokedAtMs = performance.now();
      let lastYesMs = 0;
      while (performance.now() - revokedAtMs < 1_500) {
        try {
          if (here.authorizer.can('member:read')) lastYesMs = performance.now() - revokedAtMs;
        } catch (error) {
          expect(error).toMatchObject({ code: 'access.unavailable' });
        }
        await sleep(5);
      }
      expect(lastYesMs).toBeLessThan(WITHIN_MS);
      expect(() => here.authorizer.can('member:read')).toThrow(
        expect.objectContaining({ code: 'access.unavailable' }),
      );
      await expect(here.authorizer.authorize('member:read')).rejects.toMatchObject({
        code: 'access.unavailable',
      });
    });
    way.recover();
    await vi.waitFor(async () => expect(await may(here, tenant)).toBe(false), { timeout: 10_000 });
  });

  it('when only the connection that listens is cut off, the rest of the network being well', async () => {
    const { ground, tenant } = await annMay();
    const way = await startSilentable(ground.database.appUrl);
    const direct = ground.process();
    const here = ground.process({
      url: way.url,
      ports: () => ({ systemQuery: (text, values) => direct.isolation.systemQuery(text, values) }),
    });
    expect(await may(here, tenant)).toBe(true);
    await listening(here);
    way.silence();
    await ground.revokeAll(tenant, 'ann');
    await vi.waitFor(async () => expect(await may(here, tenant)).toBe(false), {
      timeout: WITHIN_MS,
      interval: 5,
    });
  });

  it('behind a transaction pooler, where nobody can listen', async () => {
    const { ground, tenant } = await annMay();
    const here = ground.process({ isolation: { pooler: 'transaction' } });
    await here.as(tenant, ANN, async (context) => {
      await here.authorizer.preload(context);
      expect(here.authorizer.can('member:read')).toBe(true);
      await sleep(300);
      await ground.revokeAll(tenant, 'ann');
      await vi.waitFor(() => expect(here.authorizer.can('member:read')).toBe(false), {
        timeout: WITHIN_MS,
        interval: 5,
      });
    });
    expect(here.authorizer.state.mode).toBe('asking');
  });
});

it('an outage of the database is not felt before what is known is too old', async () => {
  const { ground, tenant } = await annMay();
  let isOut = false;
  const here = ground.process({
    maxAgeMs: 2_000,
    ports: ({ systemQuery, systemConnection }) => ({
      systemQuery: (text, values) =>
        isOut ? Promise.reject(new Error('connect ECONNREFUSED')) : systemQuery(text, values),
      systemConnection: (events) =>
        isOut ? Promise.reject(new Error('connect ECONNREFUSED')) : systemConnection(events),
    }),
  });
  expect(await may(here, tenant)).toBe(true);
  await listening(here);
  isOut = true;
  await ground.admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'test_app'`,
  );
  await vi.waitFor(() => expect(here.authorizer.state.mode).toBe('asking'));
  expect(await may(here, tenant)).toBe(true);
  await sleep(2_000);
  await expect(may(here, tenant)).rejects.toMatchObject({
    code: 'access.unavailable',
    status: 503,
  });
  isOut = false;
  await vi.waitFor(async () => expect(await may(here, tenant)).toBe(true), { timeout: 5_000 });
});
