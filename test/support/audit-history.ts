/** A log with people in it, sequenced, signed and indexed: the ground on which tests tamper. */
import { parseVerifierKey, type VerifierKey } from 'bulkhead-verify';
import {
  parseSigningKey,
  verifierKeyOf,
} from '../../packages/bulkhead/src/audit/signer/signing-key.ts';
import { createLocalKeyWrapper } from '../../packages/bulkhead/src/audit/vault/key-wrapper.ts';
import {
  type VerifiedLog,
  type VerifyOptions,
  verifyDatabaseLog,
} from '../../packages/bulkhead/src/audit/verify/verify-database.ts';
import {
  type AuditGround,
  createAuditGround,
  newIds,
  ORIGIN,
  recordIn,
  T1,
} from './audit-ground.ts';
import { type AuditReading, readAudit } from './audit-reading.ts';

export interface AuditHistory extends AuditGround, AuditReading {
  /** Appends events to a tenant's log; every third of them has a person in it. Not signed yet. */
  grow(count: number, tenant?: string): Promise<string[]>;
  sign(): Promise<void>;
  /** As `bulkhead audit verify` does. */
  verify(options?: Partial<VerifyOptions>): Promise<VerifiedLog>;
  /** The names of what failed. */
  failures(options?: Partial<VerifyOptions>): Promise<string[]>;
  keysFor(origin: string): VerifierKey[];
  vkeyOf(origin: string): string;
  /** The newest checkpoint of a log. */
  checkpoint(tenant?: string): Promise<string>;
}

export async function createAuditHistory(sizes: readonly number[] = []): Promise<AuditHistory> {
  const ground = await createAuditGround();
  const reading = await readAudit(ground);
  const { drain } = await ground.sequencer();
  const signer = await ground.signer();
  const signingKey = parseSigningKey(ground.signingKey);
  const vkeyOf = (origin: string) => verifierKeyOf(signingKey, origin);
  const keysFor = (origin: string) => [parseVerifierKey(vkeyOf(origin))];
  const operator = await ground.connect(ground.database.operatorUrl);
  const verify = (options: Partial<VerifyOptions> = {}) =>
    verifyDatabaseLog({
      query: (text, values) => operator.query(text, values),
      log: { tenant: T1, class: 'standard' },
      originBase: ORIGIN,
      keysFor,
      wrapper: createLocalKeyWrapper([ground.vaultKey]),
      pins: [],
      ...options,
    });
  const history: AuditHistory = {
    ...ground,
    ...reading,
    vkeyOf,
    keysFor,
    verify,
    async failures(options) {
      const { findings } = await verify(options);
      return findings.filter(({ status }) => status === 'FAIL').map(({ id }) => id);
    },
    async grow(count, tenant = T1) {
      const ids = newIds(count);
      const people = ids.filter((_, n) => n % 3 === 0);
      const others = ids.filter((_, n) => n % 3 !== 0);
      await recordIn(ground.admin, { tenant, ids: others });
      await recordIn(ground.admin, {
        tenant,
        actor: 'user:ada',
        ids: people,
        events: people.map((id) =>
          JSON.stringify({
            action: 'note.created',
            outcome: 'success',
            actor: { name: 'Ada Lovelace' },
            targets: [{ type: 'note', id }],
            ip: '203.0.113.7',
          }),
        ),
      });
      await drain();
      return ids;
    },
    async sign() {
      await signer.next();
    },
    async checkpoint(tenant = T1) {
      const { rows } = await ground.admin.query(
        'select note from bulkhead.audit_checkpoint where tenant_id = $1 order by size desc limit 1',
        [tenant],
      );
      return String(rows[0]?.note);
    },
  };
  for (const size of sizes) {
    await history.grow(size);
    await history.sign();
  }
  if (sizes.length > 0) await history.index();
  return history;
}
