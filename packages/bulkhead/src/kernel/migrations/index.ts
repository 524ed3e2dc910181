/** Migrations: numbered SQL files of each room, applied once, in order, by one migrator at a time. */
export { withAdminClient } from './admin-client.ts';
export { connectionError } from './database-error.ts';
export { diagnoseMigrations } from './diagnose.ts';
export {
  type MigrateOptions,
  type MigrationProgress,
  type MigrationReport,
  migrate,
  NOT_HARDENED,
} from './migrate.ts';
export { planSql } from './plan.ts';
