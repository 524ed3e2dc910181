/**
 * The audit room's door: see README.md for what it promises.
 */
export { type Audit, type AuditPorts, type AuditRoom, createAudit } from './audit.ts';
export { clientAddress } from './automatic/client-address.ts';
export type { RequestWatch } from './automatic/watch-requests.ts';
export { builtInActions } from './catalogue/built-in-actions.ts';
export {
  type ActionCatalogue,
  type ActionDefinition,
  type ActionDefinitions,
  type ActionsOf,
  defineActions,
  type Whose,
} from './catalogue/define-actions.ts';
export { type AuditConfig, auditSection } from './config.ts';
export { auditError, auditErrors } from './errors.ts';
export type {
  AuditActor,
  AuditEvent,
  AuditLocation,
  AuditTarget,
  Outcome,
  SealedEvent,
} from './event.ts';
export { OPERATORS_LOG, subjectSchema } from './event.ts';
export type { FormatName, FormatOptions } from './formats/index.ts';
export type { InclusionProof, ProvenInclusion } from './log/prove-log.ts';
export type { AuditReader, OfTenant } from './reader.ts';
export type { EventInput } from './record/event-input.ts';
export type { Executor } from './record/executor.ts';
export { adminActor, recordAsAdmin } from './record/record-as-admin.ts';
export { type RecordOptions, recordingStatements, ridingStatements } from './record/recorder.ts';
export type { SystemRecorder } from './record/system-recorder.ts';
export type { SearchFilter } from './search/filter.ts';
export type { SearchOptions, SearchPage } from './search/search-events.ts';
export type { Tally, TallyOptions } from './search/tally-events.ts';
export { generateSigningKey, parseSigningKey, verifierKeyOf } from './signer/signing-key.ts';
export { readTrackedTables, trackedTableSchema } from './track/tracked-tables.ts';
export { generateVaultKey } from './vault/vault-key.ts';
export {
  type AuditWorker,
  type AuditWorkerOptions,
  startAuditWorker,
} from './worker/worker.ts';
