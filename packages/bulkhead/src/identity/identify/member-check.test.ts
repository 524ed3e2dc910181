/** `identity.requireMembership`: an issuer says who somebody is, the tenant says whether they belong to it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openHouse, refusal } from '../testdata/house.ts';

it('admits members alone, whatever a token names, and hears of a suspension within a second', async () => {
  const house = await openHouse({
    requireMembership: true,
    authenticate: (request) => {
      const id = request.header('x-user');
      return id === undefined
        ? null
        : { actor: { type: 'user', id }, tenants: ['acme', 'globex', 'absent'] };
    },
  });
  const ada = await house.person('member', house.acme);
  const enter = (slug: string, by = house.bulkhead) =>
    house.admit({ host: `${slug}.app.example`, headers: { 'x-user': ada } }, by);
  const outside = refusal('identity.tenant_not_allowed');
  expect(await enter('acme')).toMatchObject({ actor: { id: ada }, tenant: { slug: 'acme' } });
  // A member of one tenant is a stranger in the other, though the issuer says otherwise.
  await expect(enter('globex')).rejects.toEqual(outside);
  const stranger = { host: 'acme.app.example', headers: { 'x-user': 'nobody' } };
  await expect(house.admit(stranger)).rejects.toEqual(outside);

  await house.admin.query(`select bulkhead.access_member_suspend($1, 'system:test', 'user', $2)`, [
    house.acme.id,
    ada,
  ]);
  await sleep(1_020);
  await expect(enter('acme')).rejects.toEqual(outside);
  // Without the demand, the token's word is enough.
  const trusting = house.another({ requireMembership: false });
  expect(await enter('globex', trusting)).toMatchObject({ tenant: { slug: 'globex' } });
});
