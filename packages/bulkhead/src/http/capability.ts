import type { Capability } from '../kernel/capability.ts';
import { httpErrors } from './errors.ts';

const TABLES = ['live_position', 'live_slot', 'live_action', 'live_notice', 'live_state'];
const FUNCTIONS = [
  'live_claim(uuid, integer)',
  'live_announce(uuid[], text[], jsonb[])',
  'live_count',
  'live_prune()',
  'control_context_keys()',
  'control_tenant_counts(uuid)',
  'rate_share(bytea[], integer[], integer[])',
];

/** What the http room brings. */
export const http: Capability = {
  name: 'http',
  migrations: new URL('./migrations/', import.meta.url),
  errors: httpErrors,
  commands: {
    serve: async () => [(await import('./serve/serve-command.ts')).serveCommand],
    operator: async () => [(await import('./serve/operator-command.ts')).operatorAddCommand],
  },
  // The control plane keeps its own things as the operators' role; the app's says of its own changes that they are
  // made, and reaches nothing else.
  afterMigrate: async (client, { appRole, operatorRole }) => {
    const { escapeIdentifier } = await import('pg');
    if (appRole !== undefined) {
      await client.query(
        `grant execute on function bulkhead.idempotency_mark(text, text, uuid), bulkhead.precondition_stamp(),
           bulkhead.precondition_hold(bigint) to ${escapeIdentifier(appRole)}`,
      );
    }
    if (operatorRole === undefined) return [];
    const operator = escapeIdentifier(operatorRole);
    const named = (names: readonly string[]) => names.map((name) => `bulkhead.${name}`).join(', ');
    await client.query(
      `grant select on ${named(TABLES)}, bulkhead.migration, bulkhead.audit_worker to ${operator}`,
    );
    await client.query(`grant select, insert, update on bulkhead.control_job to ${operator}`);
    await client.query(
      `grant select, insert, update, delete on bulkhead.idempotency_key to ${operator}`,
    );
    await client.query(`grant execute on function ${named(FUNCTIONS)} to ${operator}`);
    return [];
  },
};
