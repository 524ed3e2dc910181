import { errorFactory } from '../kernel/errors.ts';

/** The audit room's codes. */
export const auditErrors = {
  'audit.unconfigured': {
    status: 501,
    title: 'The audit log is not configured.',
    next: 'Add the section audit to the configuration; `bulkhead init` shows one.',
  },
  'audit.event_invalid': {
    status: 500,
    title: 'The event cannot be recorded as it is.',
    next: 'Correct the fields that the message names.',
  },
  'audit.event_too_large': {
    status: 500,
    title: 'The event is too large for the audit log.',
    next: 'Record what identifies the thing (an id, a hash), not the thing itself.',
  },
  'audit.action_unknown': {
    status: 500,
    title: 'The action is in no catalogue.',
    next: 'Add it to defineActions, and give that to createBulkhead as audit.actions.',
  },
  'audit.executor_invalid': {
    status: 500,
    title: 'This holds no transaction that an event could be recorded in.',
    next: 'Give the protected pool, a client of it, or the transaction of Kysely, Drizzle or Prisma on it.',
  },
  'audit.queue_full': {
    status: 503,
    title: 'More events wait to be recorded than may wait.',
    next: 'Try again shortly. If it lasts, the database does not keep up, or cannot be reached.',
  },
  'audit.queue_closed': {
    status: 503,
    title: 'Events are no longer taken: Bulkhead is closing.',
    next: 'Record before `close`, which waits for what is queued.',
  },
  'audit.not_recorded': {
    status: 503,
    title: 'The event could not be recorded.',
    next: 'Try again. If it lasts, check the database and that `bulkhead migrate` has run.',
  },
  'audit.track_refused': {
    status: 400,
    title: 'The table cannot be tracked like this.',
    next: 'Correct what the message names; `bulkhead audit track --help` describes the settings.',
  },
  'audit.erasure_unconfigured': {
    status: 501,
    title: 'Persons cannot be erased here: audit.sequencerUrl is missing.',
    next: 'Give the URL of the audit role, or erase with `bulkhead audit erase` where it is configured.',
  },
  'audit.actions_invalid': {
    status: 500,
    title: 'The catalogue of actions is not valid.',
    next: 'Correct the actions that the message names.',
  },
  'audit.vault_key_invalid': {
    status: 500,
    title: 'This is not a vault key.',
    next: 'A vault key is bhv1_ and 43 base64url characters; `bulkhead audit key generate` makes one.',
  },
  'audit.vault_key_absent': {
    status: 500,
    title: 'No configured vault key opens what the vault holds.',
    next: 'Put the key that wrapped it back into audit.vaultKeys, behind the first.',
  },
  'audit.worker_unconfigured': {
    status: 500,
    title: 'The audit worker has nothing to connect with.',
    next: 'Set audit.sequencerUrl, audit.signerUrl and audit.signingKeys; the roles are database.auditRole and database.signerRole.',
  },
  'audit.signing_key_invalid': {
    status: 500,
    title: 'This is not a signing key.',
    next: 'A signing key is bha1_ and 43 base64url characters; `bulkhead audit key generate` makes one.',
  },
  'audit.leaf_absent': {
    status: 404,
    title: 'There is no such event in the log, or no checkpoint covers it yet.',
    next: 'Ask again in a second or two: checkpoints are signed about once a second while the worker runs.',
  },
  'audit.log_damaged': {
    status: 500,
    title: 'The audit log does not hold what it should.',
    next: 'Run `bulkhead audit verify`: it says what was changed, and where.',
  },
  'audit.filter_invalid': {
    status: 400,
    title: 'The filter is not valid.',
    next: 'Correct what the message names; the guide on searching lists what a filter may hold.',
  },
  'audit.cursor_invalid': {
    status: 400,
    title: 'The cursor is not one of this search.',
    next: 'Pass the cursor as the page before gave it, with the same filter; or begin again without one.',
  },
  'audit.export_exists': {
    status: 409,
    title: 'The directory of the export is there already.',
    next: 'Name another directory, or remove the one that the message names.',
  },
  'audit.export_refused': {
    status: 500,
    title: 'The log does not verify, so it was not exported.',
    next: 'Run `bulkhead audit verify`: it says what was changed, and where.',
  },
  'audit.export_interrupted': {
    status: 500,
    title: 'The export was interrupted.',
    next: 'Run the same command again: it goes on where it stopped.',
  },
  'audit.search_too_wide': {
    status: 400,
    title: 'The search would read too much of the log.',
    next: 'Name a shorter time, an action or an actor.',
  },
} as const;

export const auditError = errorFactory(auditErrors);
