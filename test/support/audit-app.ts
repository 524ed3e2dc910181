/**
 * An app that records: two tenants, a table of theirs, and the log behind it, sequenced on demand.
 */
import pg from 'pg';
import { onTestFinished } from 'vitest';
import type { AuditEvent, SealedEvent } from '../../packages/bulkhead/src/audit/event.ts';
import { createEventOpener } from '../../packages/bulkhead/src/audit/open/event-opener.ts';
import { createLocalKeyWrapper } from '../../packages/bulkhead/src/audit/vault/key-wrapper.ts';
import {
  type ActionCatalogue,
  type ActionDefinitions,
  type Bulkhead,
  type BulkheadConfig,
  createBulkhead,
} from '../../packages/bulkhead/src/index.ts';
import { type AuditGround, createAuditGround, type Leaf, ORIGIN, readLog } from './audit-ground.ts';

export const ACME = 'ac000000-0000-4000-8000-000000000001';
export const BORA = 'b0000000-0000-4000-8000-000000000002';

const SCHEMA = `
  create table note (
    tenant_id uuid not null default bulkhead.tenant_id(),
    id uuid not null default gen_random_uuid(),
    title text not null,
    primary key (tenant_id, id)
  );
  select bulkhead.protect_table('note');
  grant select, insert, update, delete on note to test_app, test_operator;
`;

export interface AuditApp<A extends ActionDefinitions> {
  readonly ground: AuditGround;
  readonly admin: pg.Client;
  readonly bulkhead: Bulkhead<A>;
  /** The protected pool. */
  readonly pool: pg.Pool;
  asAcme<T>(fn: () => Promise<T>): Promise<T>;
  asBora<T>(fn: () => Promise<T>): Promise<T>;
  /** Sequences what is recorded; the leaves of a log, its own checks included. */
  leaves(tenant?: string, className?: string): Promise<readonly Leaf[]>;
  /** The same, opened with the vault's keys. */
  events(tenant?: string, className?: string): Promise<readonly AuditEvent[]>;
  /** What waits in the outbox. */
  pending(): Promise<Record<string, unknown>[]>;
}

export async function createAuditApp<const A extends ActionDefinitions>(
  actions: ActionCatalogue<A>,
  more: Partial<BulkheadConfig> | ((ground: AuditGround) => Partial<BulkheadConfig>) = {},
): Promise<AuditApp<A>> {
  const ground = await createAuditGround();
  const given = typeof more === 'function' ? more(ground) : more;
  const { admin, database } = ground;
  await admin.query(`set role test_owner; ${SCHEMA} reset role`);
  await admin.query(
    `insert into bulkhead.tenant (id, slug, name) values ($1, 'acme', 'Acme'), ($2, 'bora', 'Bora')`,
    [ACME, BORA],
  );
  const bulkhead = createBulkhead<A>({
    database: { appRole: 'test_app', operatorRole: 'test_operator' },
    isolation: { contextKeys: [database.contextKey], operatorUrl: database.operatorUrl },
    identity: {},
    ...given,
    audit: {
      origin: ORIGIN,
      vaultKeys: [ground.vaultKey],
      sequencerUrl: database.auditUrl,
      ...given.audit,
      actions,
    },
  });
  const pool = bulkhead.protect(new pg.Pool({ connectionString: database.appUrl, max: 4 }));
  onTestFinished(() => bulkhead.close());
  const sequencer = await ground.sequencer();
  const opener = createEventOpener(createLocalKeyWrapper([ground.vaultKey]));

  const leaves = async (tenant = ACME, name = 'standard') => {
    await sequencer.drain();
    return readLog(admin, tenant, name);
  };
  return {
    ground,
    admin,
    bulkhead,
    pool,
    asAcme: (fn) =>
      bulkhead.asTenant(ACME, fn, { actor: { type: 'user', id: 'alice', name: 'Alice A.' } }),
    asBora: (fn) => bulkhead.asTenant(BORA, fn, { actor: { type: 'user', id: 'bob' } }),
    leaves,
    async events(tenant = ACME, name = 'standard') {
      const placed = (await leaves(tenant, name)).map(({ index, json }) => ({
        class: name,
        leafIndex: index,
        // What is in a log was sealed by us.
        event: json as unknown as SealedEvent,
      }));
      return opener.open((text, values) => admin.query(text, values), tenant, placed);
    },
    async pending() {
      const { rows } = await admin.query(
        'select tenant_id, class, event_id, actor, source, event from bulkhead.audit_pending order by xid, seq',
      );
      return rows;
    },
  };
}
