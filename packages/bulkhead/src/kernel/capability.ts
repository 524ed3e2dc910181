/**
 * What a room brings to the platform, in one value. The platform is the list in `src/capabilities.ts`.
 *
 * Promises: migrating, the command line, `doctor` and the error reference read this value and nothing
 * else of a room, so adding a room is adding a folder and a line.
 */
import type { ClientBase } from 'pg';
import type { CommandSources } from './command.ts';
import type { ErrorCatalogue } from './errors.ts';

/** The roles and keys that role-dependent steps work with; names are already validated. */
export interface MigrationTarget {
  readonly appRole: string;
  readonly operatorRole: string | undefined;
  /** Moves recorded events into their logs. */
  readonly auditRole?: string | undefined;
  /** Publishes signed checkpoints. */
  readonly signerRole?: string | undefined;
  /** Keeps accounts: users, credentials, sessions and API keys. */
  readonly identityRole?: string | undefined;
  /** Context keys (`bhk1_…`) to publish; never logged. */
  readonly contextKeys: readonly string[];
  /** Sections of the configuration, already valid, for the rooms that publish part of theirs. */
  readonly sections?: Readonly<Record<string, unknown>> | undefined;
}

/** What `bulkhead doctor` found about one point. */
export interface Diagnosis {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'fault';
  /** What was found, safe to show. */
  readonly finding: string;
  /** What to do about it; absent when all is well. */
  readonly next?: string;
}

export interface Capability {
  readonly name: string;
  /** The folder of `NNNNNN_name.sql` files; with a trailing slash. */
  readonly migrations?: URL;
  readonly errors: ErrorCatalogue;
  /** By the first of their words, in the order of the help: what is not called is not loaded. */
  readonly commands?: CommandSources;
  /**
   * Runs after every `migrate`, as the migrating role, in a transaction of its own: grants and whatever
   * else depends on the app's roles. Must be repeatable. What a managed service refuses is returned as a
   * sentence and reported as `hardening not applied: …`; wrap such a step in a savepoint.
   */
  readonly afterMigrate?: (
    client: ClientBase,
    target: MigrationTarget,
  ) => Promise<readonly string[]>;
  /** Looks, never changes; for `bulkhead doctor`. */
  readonly diagnose?: (
    client: ClientBase,
    target: MigrationTarget,
  ) => Promise<readonly Diagnosis[]>;
}
