/** The door of the embedded PostgreSQL, also exported as `bulkhead/embedded`. */
export type { EmbeddedPostgresOptions } from './options.ts';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './start-embedded-postgres.ts';
