/** What docs/guides/policies.md shows, run. */
import { expect, test } from 'vitest';
import { openHouse } from '../../packages/bulkhead/src/identity/testdata/house.ts';

test('a policy is tried, set, and looked back on', async () => {
  const { bulkhead, acme, person, as } = await openHouse();
  const owner = await person('owner', acme);
  await as(acme, owner, async () => {
    // #region preview
    const draft = { required: 'everyone' } as const;
    const { effects, members } = await bulkhead.policies.preview('mfa', draft);
    const sentences = effects.map(({ text }) => text);
    // #endregion
    expect(sentences).toEqual([
      '1 person would have to set up a second factor before anything else.',
    ]);
    expect(members).toMatchObject([{ id: owner, rules: ['mfa.enrolment'] }]);
    // #region set
    const { version } = await bulkhead.policies.get('mfa');
    await bulkhead.policies.set('mfa', draft, { version, reason: 'Contract with Globex' });
    // #endregion
    // #region history
    const { items } = await bulkhead.policies.history('mfa');
    // #endregion
    expect(items).toMatchObject([{ version: 1, changedBy: `user:${owner}` }]);
  });
});
