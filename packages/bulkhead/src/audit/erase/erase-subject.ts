/**
 * Erases a person from the log without touching the log.
 *
 * Promises: from the first step on nobody can open a value of theirs any more, wherever a copy of the log or
 * of the vault's openings lies, unless with the key from a backup of it; leaves, roots, proofs and signatures
 * stay as they are. Events of theirs that are still in the outbox are sealed as erased. Cut off at any step,
 * the same call, or the worker, goes on. Done again, it changes nothing.
 * Does not promise: anything about the app's own tables, about exports that were made before, or about
 * personal data that an event holds in fields which its catalogue does not call personal.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { auditError } from '../errors.ts';
import { fieldSchemas, type SubjectRef, subjectSchema } from '../event.ts';
import { prepareEvent, type Surroundings } from '../record/prepare-event.ts';
import type { KeyWrapper } from '../vault/key-wrapper.ts';
import { indexPurpose, newIndexKey, refOf } from '../vault/tenant-vault.ts';

/** Runs one statement as the audit role, each in a transaction of its own. */
export type Query = (
  text: string,
  values: unknown[],
) => Promise<{ rows: Record<string, unknown>[] }>;

export interface Erasure {
  readonly tenant: string;
  readonly subject: SubjectRef;
  /** Who erases, and why, which the log must be able to hold. */
  readonly around: Surroundings;
}

export interface ErasureResult {
  /** What the log calls the person from now on: nobody can say any more who it was. */
  readonly pseudonym: string;
  /** False when the log knew nobody of this type and id; what of them is in the outbox is erased all the same. */
  readonly wasKnown: boolean;
  /** How many events lost personal values of theirs. */
  readonly openingsDeleted: number;
}

export type ErasureStep = 'key destroyed' | 'openings deleted' | 'finished';

const askedSchema = z.object({
  subject: subjectSchema,
  reason: fieldSchemas.reason.unwrap(),
});

/** Rows deleted in one transaction: short enough to hold nobody up. */
const ROWS_MAX = 100;

/** @throws `audit.event_invalid` before anything is erased */
export async function eraseSubject(
  query: Query,
  wrapper: KeyWrapper,
  { tenant, subject: given, around }: Erasure,
  onStep: (step: ErasureStep) => void | Promise<void> = () => {},
): Promise<ErasureResult> {
  const { subject } = expectErasable(given, around.reason);
  const ref = refOf(await indexKeyOf(query, wrapper, tenant), subject);
  const event = prepareEvent(
    undefined,
    // The database puts the pseudonym in: only there it is known for sure which.
    { action: 'subject.erased', targets: [{ type: 'subject', id: 'pseudonym' }] },
    around,
  );
  const { rows } = await query(
    'select pseudonym, was_known from bulkhead.audit_erase($1, $2, $3, $4, $5, $6)',
    [tenant, ref, randomUUID(), event.id, `${around.actor.type}:${around.actor.id}`, event.text],
  );
  const pseudonym = String(rows[0]?.pseudonym);
  await onStep('key destroyed');
  const openingsDeleted = await deleteOpenings(query, tenant, pseudonym, onStep);
  await query('select bulkhead.audit_erasures_settle()', []);
  await onStep('finished');
  return { pseudonym, wasKnown: rows[0]?.was_known === true, openingsDeleted };
}

/** What an erasure that was cut off has left behind; for the worker, now and then. */
export async function finishErasures(query: Query): Promise<void> {
  const { rows } = await query(
    'select tenant_id, pseudonym from bulkhead.audit_erasures_unfinished()',
    [],
  );
  for (const { tenant_id, pseudonym } of rows) {
    await deleteOpenings(query, String(tenant_id), String(pseudonym));
  }
  await query('select bulkhead.audit_erasures_settle()', []);
}

/** Only the sequencer would find the event at fault, when the key is gone already. */
function expectErasable(subject: unknown, reason: unknown): z.output<typeof askedSchema> {
  const parsed = askedSchema.safeParse({ subject, reason });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw auditError('audit.event_invalid', {
    message: `Nobody was erased: ${faults.join('; ')}.`,
  });
}

async function deleteOpenings(
  query: Query,
  tenant: string,
  pseudonym: string,
  onStep: (step: ErasureStep) => void | Promise<void> = () => {},
): Promise<number> {
  let total = 0;
  for (;;) {
    const { rows } = await query(
      'select bulkhead.audit_erase_openings($1, $2, $3)::integer as deleted',
      [tenant, pseudonym, ROWS_MAX],
    );
    const deleted = Number(rows[0]?.deleted);
    total += deleted;
    await onStep('openings deleted');
    if (deleted === 0) return total;
  }
}

async function indexKeyOf(query: Query, wrapper: KeyWrapper, tenant: string): Promise<Buffer> {
  await wrapper.prepare([tenant]);
  const fresh = wrapper.wrap(tenant, indexPurpose(tenant), newIndexKey());
  const { rows } = await query(
    'select wrapped from bulkhead.audit_vault_keys($1::uuid[], $2::bytea[])',
    [[tenant], [fresh]],
  );
  // The driver reads a bytea as a Buffer.
  return wrapper.unwrap(tenant, indexPurpose(tenant), rows[0]?.wrapped as Buffer);
}
