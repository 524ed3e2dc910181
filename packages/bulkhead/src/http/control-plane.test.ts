/** What the control plane answers, to whom, and that it says so in one way. */
import { verifyConsistency } from 'bulkhead-verify';
import { expect, it } from 'vitest';
import { ACME, createControlGround, PUBLIC_URL } from '#test/control-plane';

it('tells operators of all tenants, and members of their own', async () => {
  const { ask } = await createControlGround();
  const all = await ask('/tenants', { as: 'operators-auditor' });
  expect(await all.json()).toMatchObject({
    items: [{ slug: 'acme' }, { slug: 'bora' }],
    next: null,
    total: 2,
  });
  expect((await ask('/tenants', { as: 'acme-owner' })).status).toBe(403);

  const own = await ask('/tenants/acme', { as: 'acme-auditor' });
  expect(await own.json()).toMatchObject({ id: ACME, slug: 'acme', members: 7 });
  const foreign = await ask('/tenants/bora', { as: 'acme-owner' });
  const absent = await ask('/tenants/nosuch', { as: 'acme-owner' });
  expect([foreign.status, absent.status]).toEqual([404, 404]);
  expect(withoutId(await foreign.json())).toEqual(withoutId(await absent.json()));
});

it('says who is signed in, and what they may do', async () => {
  const { ask } = await createControlGround();
  const me = await (await ask('/me', { as: 'acme-auditor' })).json();
  expect(me).toMatchObject({
    actor: { type: 'user', id: 'acme-auditor' },
    plane: 'tenant',
    tenant: { id: ACME, slug: 'acme', name: 'Acme' },
    permissions: expect.arrayContaining(['audit:read', 'audit:export']),
  });
  expect(me.permissions).not.toContain('member:manage');
  expect(await (await ask('/me', { as: 'operators-owner' })).json()).toMatchObject({
    plane: 'operator',
    tenant: null,
  });
  expect((await ask('/me')).status).toBe(401);
});

it('answers a glance at everything', async () => {
  const { ask, settle } = await createControlGround();
  await settle();
  const overview = await (await ask('/overview', { as: 'operators-auditor' })).json();
  expect(overview).toMatchObject({
    isolation: { tenants: 2, provenAt: null },
    log: { whole: null, verifiedAt: null },
    activity: expect.any(Array),
  });
  expect(overview.activity).toHaveLength(96);
  const hull = await (await ask('/overview/hull', { as: 'operators-auditor' })).json();
  expect(hull).toMatchObject({ slugs: ['acme', 'bora'], disabled: [false, false] });
  const settings = await ask('/settings', { as: 'operators-auditor' });
  expect(await settings.json()).toMatchObject({ database: { appRole: 'test_app' } });
});

it('proves that a log goes on from what it was, and says which tables it watches', async () => {
  const { ask, admin, settle } = await createControlGround();
  const as = 'acme-admin';
  const sizeNow = async () => {
    await settle();
    const { items } = (await (await ask('/tenants/acme/logs', { as })).json()) as {
      items: { signedSize: number }[];
    };
    return items[0]?.signedSize ?? 0;
  };
  const grow = (name: string) =>
    ask('/tenants/acme/groups', { as, method: 'POST', body: { name } });
  await grow('one');
  const from = await sizeNow();
  await grow('two');
  await grow('three');
  const to = await sizeNow();
  expect(to).toBeGreaterThan(from);
  const prove = (sizes: string) => ask(`/tenants/acme/logs/standard/consistency${sizes}`, { as });
  const answer = await prove(`?from=${from}&to=${to}`);
  const { oldRoot, newRoot, hashes } = (await answer.json()) as Record<string, unknown>;
  const bytes = (text: unknown) => Buffer.from(String(text), 'base64');
  const proof = (hashes as string[]).map(bytes);
  expect(verifyConsistency(from, to, bytes(oldRoot), bytes(newRoot), proof)).toBe(true);
  expect(verifyConsistency(from, to, bytes(newRoot), bytes(newRoot), proof)).toBe(false);
  expect((await prove(`?from=${to}&to=${from}`)).status).toBe(400);
  expect((await prove(`?from=1&to=${to + 1_000}`)).status).toBe(404);

  await admin.query(`select bulkhead.audit_track('note', '{"mask": ["title"]}')`);
  const tables = await ask('/audit/tracked-tables', { as: 'operators-auditor' });
  expect(await tables.json()).toMatchObject({
    items: [{ table: 'note', enabled: true, settings: { mask: ['title'], class: 'standard' } }],
  });
});

it('describes itself', async () => {
  const { askAt } = await createControlGround();
  const document = await (await askAt(`${PUBLIC_URL}/openapi.json`)).json();
  expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: `${PUBLIC_URL}/api/v1` }] });
  const page = await askAt(`${PUBLIC_URL}/reference`);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await page.text()).toContain('Searches a tenant’s events');
  expect((await askAt(`${PUBLIC_URL}/healthz`)).status).toBe(200);
  expect((await askAt(`${PUBLIC_URL}/readyz`)).status).toBe(200);
});

const withoutId = ({ requestId: _, ...rest }: Record<string, unknown>) => rest;

it('puts on record in a tenant’s own log that an operator works there, and why', async () => {
  const { ask, settle } = await createControlGround();
  const headers = { 'bulkhead-reason': 'Ticket%204711' };
  expect((await ask('/tenants/acme/roles', { as: 'operators-auditor', headers })).status).toBe(200);
  await settle();
  const found = await ask('/tenants/acme/events?action=operator.entered', { as: 'acme-owner' });
  expect(await found.json()).toMatchObject({
    items: [
      { actor: { type: 'operator', id: 'operators-auditor' }, reason: 'Ticket 4711', tenant: ACME },
    ],
  });
});
