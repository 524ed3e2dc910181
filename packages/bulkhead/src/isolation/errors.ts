import { errorFactory } from '../kernel/errors.ts';

/** The isolation room's codes. */
export const isolationErrors = {
  'isolation.context_missing': {
    status: 500,
    title: 'A query ran without a tenant context.',
    next: 'Run it below bulkhead middleware, or inside bulkhead.asTenant(id, fn) or bulkhead.asOperator({ reason }, fn).',
  },
  'isolation.context_expired': {
    status: 401,
    title: 'The tenant context has expired.',
    next: 'Sign in again; for a long job, enter bulkhead.asTenant afresh for each piece of work.',
  },
  'isolation.context_changed': {
    status: 500,
    title: 'A checked-out client was used in another context than the one it was checked out in.',
    next: 'Call pool.connect() inside the context that uses the client, and release it there.',
  },
  'isolation.tenant_id_invalid': {
    status: 400,
    title: 'The tenant id is not a UUID.',
    next: 'Pass the id of a registered tenant; `bulkhead tenant list` shows them.',
  },
  'isolation.actor_invalid': {
    status: 400,
    title: 'The actor id must be 1 to 200 printable ASCII characters without spaces.',
    next: 'Use the stable id of the user or key, not a display name.',
  },
  'isolation.context_key_invalid': {
    status: 500,
    title: 'A context key is not of the form bhk1_ and 43 base64url characters.',
    next: 'Run `bulkhead key generate` and set BULKHEAD_CONTEXT_KEY to what it wrote.',
  },
  'isolation.context_refused': {
    status: 500,
    title: 'The database refused the signed context.',
    next: 'Run `bulkhead doctor`: the key must be installed in this database and the clocks must agree within minutes.',
  },
  'isolation.statement_refused': {
    status: 403,
    title: 'The statement is not one that the app may send.',
    next: 'Rewrite it without the part named; if the app truly needs it, list it under isolation.allow, or run it on an unprotected pool of its own.',
  },
  'isolation.statement_unparsable': {
    status: 400,
    title: 'The statement is not valid SQL.',
    next: 'Correct the text at the position named; the guard reads it as PostgreSQL 18 does.',
  },
} as const;

export const isolationError = errorFactory(isolationErrors);
