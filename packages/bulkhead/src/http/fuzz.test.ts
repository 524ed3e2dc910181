/** A slice of what test/interop/api-fuzz.test.ts sends: requests made from the API's own description. */
import { expect, it } from 'vitest';
import { createControlGround } from '#test/control-plane';
import { fuzzApi } from '#test/run-api-fuzz';

it('answers requests of every kind as it says, and shows nobody another tenant’s byte', {
  timeout: 60_000,
}, async () => {
  const { sent, faults } = await fuzzApi({ requests: 250, seed: 20_261 });
  expect(faults).toEqual([]);
  expect(sent).toBeGreaterThanOrEqual(250);
});

it('refuses what the database could not hold, and cursors of other lists', async () => {
  const { ask } = await createControlGround();
  const after = Buffer.from('["a name"]').toString('base64url');
  const as = 'acme-owner';
  const refused = await Promise.all([
    ask(`/tenants/acme/grants?after=${after}`, { as }),
    ask(`/tenants/acme/nodes?after=${after}`, { as }),
    ask('/tenants/acme/grants?holders=user:one&holders=two', { as }),
    // A head comes before the first event; no file may begin that can't go on.
    ask('/tenants/acme/events/export?format=csv&to=never', { as }),
    ask('/tenants/acme/policies/password', {
      as,
      method: 'PUT',
      body: { version: 2 ** 40, body: {} },
    }),
    ask('/tenants/acme/erasures', {
      as,
      method: 'POST',
      body: { subject: { type: 'No Word', id: 'x' }, reason: 'x' },
    }),
  ]);
  expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400]);
});
