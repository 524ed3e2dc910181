/** Reads the audit log in tests as the app does: its own role, in one tenant's signed context. */
import pg from 'pg';
import { onTestFinished } from 'vitest';
import {
  createEventOpener,
  type EventOpener,
  type Query,
} from '../../packages/bulkhead/src/audit/open/event-opener.ts';
import { cursorKeyFrom } from '../../packages/bulkhead/src/audit/search/cursor.ts';
import { indexSearchBlocks } from '../../packages/bulkhead/src/audit/search/index-blocks.ts';
import { createLocalKeyWrapper } from '../../packages/bulkhead/src/audit/vault/key-wrapper.ts';
import { Isolation } from '../../packages/bulkhead/src/isolation/index.ts';
import type { AuditGround } from './audit-ground.ts';

export interface AuditReading {
  /** Runs one statement as the app's role in a tenant's context. */
  asTenant(tenant: string): Query;
  /** As operators do, across tenants. */
  readonly asOperator: Query;
  readonly opener: EventOpener;
  readonly cursorKey: Buffer;
  /** Indexes every full block; returns how many there were. */
  index(): Promise<number>;
}

export async function readAudit(ground: AuditGround): Promise<AuditReading> {
  const { database } = ground;
  const isolation = new Isolation({
    contextKeys: [database.contextKey],
    tokenLifetimeSeconds: 300,
    searchPath: ['public'],
    pooler: 'detect',
    allow: { functions: [], relations: [], statements: [] },
    inFlightMax: 1,
    prepareStatements: true,
    operatorUrl: database.operatorUrl,
  });
  isolation.protect(new pg.Pool({ connectionString: database.appUrl, max: 2 }));
  onTestFinished(() => isolation.close());
  const audit = await ground.connect(database.auditUrl);
  const wrapper = createLocalKeyWrapper([ground.vaultKey]);
  return {
    asTenant: (tenant) => (text, values) =>
      isolation.enterTenant({ id: tenant }, () => isolation.contextQuery(text, values)),
    asOperator: (text, values) => isolation.operatorQuery(text, values),
    opener: createEventOpener(wrapper),
    cursorKey: cursorKeyFrom([ground.vaultKey]),
    index: () =>
      indexSearchBlocks((text, values) => audit.query(text, values), wrapper, { blocksMax: 1000 }),
  };
}
