/** Domains whose people may join, shown by TXT records that a real name server on this machine answers with. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type NameServer, startNameServer } from '#test/name-server';
import { type House, openHouse, type Tenant } from '../testdata/house.ts';

let dns: NameServer;
let house: House;
let owner: string;
beforeEach(async () => {
  dns = await startNameServer();
  house = await openHouse({ nameServers: [dns.address] });
  owner = await house.person('owner', house.acme, house.globex);
});

const DOMAIN = 'acme-corp.dev';
const as = <T>(fn: () => Promise<T>, tenant: Tenant = house.acme, who = owner) =>
  house.as(tenant, who, fn);
const doors = () => house.bulkhead.identity.domains;

async function user(email: string, verified = true): Promise<string> {
  const { id } = await house.bulkhead.identity.users.create({ email, name: 'Ada' });
  if (verified) {
    await house.admin.query(
      'update bulkhead.user_account set email_verified_at = now() where id = $1',
      [id],
    );
  }
  return id;
}

/** Adds the domain, puts its record into the zone and has it looked for. */
async function verified(tenant: Tenant = house.acme): Promise<string> {
  const { record } = await as(() => doors().add({ domain: DOMAIN }), tenant);
  dns.zone.set(DOMAIN, [...((dns.zone.get(DOMAIN) as string[][]) ?? []), [record]]);
  await as(() => doors().verify({ domain: DOMAIN }), tenant);
  return record;
}

/** As if so much time had gone by since anybody looked. */
const pass = (interval: string) =>
  house.admin.query(
    `update bulkhead.tenant_verified_domain set checked_at = checked_at - $1::interval, missed_at = missed_at - $1::interval`,
    [interval],
  );
const actions = async (tenant = house.acme) =>
  (await house.events(tenant.id)).filter(({ action }) => String(action).startsWith('domain.'));
const openTo = async (userId: string) => (await doors().openTo({ userId })).map(({ slug }) => slug);

describe('a domain', () => {
  test('lets people in once its record is found, with what a member has and no more; all on record', async () => {
    const ada = await user(`ada@${DOMAIN}`);
    const added = await as(() => doors().add({ domain: DOMAIN.toUpperCase() }));
    expect(added).toMatchObject({ domain: DOMAIN, status: 'pending', role: 'member' });
    expect(await as(() => doors().verify({ domain: DOMAIN }))).toMatchObject({
      status: 'pending',
      taken: false,
    });
    expect(await openTo(ada)).toEqual([]);
    dns.zone.set(DOMAIN, [['v=spf1 -all'], [added.record]]);
    expect(await as(() => doors().verify({ domain: DOMAIN }))).toMatchObject({
      status: 'verified',
    });
    expect(await openTo(ada)).toEqual(['acme']);
    await doors().join({ userId: ada, tenantId: house.acme.id });
    expect(await openTo(ada)).toEqual([]);
    await as(() => doors().add({ domain: DOMAIN, role: 'viewer' }));
    await as(() => doors().add({ domain: DOMAIN, role: 'viewer' }));
    await as(() => doors().remove({ domain: DOMAIN }));
    expect(await actions()).toMatchObject([
      { action: 'domain.added', actor: `user:${owner}`, after: { role: 'member' } },
      {
        action: 'domain.verified',
        actor: 'system:domains',
        before: { status: 'pending' },
        after: { status: 'verified' },
      },
      { action: 'domain.changed', before: { role: 'member' }, after: { role: 'viewer' } },
      { action: 'domain.removed', before: { role: 'viewer', status: 'verified' } },
    ]);
    // Who has joined stays; nobody else comes.
    expect(await openTo(await user(`bob@${DOMAIN}`))).toEqual([]);
  });

  test('that is everybody’s, or nobody’s, or none at all, is refused', async () => {
    const add = (domain: string) => as(() => doors().add({ domain }));
    const shared = ['gmail.com', 'GMail.com', 'co.uk', 'com.au', 'mailinator.com'];
    const nobodys = ['acme.onmicrosoft.com', 'printer.local', 'acme.test'];
    for (const domain of [...shared, ...nobodys]) {
      await expect(add(domain), domain).rejects.toMatchObject({ code: 'identity.domain_public' });
    }
    const long = `${'a'.repeat(64)}.dev`;
    const none = [
      'localhost',
      'acme',
      '192.0.2.1',
      'a b.dev',
      long,
      'acme.dev/x',
      '*.acme.dev',
      '',
    ];
    for (const domain of none) {
      await expect(add(domain), domain).rejects.toMatchObject({ code: 'identity.domain_invalid' });
    }
  });

  test('gives nobody more than a member has, also not later', async () => {
    const add = (role: string) => as(() => doors().add({ domain: DOMAIN, role }));
    await expect(add('admin')).rejects.toMatchObject({ code: 'access.exceeds_own' });
    await expect(add('nothing')).rejects.toMatchObject({ code: 'access.role_absent' });
    const { roles } = house.bulkhead.access;
    await as(() => roles.create({ key: 'guest', name: 'Guest', permissions: ['member:read'] }));
    await as(() => roles.update({ key: 'guest', permissions: ['member:read', 'member:invite'] }));
    await expect(add('guest')).rejects.toMatchObject({ code: 'access.exceeds_own' });
    await as(() => roles.update({ key: 'guest', permissions: ['member:read'] }));
    const { record } = await add('guest');
    dns.zone.set(DOMAIN, [[record]]);
    await as(() => doors().verify({ domain: DOMAIN }));
    await as(() => roles.update({ key: 'guest', permissions: ['member:read', 'member:invite'] }));
    await expect(
      doors().join({ userId: await user(`ada@${DOMAIN}`), tenantId: house.acme.id }),
    ).rejects.toMatchObject({ code: 'identity.domain_join_refused' });
    const member = await house.person('member', house.acme);
    await expect(
      as(() => doors().add({ domain: DOMAIN }), house.acme, member),
    ).rejects.toMatchObject({ code: 'access.denied' });
  });
});

describe('two tenants with one domain', () => {
  test('the first to show it has it; the other is told, and is next when the first has it no more', async () => {
    const ada = await user(`ada@${DOMAIN}`);
    await verified(house.acme);
    const { record } = await as(() => doors().add({ domain: DOMAIN }), house.globex);
    // Each has a record of its own: one tenant's does not speak for another.
    expect(await as(() => doors().verify({ domain: DOMAIN }), house.globex)).toMatchObject({
      status: 'pending',
      taken: false,
    });
    dns.zone.set(DOMAIN, [...((dns.zone.get(DOMAIN) as string[][]) ?? []), [record]]);
    expect(await as(() => doors().verify({ domain: DOMAIN }), house.globex)).toMatchObject({
      status: 'pending',
      taken: true,
    });
    expect(await openTo(ada)).toEqual(['acme']);
    await as(() => doors().remove({ domain: DOMAIN }), house.acme);
    expect(await as(() => doors().verify({ domain: DOMAIN }), house.globex)).toMatchObject({
      status: 'verified',
      taken: false,
    });
    expect(await openTo(ada)).toEqual(['globex']);
  });

  test('at the same moment one of them has it', async () => {
    const records = await Promise.all(
      [house.acme, house.globex].map((tenant) => as(() => doors().add({ domain: DOMAIN }), tenant)),
    );
    dns.zone.set(
      DOMAIN,
      records.map(({ record }) => [record]),
    );
    const answers = await Promise.all(
      [house.acme, house.globex].map((tenant) =>
        as(() => doors().verify({ domain: DOMAIN }), tenant),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual(['pending', 'verified']);
    expect(answers.filter(({ taken }) => taken)).toHaveLength(1);
  });
});

describe('a record that is gone', () => {
  test('for three looks over a day ends the joining, which is on record; one that is back restores it', async () => {
    const record = await verified();
    const ada = await user(`ada@${DOMAIN}`);
    dns.zone.delete(DOMAIN);
    const { verifyDue } = doors();
    // Verified a moment ago: nothing is due.
    expect(await verifyDue()).toEqual({ found: 0, missing: 0, unanswered: 0 });
    for (const stillOpen of [true, true, false]) {
      await pass('25 hours');
      expect(await verifyDue()).toEqual({ found: 0, missing: 1, unanswered: 0 });
      expect(await openTo(ada)).toEqual(stillOpen ? ['acme'] : []);
    }
    await expect(doors().join({ userId: ada, tenantId: house.acme.id })).rejects.toMatchObject({
      code: 'identity.domain_join_refused',
    });
    dns.zone.set(DOMAIN, [[record]]);
    await pass('25 hours');
    expect(await verifyDue()).toEqual({ found: 1, missing: 0, unanswered: 0 });
    expect(await openTo(ada)).toEqual(['acme']);
    expect((await actions()).map(({ action }) => action)).toEqual([
      'domain.added',
      'domain.verified',
      'domain.lapsed',
      'domain.verified',
    ]);
  });

  test('is gone once, however many look at the same time or again', async () => {
    await verified();
    dns.zone.delete(DOMAIN);
    await pass('25 hours');
    await Promise.all([1, 2, 3, 4].map(() => as(() => doors().verify({ domain: DOMAIN }))));
    await Promise.all([1, 2, 3].map(() => doors().verifyDue({ ageSeconds: 0 })));
    expect(await as(() => doors().list({}))).toMatchObject({ items: [{ status: 'verified' }] });
  });

  test.each(['SERVFAIL', 'REFUSED'] as const)(
    'is not the same as name servers that answer %s: those cost nobody the domain',
    async (answer) => {
      await verified();
      dns.zone.set(DOMAIN, answer);
      for (let day = 0; day < 5; day += 1) {
        await pass('25 hours');
        expect(await doors().verifyDue()).toEqual({ found: 0, missing: 0, unanswered: 1 });
      }
      await expect(as(() => doors().verify({ domain: DOMAIN }))).rejects.toMatchObject({
        code: 'identity.dns_unavailable',
      });
      expect(await as(() => doors().list({}))).toMatchObject({ items: [{ status: 'verified' }] });
    },
  );
});

describe('who may join', () => {
  test('only a verified address of that very domain, of a user in good standing', async () => {
    await verified();
    const others = [
      await user(`unverified@${DOMAIN}`, false),
      await user(`ada@sub.${DOMAIN}`),
      await user(`ada@${DOMAIN}.evil.dev`),
      await user('ada@xacme-corp.dev'),
    ];
    const disabled = await user(`gone@${DOMAIN}`);
    await house.admin.query(`update bulkhead.user_account set status = 'disabled' where id = $1`, [
      disabled,
    ]);
    for (const userId of [...others, disabled, '00000000-0000-4000-8000-000000000009']) {
      expect(await openTo(userId)).toEqual([]);
      await expect(doors().join({ userId, tenantId: house.acme.id })).rejects.toMatchObject({
        code: 'identity.domain_join_refused',
      });
    }
  });

  test('whom the tenant has put out stays out; who left by themself may come back', async () => {
    await verified();
    const [ada, bob] = [await user(`ada@${DOMAIN}`), await user(`bob@${DOMAIN}`)];
    for (const userId of [ada, bob]) await doors().join({ userId, tenantId: house.acme.id });
    await as(() => house.bulkhead.access.members.remove({ type: 'user', id: ada }));
    await as(() => house.bulkhead.access.members.leave({}), house.acme, bob);
    expect(await openTo(ada)).toEqual([]);
    await expect(doors().join({ userId: ada, tenantId: house.acme.id })).rejects.toMatchObject({
      code: 'identity.domain_join_refused',
    });
    expect(await openTo(bob)).toEqual(['acme']);
  });

  test('of forty who press the button at once one comes in', async () => {
    await verified();
    const ada = await user(`ada@${DOMAIN}`);
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, () => doors().join({ userId: ada, tenantId: house.acme.id })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

test('the worker looks again by itself', async () => {
  const record = await verified();
  await pass('25 hours');
  expect(house.another().start()).toEqual(['domains', 'sessions']);
  dns.zone.set(DOMAIN, [[record]]);
  await expect.poll(() => dns.asked.get(DOMAIN)).toBeGreaterThan(1);
});
