/**
 * Who may do what to the audit log, applied after every migration.
 *
 * Promises: the app may record and read its own tenant's events; the sequencer may append and the signer may
 * publish, through functions and in no other way; nobody may change or delete. Repeatable.
 */
import { type ClientBase, escapeIdentifier } from 'pg';
import type { MigrationTarget } from '../kernel/capability.ts';

/** What a tenant's reader sees, row by row under its tenant's policy. */
const READABLE = [
  'audit_log',
  'audit_chunk',
  'audit_tile',
  'audit_checkpoint',
  'audit_event',
  'audit_subject',
  'audit_vault_key',
  'audit_opening',
  'audit_search_block',
  'audit_search_term',
];

const READER = ['audit_leaf(bytea, integer)'];

const RECORDER = [
  'audit_record(uuid[], text[], text[])',
  'audit_record_parcels(text[])',
  // For processes of the release before, while they are replaced one by one.
  'audit_submit(text[], integer[], uuid[], text[], text[])',
  'audit_submit_parcel(text, text, text)',
];

const SEQUENCER = [
  'audit_claim_sequencing(uuid, integer)',
  'audit_take(pg_snapshot, pg_snapshot, xid8, bigint, integer, bigint)',
  'audit_heads(uuid[], text[])',
  'audit_log_counts(uuid[])',
  'audit_known(uuid[], uuid[])',
  'audit_vault_keys(uuid[], bytea[])',
  'audit_vault_read(uuid[], bytea[])',
  'audit_erasures()',
  'audit_erase(uuid, bytea, uuid, uuid, text, jsonb)',
  'audit_erase_openings(uuid, uuid, integer)',
  'audit_erasures_unfinished()',
  'audit_erasures_settle()',
  'audit_append',
  'audit_unpack(tid, bigint, uuid[], text[], uuid[], text[], text[])',
  'audit_search_due(integer)',
  'audit_search_leaves(uuid, text, bigint)',
  'audit_search_openings(uuid, text, bigint)',
  'audit_search_subjects(uuid, uuid[])',
  'audit_search_key(uuid)',
  'audit_search_write',
];

const SIGNER = [
  'audit_claim_signing(uuid, integer)',
  'audit_to_sign(integer)',
  'audit_entries(uuid[], text[], bigint[], bigint[], bigint)',
  'publish_checkpoints(uuid[], text[], bigint[], bytea[], bytea[], text[])',
];

export async function applyAuditGrants(
  client: ClientBase,
  target: MigrationTarget,
): Promise<readonly string[]> {
  const tables = READABLE.map((name) => `bulkhead.${name}`).join(', ');
  const app = escapeIdentifier(target.appRole);
  await client.query(`grant select on ${tables} to ${app}`);
  await grantFunctions(client, [...READER, ...RECORDER], target.appRole);
  if (target.operatorRole !== undefined) {
    const operator = escapeIdentifier(target.operatorRole);
    await client.query(`grant select on ${tables}, bulkhead.audit_unsigned to ${operator}`);
    await grantFunctions(
      client,
      [...READER, 'audit_record_as(uuid, text, uuid[], text[], text[])'],
      target.operatorRole,
    );
  }
  if (target.auditRole !== undefined) await grantFunctions(client, SEQUENCER, target.auditRole);
  if (target.signerRole !== undefined) await grantFunctions(client, SIGNER, target.signerRole);
  return [];
}

async function grantFunctions(
  client: ClientBase,
  functions: readonly string[],
  role: string,
): Promise<void> {
  const names = functions.map((name) => `bulkhead.${name}`).join(', ');
  await client.query(`grant execute on function ${names} to ${escapeIdentifier(role)}`);
}
