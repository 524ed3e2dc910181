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
  'isolation.context_key_unknown': {
    status: 404,
    title: 'The database holds no context key of that id.',
    next: 'Run `bulkhead key list` to see the ids.',
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
  'isolation.client_released': {
    status: 500,
    title: 'A client was used after it was released to the pool.',
    next: 'Await every query of a client before releasing it, and take a new one with pool.connect().',
  },
  'isolation.transaction_on_pool': {
    status: 500,
    title:
      'Transaction control was sent to the pool, where each statement may run on another connection.',
    next: 'Take a client with pool.connect(), run the transaction on it, and release it.',
  },
  'isolation.copy_refused': {
    status: 400,
    title: 'This COPY cannot run under row-level security.',
    next: 'To read, pass COPY … TO STDOUT as a pg-copy-streams stream to a client; to write, INSERT … SELECT from unnest($1::text[], …) in batches.',
  },
  'isolation.submittable_on_pool': {
    status: 500,
    title: 'A cursor or stream was given to the pool.',
    next: 'Take a client with pool.connect() and give it to client.query().',
  },
  'isolation.role_unsafe': {
    status: 500,
    title: 'The role of the connection is not bound by row-level security.',
    next: "Connect as the app's own role; `bulkhead doctor` says what to change on it.",
  },
  'isolation.pool_exhausted': {
    status: 503,
    title: 'No database connection became free in time.',
    next: "Try again shortly; if it persists, raise the pool's max or find what holds its connections.",
  },
  'isolation.pooler_unannounced': {
    status: 500,
    title: 'A connection pooler refused the start-up options of the pool.',
    next: "Set isolation.pooler to 'transaction'.",
  },
  'isolation.database_unavailable': {
    status: 503,
    title: 'The database could not be reached, or the connection was lost.',
    next: 'Try again shortly. A statement that was under way may or may not have taken effect.',
  },
  'isolation.session_tampered': {
    status: 503,
    title: 'The database session was altered from outside, so its connection was closed.',
    next: "Try again. If it comes back, something shares the connection: set isolation.pooler to 'transaction'.",
  },
  'isolation.pool_foreign': {
    status: 500,
    title: 'What was given to protect() is not an unused pg.Pool.',
    next: 'Pass a new pg.Pool, made from the same copy of pg (8.23 or later), that has made no connection yet.',
  },
  'isolation.pool_missing': {
    status: 500,
    title: 'No pool is protected yet.',
    next: 'Call bulkhead.protect(new pg.Pool(…)) before the first request.',
  },
  'isolation.operator_unconfigured': {
    status: 501,
    title: 'There is no connection for operators.',
    next: 'Set isolation.operatorUrl to a role of its own with BYPASSRLS; `bulkhead doctor` checks it.',
  },
  'isolation.attack_unprepared': {
    status: 400,
    title: 'There is nothing to attack with.',
    next: 'An attack needs tables with a tenant column and rows of two tenants; name the column with --tenant-column, the tenant with --tenant.',
  },
  'isolation.attack_blind': {
    status: 500,
    title: 'The administrator of the attack cannot see all rows.',
    next: 'Set BULKHEAD_ADMIN_URL to a superuser or to a role with BYPASSRLS and SELECT on the tables; without it no answer can be judged.',
  },
  'isolation.reason_missing': {
    status: 400,
    title: 'Working across tenants needs a reason of 1 to 1000 characters.',
    next: 'Pass asOperator({ reason }) what an auditor should read.',
  },
  'isolation.protect_refused': {
    status: 409,
    title: 'These tables cannot be protected safely as they are.',
    next: 'Read each refusal: it names what stands in the way and what to do. Nothing was changed.',
  },
  'isolation.protect_busy': {
    status: 409,
    title: 'Another bulkhead protect is at work in this database.',
    next: 'Wait until it has ended, then run the command again.',
  },
  'isolation.protect_lock_timeout': {
    status: 503,
    title: 'A table stayed locked by the app for too long.',
    next: 'Find the long transaction in pg_stat_activity, let it end, and run the same command again: it goes on where it stopped.',
  },
  'isolation.protect_rows_left': {
    status: 409,
    title: 'Rows without a tenant remain after the backfill.',
    next: 'Their parent is missing or has no tenant, or a transaction holds them. Correct them and run the same command again.',
  },
  'isolation.protect_interrupted': {
    status: 503,
    title: 'The run was interrupted; what was done so far stays.',
    next: 'Run the same command again: it goes on where it stopped.',
  },
  'isolation.prove_role_absent': {
    status: 400,
    title: "It is not known which role is the app's.",
    next: 'Name it with --role: the role that the app connects as, or on Supabase `authenticated` or `anon`.',
  },
  'isolation.prove_expression_invalid': {
    status: 400,
    title: 'The tenant expression is not one SQL expression.',
    next: "Give --tenant-expression what a policy compares the tenant column with, such as current_setting('app.tenant_id', true)::uuid.",
  },
  'isolation.prove_baseline_invalid': {
    status: 400,
    title: 'The baseline is not a report of `bulkhead prove`.',
    next: 'Write one with `bulkhead prove --format json > baseline.json`.',
  },
  'isolation.prove_key_invalid': {
    status: 400,
    title: 'The signing key cannot be used.',
    next: 'Make one with `openssl genpkey -algorithm ed25519 -out key.pem`, or leave --key out to sign with a key made for this run.',
  },
  'isolation.prove_migrations_missing': {
    status: 400,
    title: 'No migrations were found.',
    next: 'Name the folder that holds .sql files, such as prisma/migrations, drizzle or supabase/migrations.',
  },
} as const;

export const isolationError = errorFactory(isolationErrors);
