/** Leaves something behind in the session for whoever comes next, or shadows what policies stand on. */
import type { Family } from '../attempt.ts';
import { ofAnother, readable, targets, text } from './spell.ts';

export const settings: Family = {
  name: 'settings poisoning',
  description:
    'Changes every setting that a user may change, one by one, and then asks an honest question.',
  *attempts(ground) {
    const [target] = targets(ground, 1);
    const honest = target === undefined ? 'select 1' : `select * from ${target.sql} limit 50`;
    const foreign =
      target === undefined
        ? 'select 1 where false'
        : `select * from ${target.sql} t where ${ofAnother(ground, target)} limit 50`;
    for (const { name, value } of ground.survey.settings) {
      yield {
        steps: [`select set_config(${text(name)}, ${text(value)}, false)`, honest],
        object: `setting ${name}`,
        mode: 'plain',
      };
      yield {
        steps: [`set ${name} to ${text(value)}`, foreign],
        object: `setting ${name}`,
        tell: 'rows',
        mode: 'plain',
      };
    }
    for (const [name, value] of [
      ['row_security', 'off'],
      ['search_path', 'pg_temp'],
      ['session_replication_role', 'replica'],
      ['debug_print_plan', 'on'],
    ] as const) {
      for (const scope of ['local', 'session']) {
        yield {
          steps: [`set ${scope} ${name} to ${text(value)}`, foreign],
          object: `setting ${name}`,
          tell: 'rows',
          mode: 'session',
        };
      }
      yield {
        steps: [`alter role current_user set ${name} to ${text(value)}`],
        mode: 'rolled back',
      };
    }
  },
};

export const prepared: Family = {
  name: 'prepared statements',
  description: 'Redefines, runs and drops prepared statements, the pool’s own names among them.',
  *attempts(ground) {
    const [target] = targets(ground, 1);
    const body =
      target === undefined
        ? 'select 1'
        : `select * from ${target.sql} t where ${ofAnother(ground, target)}`;
    for (const name of ['bulkhead_context', 'bulkhead_reset', 'bulkhead_immediate', 'attack']) {
      yield {
        steps: [`deallocate ${name}`, `prepare ${name} as ${body}`, `execute ${name}`],
        ...(target && { object: target.sql }),
        tell: 'rows',
        mode: 'plain',
      };
      yield {
        steps: [`deallocate ${name}`, `prepare ${name} (text) as select $1`],
        mode: 'plain',
      };
      yield {
        steps: [`prepare ${name} (text) as select $1`, `execute ${name} ('x')`],
        mode: 'plain',
      };
      yield { steps: [`execute ${name}`], mode: 'plain' };
    }
    yield { steps: ['deallocate all', body], tell: 'rows', mode: 'plain' };
    yield { steps: ['discard all', body], tell: 'rows', mode: 'plain' };
    yield { steps: ['select * from pg_prepared_statements'], mode: 'plain', echoes: true };
    yield { steps: ['select * from pg_prepared_statement()'], mode: 'plain', echoes: true };
  },
};

export const shadowing: Family = {
  name: 'shadowing',
  description:
    'Puts tables, views, functions, operators, types and casts of its own before those that policies and functions use.',
  *attempts(ground) {
    for (const target of targets(ground, 3)) {
      const read = `select * from ${target.sql} t where ${ofAnother(ground, target)} limit 50`;
      const shadow = { object: target.sql, tell: 'rows', mode: 'rolled back' } as const;
      const tenant = target.tenantColumn;
      const steps = [
        `create temp table ${target.name.replaceAll(/\W/g, '_')} (like ${target.sql})`,
        `create temp view attack_view as select * from ${target.sql}`,
        `create function pg_temp.tenant_id() returns ${tenant.type} language sql as $$ select ${text(ground.victim)}::${tenant.type} $$`,
        `create function public.tenant_id() returns ${tenant.type} language sql as $$ select ${text(ground.victim)}::${tenant.type} $$`,
        `create function pg_temp.current_setting(text, boolean) returns text language sql as $$ select ${text(ground.victim)} $$`,
        `create function public.attack_eq(${tenant.type}, ${tenant.type}) returns boolean language sql as $$ select true $$`,
        `create schema attack`,
        `create domain pg_temp.uuid as text`,
        `create or replace function bulkhead.tenant_id() returns uuid language sql as $$ select ${text(ground.victim)}::uuid $$`,
      ];
      for (const step of steps) {
        yield {
          ...shadow,
          steps: [step, 'set local search_path to pg_temp, public, pg_catalog', read],
        };
      }
      yield {
        ...shadow,
        steps: [
          `create function public.attack_eq(${tenant.type}, ${tenant.type}) returns boolean language sql as $$ select true $$`,
          `create operator public.= (leftarg = ${tenant.type}, rightarg = ${tenant.type}, function = public.attack_eq)`,
          'set local search_path to public, pg_catalog',
          read,
        ],
      };
      // A cheap function of the attacker's in the condition is run before the policy, if the planner may.
      yield {
        ...shadow,
        steps: [
          `create function pg_temp.peek(text) returns boolean language plpgsql cost 0.0000001 as $$ begin raise notice '%', $1; return false; end $$`,
          `select * from ${target.sql} t where pg_temp.peek(t::text)`,
        ],
      };
    }
    for (const { sql } of readable(ground).slice(0, 5)) {
      for (const change of [
        'disable row level security',
        'no force row level security',
        'owner to current_user',
      ]) {
        yield {
          steps: [`alter table ${sql} ${change}`],
          object: sql,
          tell: 'success',
          mode: 'rolled back',
        };
      }
      yield {
        steps: [`create policy attack on ${sql} using (true)`],
        object: sql,
        tell: 'success',
        mode: 'rolled back',
      };
      yield {
        steps: [`create rule attack as on select to ${sql} do instead select 1`],
        object: sql,
        tell: 'success',
        mode: 'rolled back',
      };
    }
  },
};
