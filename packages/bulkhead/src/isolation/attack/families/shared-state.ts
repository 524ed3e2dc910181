/** What all tenants of a server share, and what its statistics say about the neighbours. */
import type { Family } from '../attempt.ts';
import { readable, targets, text } from './spell.ts';

export const sharedState: Family = {
  name: 'shared state',
  description:
    'Uses large objects, advisory locks, LISTEN/NOTIFY, sequences and the random seed, which know no tenants.',
  *attempts(ground) {
    for (const sequence of ground.survey.relations.filter(({ kind }) => kind === 'S')) {
      const name = text(sequence.sql);
      yield { steps: [`select * from ${sequence.sql}`], object: sequence.sql, mode: 'plain' };
      yield { steps: [`select currval(${name}::regclass)`], object: sequence.sql, mode: 'plain' };
      yield {
        steps: [`select * from pg_sequences`, `select lastval()`],
        object: sequence.sql,
        mode: 'plain',
      };
    }
    for (const step of [
      'select loid, data from pg_largeobject limit 100',
      'select lo_get(oid) from pg_largeobject_metadata limit 100',
      `select lo_get(lo_from_bytea(0, 'attack'))`,
      'select pg_advisory_xact_lock_shared(1)',
      'select pg_try_advisory_xact_lock(1)',
      'select setseed(0.5)',
      `select pg_notify('attack', 'x')`,
      'notify attack',
      'select pg_listening_channels()',
    ]) {
      yield { steps: [step], mode: 'rolled back', echoes: true };
    }
    yield {
      steps: ['listen attack', 'select pg_sleep(0.01)', 'unlisten *'],
      mode: 'session',
      echoes: true,
    };
  },
};

export const statistics: Family = {
  name: 'statistics',
  description:
    'Reads planner statistics, activity, locks, plans and the catalog. Row estimates and timing are not judged.',
  *attempts(ground) {
    const views = [
      'pg_stats',
      'pg_stats_ext',
      'pg_stats_ext_exprs',
      'pg_stat_activity',
      'pg_stat_user_tables',
      'pg_stat_statements',
      'pg_stat_ssl',
      'pg_stat_replication',
      'pg_locks',
      'pg_settings',
      'pg_cursors',
      'pg_statistic',
      'pg_statistic_ext_data',
      'pg_stat_database',
      'pg_stat_io',
      'pg_policies',
      'pg_description',
      'pg_seclabels',
      'pg_subscription',
      'pg_foreign_server',
      'pg_user_mappings',
      'pg_file_settings',
      'pg_hba_file_rules',
      'pg_replication_slots',
      'pg_backend_memory_contexts',
      'information_schema.routines',
      'information_schema.columns',
      'information_schema.view_column_usage',
    ];
    for (const view of views)
      yield {
        steps: [`select * from ${view} limit 2000`],
        object: view,
        mode: 'plain',
        echoes: true,
      };
    for (const call of [
      'pg_stat_get_activity(null)',
      'pg_lock_status()',
      'pg_show_all_settings()',
      'pg_prepared_statement()',
    ]) {
      yield { steps: [`select * from ${call}`], object: call, mode: 'plain', echoes: true };
    }
    yield {
      steps: ['select pg_stat_get_backend_activity(id) from pg_stat_get_backend_idset() id'],
      object: 'pg_stat_get_backend_activity',
      mode: 'plain',
      echoes: true,
    };
    for (const { sql, name } of readable(ground)) {
      yield {
        steps: [`select * from pg_stats where tablename = ${text(name)}`],
        object: `statistics of ${sql}`,
        mode: 'plain',
      };
      yield {
        steps: [`explain (analyze, verbose, settings) select * from ${sql} limit 100`],
        object: sql,
        mode: 'rolled back',
      };
      yield {
        steps: [
          'set local debug_print_plan to on',
          'set local client_min_messages to debug5',
          `select * from ${sql} limit 10`,
        ],
        object: sql,
        mode: 'rolled back',
      };
    }
    for (const { sql } of ground.survey.relations
      .filter(({ isPartition }) => isPartition)
      .slice(0, 50)) {
      yield {
        steps: [
          `select * from pg_stats where (quote_ident(schemaname) || '.' || quote_ident(tablename)) = ${text(sql)}`,
        ],
        object: `statistics of ${sql}`,
        mode: 'plain',
      };
    }
    const [target] = targets(ground, 1);
    if (target !== undefined)
      yield { steps: [`analyze verbose ${target.sql}`], object: target.sql, mode: 'plain' };
  },
};

/** Only on request: it ends sessions of the app's role that this very run has opened. */
export const terminating: Family = {
  name: 'terminate storm',
  description: 'Ends the pool’s own backends while it is used (only with --destructive).',
  only: 'raw',
  *attempts(ground) {
    if (!ground.destructive) return;
    const own = `usename = current_user and pid <> pg_backend_pid() and application_name = 'bulkhead attack: pool'`;
    for (const name of ['pg_cancel_backend', 'pg_terminate_backend']) {
      yield { steps: [`select ${name}(pid) from pg_stat_activity where ${own}`], mode: 'plain' };
    }
  },
};
