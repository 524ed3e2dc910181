/** Names of logs: one per tenant and retention class. */

export interface LogName {
  readonly tenant: string;
  readonly class: string;
}

/** The class of events that name none, and of those beyond the bound on a tenant's logs. */
export const STANDARD_CLASS = 'standard';

/** What a class is called: part of its log's name. */
export const CLASS = /^[a-z][a-z0-9-]{0,31}$/;

/**
 * The name by which a log's checkpoints and keys know it: it holds tenant and class, or one tenant's log could
 * be shown as another's.
 */
export function originOf(base: string, log: LogName): string {
  return `${base}/${log.tenant}/${log.class}`;
}

/** No class holds a slash, and every tenant's id has one length. */
export const logKey = (log: LogName): string => `${log.tenant}/${log.class}`;
