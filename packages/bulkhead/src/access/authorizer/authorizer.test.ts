import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { createAccessGround, user } from '#test/access-ground';
import { createTestDatabase } from '#test/database';

const ANN = user('ann');

async function tenantWithAnn() {
  const ground = await createAccessGround();
  const tenant = randomUUID();
  await ground.join(tenant, 'ann');
  return { ground, tenant };
}

describe('deciding in process', () => {
  it('answers at once from what the request loaded when it began', async () => {
    const { ground, tenant } = await tenantWithAnn();
    const [project, below, beside] = [randomUUID(), randomUUID(), randomUUID()];
    await ground.node(tenant, project, tenant);
    await ground.node(tenant, below, project);
    await ground.node(tenant, beside, tenant);
    await ground.grant(tenant, 'ann', 'viewer', project);
    const { as, authorizer } = ground.process();
    await as(tenant, ANN, async (context) => {
      await authorizer.preload(context);
      expect(authorizer.preload(context)).toBeUndefined();
      expect(authorizer.can('member:read', project)).toBe(true);
      expect(authorizer.can('member:read', below)).toBe(true);
      expect(authorizer.can('member:read', beside)).toBe(false);
      expect(authorizer.can('member:read')).toBe(false);
      expect(authorizer.can('tenant:manage', below)).toBe(false);
      expect(() => authorizer.can('member:reed')).toThrow('no permission');
      await authorizer.authorize('member:read', below);
      await expect(authorizer.authorize('member:read')).rejects.toMatchObject({
        code: 'access.denied',
      });
      expect(
        await authorizer.canAll([
          { permission: 'member:read', node: below },
          { permission: 'member:read' },
        ]),
      ).toEqual([true, false]);
    });
  });

  it('has no answer where nothing was loaded, and none without a context', async () => {
    const { ground, tenant } = await tenantWithAnn();
    const { as, authorizer } = ground.process();
    await as(tenant, ANN, () => {
      expect(() => authorizer.can('member:read')).toThrow(
        expect.objectContaining({ code: 'access.snapshot_missing' }),
      );
    });
    expect(() => authorizer.can('member:read')).toThrow(
      expect.objectContaining({ code: 'isolation.context_missing' }),
    );
    await expect(authorizer.authorize('member:read')).rejects.toMatchObject({
      code: 'isolation.context_missing',
    });
  });

  it("treats another tenant's node, an absent one and one that is no id alike", async () => {
    const { ground, tenant } = await tenantWithAnn();
    const other = randomUUID();
    const theirs = randomUUID();
    await ground.join(other, 'bob');
    await ground.node(other, theirs, other);
    await ground.grant(tenant, 'ann', 'owner');
    const { as, authorizer } = ground.process();
    await as(tenant, ANN, async (context) => {
      await authorizer.preload(context);
      for (const node of [theirs, other, randomUUID(), "'; drop table", '']) {
        expect(authorizer.can('member:read', node)).toBe(false);
        await expect(authorizer.authorize('member:read', node)).rejects.toMatchObject({
          code: 'access.denied',
          message: 'You may not do this here.',
        });
      }
    });
  });

  it('finds a node that was made after it loaded: `authorize` at once, `can` from the next time on', async () => {
    const { ground, tenant } = await tenantWithAnn();
    await ground.grant(tenant, 'ann', 'viewer');
    const { as, authorizer } = ground.process();
    await as(tenant, ANN, async (context) => {
      await authorizer.preload(context);
      const [first, second] = [randomUUID(), randomUUID()];
      await ground.node(tenant, first, tenant);
      await authorizer.authorize('member:read', first.toUpperCase());
      await ground.node(tenant, second, first);
      expect(authorizer.can('member:read', second)).toBe(false);
      await vi.waitFor(() => expect(authorizer.can('member:read', second)).toBe(true));
    });
  });

  it('keeps few nodes of a tenant with many, and answers the same', async () => {
    const { ground, tenant } = await tenantWithAnn();
    const [granted, other] = [randomUUID(), randomUUID()];
    await ground.node(tenant, granted, tenant);
    await ground.node(tenant, other, tenant);
    const below = Array.from({ length: 20 }, () => randomUUID());
    for (const id of below) await ground.node(tenant, id, granted);
    await ground.grant(tenant, 'ann', 'viewer', granted);
    const { as, authorizer } = ground.process({ nodesMax: 5 });
    await as(tenant, ANN, async (context) => {
      await authorizer.preload(context);
      expect(authorizer.can('member:read', granted)).toBe(true);
      const checks = [...below, other].map((node) => ({ permission: 'member:read', node }));
      expect(await authorizer.canAll(checks)).toEqual([...below.map(() => true), false]);
      expect(below.every((node) => authorizer.can('member:read', node))).toBe(true);
    });
  });

  it('follows a node that moved, and forgets one that is gone', async () => {
    const { ground, tenant } = await tenantWithAnn();
    const [one, two, moving] = [randomUUID(), randomUUID(), randomUUID()];
    await ground.node(tenant, one, tenant);
    await ground.node(tenant, two, tenant);
    await ground.node(tenant, moving, one);
    await ground.grant(tenant, 'ann', 'viewer', one);
    const { as, authorizer } = ground.process();
    await as(tenant, ANN, async (context) => {
      await authorizer.preload(context);
      expect(authorizer.can('member:read', moving)).toBe(true);
      await ground.change(
        tenant,
        'update bulkhead.node set parent = $3, ancestors = array[$1::uuid, $3] where tenant_id = $1 and id = $2',
        [tenant, moving, two],
      );
      await vi.waitFor(() => expect(authorizer.can('member:read', moving)).toBe(false));
      await ground.change(tenant, 'delete from bulkhead.node where tenant_id = $1 and id = $2', [
        tenant,
        moving,
      ]);
      await vi.waitFor(async () => {
        await expect(authorizer.authorize('member:read', moving)).rejects.toMatchObject({
          code: 'access.denied',
        });
      });
    });
  });

  it('gives the suspended nothing, nobody anything in a tenant that was shut, and the system everything', async () => {
    const { ground, tenant } = await tenantWithAnn();
    await ground.grant(tenant, 'ann', 'owner');
    const { as, authorizer } = ground.process();
    const asked = () =>
      authorizer.canAll([{ permission: 'member:read' }, { permission: 'tenant:close' }]);
    const suspend = (status: string) =>
      ground.change(tenant, 'update bulkhead.membership set status = $2 where tenant_id = $1', [
        tenant,
        status,
      ]);
    const job = { type: 'system', id: 'job' } as const;
    expect(await as(tenant, ANN, asked)).toEqual([true, true]);
    expect(await as(tenant, job, asked)).toEqual([true, true]);
    expect(await as(tenant, user('stranger'), asked)).toEqual([false, false]);
    await suspend('suspended');
    await vi.waitFor(async () => expect(await as(tenant, ANN, asked)).toEqual([false, false]));
    await suspend('active');
    await vi.waitFor(async () => expect(await as(tenant, ANN, asked)).toEqual([true, true]));
    await ground.admin.query('select bulkhead.access_tenant_enabled($1, false)', [tenant]);
    await vi.waitFor(async () => expect(await as(tenant, ANN, asked)).toEqual([false, false]));
  });

  it('asks the database each time before it says yes to what is dangerous', async () => {
    const { ground, tenant } = await tenantWithAnn();
    await ground.grant(tenant, 'ann', 'owner');
    const { as, authorizer } = ground.process();
    await as(tenant, ANN, async () => {
      await authorizer.authorize('tenant:close');
      // As if nobody had been told yet: the grant goes without the epoch.
      await ground.admin.query('delete from bulkhead.access_grant');
      await expect(authorizer.authorize('tenant:close')).rejects.toMatchObject({
        code: 'access.denied',
      });
      expect(
        await authorizer.canAll([
          { permission: 'member:manage' },
          { permission: 'member:read' },
          { permission: 'tenant:close' },
        ]),
      ).toEqual([false, true, false]);
    });
  });

  it('tells of each denial, with who and what', async () => {
    const { ground, tenant } = await tenantWithAnn();
    const recordDenial = vi.fn();
    const { as, authorizer } = ground.process({ ports: () => ({ recordDenial }) });
    await as(tenant, ANN, async (context) => {
      await authorizer.authorize('member:read').catch(() => undefined);
      expect(recordDenial).toHaveBeenCalledExactlyOnceWith(context, {
        permission: 'member:read',
        node: undefined,
      });
    });
  });

  it('lets no grant outlive its end, though nothing changes when it comes', async () => {
    const { ground, tenant } = await tenantWithAnn();
    await ground.grant(tenant, 'ann', 'viewer');
    await ground.change(
      tenant,
      `update bulkhead.access_grant set expires_at = clock_timestamp() + interval '2 s'`,
    );
    const { as, authorizer } = ground.process();
    await as(tenant, ANN, async (context) => {
      await authorizer.preload(context);
      const asked = performance.now();
      expect(authorizer.can('member:read')).toBe(true);
      await sleep(2_020 - (performance.now() - asked));
      expect(authorizer.can('member:read')).toBe(false);
      await expect(authorizer.authorize('member:read')).rejects.toMatchObject({
        code: 'access.denied',
      });
    });
  });

  it('needs none of the connections that requests hold', async () => {
    const { ground, tenant } = await tenantWithAnn();
    await ground.grant(tenant, 'ann', 'owner');
    const { as, authorizer, pool } = ground.process({ poolMax: 1 });
    await as(tenant, ANN, async () => {
      const client = await pool.connect();
      await client.query('begin');
      await authorizer.authorize('member:read');
      await authorizer.authorize('tenant:close', tenant);
      await client.query('commit');
      client.release();
    });
  });

  it('asks once for all who wait, and not again while nothing changes', async () => {
    const { ground, tenant } = await tenantWithAnn();
    await ground.grant(tenant, 'ann', 'viewer');
    let loads = 0;
    const { as, authorizer } = ground.process({
      ports: ({ systemQuery }) => ({
        systemQuery(text, values) {
          if (text.includes('access_process_snapshot')) loads += 1;
          return systemQuery(text, values);
        },
      }),
    });
    await Promise.all(
      Array.from({ length: 50 }, () => as(tenant, ANN, () => authorizer.authorize('member:read'))),
    );
    await as(tenant, ANN, () => authorizer.authorize('member:read'));
    expect(loads).toBe(1);
  });

  it('remembers no more than it may, and answers the same for those it forgot', async () => {
    const ground = await createAccessGround();
    const tenants = Array.from({ length: 40 }, () => randomUUID());
    for (const tenant of tenants) {
      await ground.join(tenant, 'ann');
      await ground.grant(tenant, 'ann', 'viewer');
    }
    const cacheBytes = 20_000;
    const { as, authorizer } = ground.process({ cacheBytes });
    for (let round = 0; round < 2; round += 1) {
      for (const tenant of tenants) {
        await as(tenant, ANN, async (context) => {
          await authorizer.preload(context);
          expect(authorizer.can('member:read')).toBe(true);
          expect(authorizer.can('tenant:manage')).toBe(false);
        });
        expect(authorizer.state.bytes).toBeLessThanOrEqual(cacheBytes);
      }
    }
    expect(authorizer.state.actors).toBeLessThan(tenants.length);
  });

  it('answers a context whose actor was crowded out in the middle of its request', async () => {
    const ground = await createAccessGround();
    const tenants = Array.from({ length: 20 }, () => randomUUID());
    for (const tenant of tenants) {
      await ground.join(tenant, 'ann');
      await ground.grant(tenant, 'ann', 'viewer');
    }
    const { as, authorizer } = ground.process({ cacheBytes: 10_000 });
    const [first = '', ...others] = tenants;
    await as(first, ANN, async (context) => {
      await authorizer.preload(context);
      for (const tenant of others) await as(tenant, ANN, () => authorizer.authorize('member:read'));
      expect(authorizer.can('member:read')).toBe(true);
      await ground.revokeAll(first, 'ann');
      await vi.waitFor(() => expect(authorizer.can('member:read')).toBe(false), { timeout: 1_000 });
    });
  });

  it('says what to do where the database was not migrated', async () => {
    const ground = await createAccessGround();
    const bare = await createTestDatabase({ migrated: false });
    const { as, authorizer } = ground.process({ url: bare.appUrl });
    try {
      await as(randomUUID(), ANN, async (context) => {
        await expect(authorizer.preload(context)).rejects.toThrow('bulkhead migrate');
      });
    } finally {
      authorizer.close();
      await bare.drop();
    }
  });
});

it('answers in a context that the gate’s was copied into', async () => {
  const { ground, tenant } = await tenantWithAnn();
  await ground.grant(tenant, 'ann', 'viewer');
  const { as, authorizer } = ground.process();
  await as(tenant, ANN, (context) => authorizer.preload(context));
  await as(tenant, ANN, (context) => {
    expect(authorizer.can('member:read')).toBe(true);
    expect(authorizer.checker({ ...context, requestId: 'r1' }).can('member:read')).toBe(true);
    expect(() => authorizer.checker({ ...context, actor: user('bob') })).toThrow(
      expect.objectContaining({ code: 'access.snapshot_missing' }),
    );
  });
});
