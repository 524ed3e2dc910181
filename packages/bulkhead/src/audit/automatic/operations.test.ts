import { expect, test } from 'vitest';
import { ACME, createAuditApp } from '#test/audit-app';
import { generateContextKey, publishContextKey } from '../../isolation/index.ts';
import { defineActions } from '../catalogue/define-actions.ts';
import { OPERATORS_LOG } from '../event.ts';

const actions = defineActions({});

test("an operator's crossing begins and ends in the operators' log, with the reason, also when it fails", async () => {
  const app = await createAuditApp(actions);
  const actor = { type: 'operator', id: 'dana' } as const;
  await app.bulkhead.asOperator({ reason: 'ticket 1', actor }, async () => {
    // On record before the first query.
    const began = await app.pending();
    expect(began).toMatchObject([
      { tenant_id: OPERATORS_LOG, actor: 'operator:dana', source: 'operator' },
    ]);
  });
  await expect(
    app.bulkhead.asOperator({ reason: 'ticket 2', actor }, async () => {
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  const events = await app.events(OPERATORS_LOG);
  expect(
    events.map(({ action, outcome, reason, actor: { id } }) => [action, outcome, reason, id]),
  ).toEqual([
    ['operator.crossing_began', 'success', 'ticket 1', 'dana'],
    ['operator.crossing_ended', 'success', 'ticket 1', 'dana'],
    ['operator.crossing_began', 'success', 'ticket 2', 'dana'],
    ['operator.crossing_ended', 'failure', 'ticket 2', 'dana'],
  ]);
  expect(events[0]?.metadata).toEqual(events[1]?.metadata);
});

test('a change of the directory is in the log of the tenant that was changed', async () => {
  const app = await createAuditApp(actions);
  const { tenants } = app.bulkhead;
  await tenants.rename('acme', 'Acme GmbH');
  await tenants.disable('acme');
  await tenants.enable('acme');
  await tenants.addDomain('acme', 'notes.acme.example');
  await tenants.removeDomain('acme', 'notes.acme.example');
  const { id } = await tenants.create({ slug: 'cobalt' });
  const events = await app.events(ACME);
  expect(events.map(({ action }) => action)).toEqual([
    'tenant.renamed',
    'tenant.disabled',
    'tenant.enabled',
    'tenant.domain_added',
    'tenant.domain_removed',
  ]);
  expect(events[0]).toMatchObject({
    actor: { type: 'system', id: 'app' },
    before: { name: 'Acme' },
    after: { name: 'Acme GmbH' },
  });
  expect(await app.events(id)).toMatchObject([
    { action: 'tenant.created', after: { slug: 'cobalt' } },
  ]);
});

test("keys that sign contexts come and go in the operators' log, and publishing one again is no event", async () => {
  const app = await createAuditApp(actions);
  const key = generateContextKey();
  const kid = await publishContextKey(app.admin, key);
  await publishContextKey(app.admin, key);
  await app.admin.query('update bulkhead.context_key set revoked_at = now() where kid = $1', [kid]);
  const events = await app.events(OPERATORS_LOG);
  expect(events.map(({ action, metadata }) => [action, metadata?.kid])).toEqual([
    ['context_key.installed', kid],
    ['context_key.revoked', kid],
  ]);
  expect(JSON.stringify(await app.leaves(OPERATORS_LOG))).not.toContain(key.slice(5));
});
