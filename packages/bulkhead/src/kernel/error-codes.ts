import { errorFactory } from './errors.ts';

/** The kernel's codes: configuration, migrations, the database's own state, and the command line. */
export const kernelErrors = {
  'kernel.config_invalid': {
    status: 500,
    title: 'The configuration is not valid.',
    next: 'Correct every key listed; `bulkhead explain <key>` says what it accepts.',
  },
  'kernel.config_missing': {
    status: 500,
    title: 'No configuration was found.',
    next: 'Run `bulkhead init`, or name the file with --config <path>.',
  },
  'kernel.setting_missing': {
    status: 500,
    title: 'A setting that this command needs is missing.',
    next: 'Set it in bulkhead.config.mjs, or in the environment variable named in the message.',
  },
  'kernel.database_unavailable': {
    status: 503,
    title: 'The database cannot be reached.',
    next: 'Check that PostgreSQL runs and that the URL names the right host, port, user and database.',
  },
  'kernel.database_unmigrated': {
    status: 500,
    title: 'The database lacks what this version of Bulkhead brings along.',
    next: 'Run `bulkhead migrate` on it, or check that the URL names the right database.',
  },
  'kernel.database_newer': {
    status: 500,
    title: 'The database holds migrations that this version of Bulkhead does not know.',
    next: 'Upgrade the bulkhead package to at least the version that migrated this database.',
  },
  'kernel.server_unsupported': {
    status: 500,
    title: 'This version of PostgreSQL is not supported.',
    next: 'Use PostgreSQL 15, 16, 17 or 18.',
  },
  'kernel.pooler_in_the_way': {
    status: 500,
    title: 'The connection runs through a pooler that shares server sessions.',
    next: 'Give the migrator a URL that leads straight to PostgreSQL (BULKHEAD_ADMIN_URL).',
  },
  'kernel.privilege_missing': {
    status: 500,
    title: 'The migrating role lacks a privilege.',
    next: 'Grant what the message names, or migrate with a role that has it.',
  },
  'kernel.migration_changed': {
    status: 500,
    title: 'A migration that was already applied has since been changed.',
    next: 'Reinstall the bulkhead package; migrations are never edited once released.',
  },
  'kernel.migration_failed': {
    status: 500,
    title: 'A migration failed; nothing of it was kept.',
    next: 'Correct what the message names and run `bulkhead migrate` again; it goes on from there.',
  },
  'kernel.migration_invalid': {
    status: 500,
    title: 'A migration file is not well formed.',
    next: 'Name files NNNNNN_name.sql without gaps or twins; one that needs CONCURRENTLY opens with `-- bulkhead: no-transaction`.',
  },
  'kernel.lock_unavailable': {
    status: 503,
    title: 'A lock that migrating needs was not free in time.',
    next: 'Run `bulkhead migrate` again when long transactions have ended; nothing was left half done.',
  },
  'kernel.usage': {
    status: 400,
    title: 'The command was not understood.',
    next: 'Run `bulkhead --help`, or `bulkhead <command> --help`.',
  },
  'kernel.input_invalid': {
    status: 400,
    title: 'What was given is not what this operation takes.',
    next: 'Correct the fields that the message names.',
  },
  'kernel.file_exists': {
    status: 409,
    title: 'A file that would be written is already there.',
    next: 'Look at it, and pass --force to replace it.',
  },
  'kernel.file_unreadable': {
    status: 500,
    title: 'A file could not be read or written.',
    next: 'Check that the path exists and that this user may use it.',
  },
  'kernel.unexpected': {
    status: 500,
    title: 'Something went wrong that Bulkhead did not foresee.',
    next: 'Run the command again with --verbose and report what it prints.',
  },
} as const;

export const kernelError = errorFactory(kernelErrors);
