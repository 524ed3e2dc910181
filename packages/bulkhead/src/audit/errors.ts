import { errorFactory } from '../kernel/errors.ts';

/** The audit room's codes. */
export const auditErrors = {
  'audit.unconfigured': {
    status: 500,
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
} as const;

export const auditError = errorFactory(auditErrors);
