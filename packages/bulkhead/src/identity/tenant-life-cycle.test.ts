import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse, refusal } from './testdata/house.ts';

let house: House;
let owner: string;
let token: string;
beforeEach(async () => {
  house = await openHouse();
  owner = await house.person('owner', house.acme);
  const key = await house.as(house.acme, owner, () =>
    house.bulkhead.identity.apiKeys.create({ name: 'ci' }),
  );
  token = key.token;
});

const enter = (by = house.another()) => house.admit({ headers: { 'x-api-key': token } }, by);
const tenants = () => house.bulkhead.tenants;

describe('a tenant', () => {
  it('is suspended with a reason, and restored as it was', async () => {
    await tenants().suspend('acme', 'Invoices are open');
    await expect(enter()).rejects.toEqual(refusal('identity.tenant_suspended'));
    await expect(house.another().asTenant('acme', async () => 1)).rejects.toEqual(
      refusal('identity.tenant_suspended'),
    );
    await tenants().restore('acme', 'Paid');
    expect(await enter()).toMatchObject({ tenant: { id: house.acme.id } });
    const told = (await house.events(house.acme.id)).slice(-2);
    expect(told).toMatchObject([
      {
        action: 'tenant.suspended',
        reason: 'Invoices are open',
        before: { status: 'active' },
        after: { status: 'suspended' },
      },
      { action: 'tenant.restored', reason: 'Paid' },
    ]);
  });

  it('is shut and opened at once in the process that does it', async () => {
    const inAcme = () => house.bulkhead.asTenant('acme', async () => 1);
    expect(await inAcme()).toBe(1);
    await tenants().suspend('acme', 'x');
    await expect(inAcme()).rejects.toEqual(refusal('identity.tenant_suspended'));
    await tenants().restore('acme', 'x');
    expect(await inAcme()).toBe(1);
  });

  it('is shut within 5 s also where it was just let in', async () => {
    const other = house.another();
    await enter(other);
    await tenants().suspend('acme', 'x');
    await sleep(5_050);
    await expect(enter(other)).rejects.toEqual(refusal('identity.tenant_suspended'));
  });

  it('is closed for good, by operators or by an owner, and by nobody else', async () => {
    const admin = await house.person('admin', house.acme);
    const close = () => house.bulkhead.identity.tenant.close({ reason: 'We are done' });
    await expect(house.as(house.acme, admin, close)).rejects.toEqual(refusal('access.denied'));
    await house.as(house.acme, owner, close);
    await expect(enter()).rejects.toEqual(refusal('identity.tenant_closed'));
    const reopen = [
      () => tenants().restore('acme', 'x'),
      () => tenants().enable('acme'),
      () => tenants().disable('acme'),
    ];
    for (const attempt of reopen) {
      await expect(attempt()).rejects.toEqual(refusal('identity.tenant_closed'));
    }
    const [closed] = (await house.events(house.acme.id)).slice(-1);
    expect(closed).toMatchObject({
      action: 'tenant.closed',
      actor: `user:${owner}`,
      reason: 'We are done',
    });
    expect(await tenants().close('globex', 'They left')).toMatchObject({ status: 'closed' });
  });

  it('stays closed whatever anybody writes into the table', async () => {
    await tenants().close('acme', 'x');
    await expect(
      house.admin.query(`update bulkhead.tenant set status = 'active' where slug = 'acme'`),
    ).rejects.toMatchObject({ message: 'identity.tenant_closed' });
  });

  it.each(['', '  ', 'x'.repeat(1_001)])('is not suspended for %j', async (reason) => {
    await expect(tenants().suspend('acme', reason)).rejects.toEqual(
      refusal('identity.reason_invalid'),
    );
  });

  it('is disabled and enabled by the older words as before', async () => {
    expect(await tenants().disable('acme')).toMatchObject({ status: 'disabled' });
    await expect(enter()).rejects.toEqual(refusal('identity.tenant_disabled'));
    expect(await tenants().enable('acme')).toMatchObject({ status: 'active' });
  });

  it('is named anew by those who manage it', async () => {
    await house.as(house.acme, owner, () =>
      house.bulkhead.identity.tenant.setName({ name: 'Acme GmbH' }),
    );
    const read = await house.as(house.acme, owner, () => house.bulkhead.identity.tenant.read({}));
    expect(read).toMatchObject({ id: house.acme.id, slug: 'acme', name: 'Acme GmbH' });
  });
});
