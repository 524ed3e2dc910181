/** Every operation, as everybody, in one's own tenant and in another. */
import { expect, it } from 'vitest';
import { createAuditApp } from '#test/audit-app';
import { type Doors, runTable } from '#test/operation-table';
import { defineActions } from '../audit/index.ts';
import { policyOperations } from './operations.ts';
import { expected } from './testdata/operations.expected.ts';

/** The version that is held. */
type Things = number;

const body = { ipAllowlist: [] };
const calls: Readonly<Record<string, (b: Doors, version: Things) => Promise<unknown>>> = {
  'policy.list': ({ policies }) => policies.list(),
  'policy.get': ({ policies }) => policies.get('session'),
  'policy.history': ({ policies }) => policies.history('session'),
  'policy.preview': ({ policies }) => policies.preview('session', body),
  'policy.set': ({ policies }, version) => policies.set('session', body, { version }),
};

it('everybody may do what the table says, and nothing elsewhere; each change and each denial is on record', async () => {
  const app = await createAuditApp(defineActions({}), { access: {} });
  const wrong = await runTable<Things>({
    app,
    operations: policyOperations,
    expected,
    calls,
    nothing: 0,
    async makeThings(tenant) {
      const { rows } = await app.admin.query<{ version: number }>(
        `select coalesce(max(version), 0) as version from bulkhead.tenant_policy where tenant_id = $1 and kind = 'session'`,
        [tenant],
      );
      return rows[0]?.version ?? 0;
    },
  });
  expect(wrong).toEqual([]);
}, 60_000);
