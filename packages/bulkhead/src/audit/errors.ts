import { errorFactory } from '../kernel/errors.ts';

/** The audit room's codes. */
export const auditErrors = {
  'audit.unconfigured': {
    status: 500,
    title: 'The audit log is not configured.',
    next: 'Add the section audit to the configuration; `bulkhead init` shows one.',
  },
} as const;

export const auditError = errorFactory(auditErrors);
