/** SQL that is not seen as such: in text, in cursors, behind a semicolon, around a COMMIT, in a COPY. */
import type { Family } from '../attempt.ts';
import { ofAnother, ofVictim, readable, targets, text } from './spell.ts';

const TARGETS_MAX = 5;

export const hiddenSql: Family = {
  name: 'SQL inside text',
  description:
    'Runs SQL handed over as text: query_to_xml and kin, DO, CALL, EXECUTE, ts_stat, stacked statements.',
  *attempts(ground) {
    for (const target of targets(ground, TARGETS_MAX)) {
      const query = `select * from ${target.sql} t where ${ofAnother(ground, target)}`;
      const aggregated = `select string_agg(t::text, ',') from ${target.sql} t`;
      const object = target.sql;
      for (const name of ['query_to_xml', 'query_to_xml_and_xmlschema']) {
        yield { steps: [`select ${name}(${text(query)}, true, true, '')`], object, mode: 'plain' };
        yield {
          steps: [`select pg_catalog.${name}(${text(aggregated)}, true, true, '')`],
          object,
          mode: 'plain',
        };
      }
      yield {
        steps: [`select table_to_xml(${text(target.sql)}, true, true, '')`],
        object,
        mode: 'plain',
      };
      yield {
        steps: [
          `select * from ts_stat(${text(`select to_tsvector('simple', t::text) from ${target.sql} t`)})`,
        ],
        object,
        mode: 'plain',
      };
      // A function of one argument called as if it were a column.
      const words = text(`select to_tsvector('simple', t::text) from ${target.sql} t`);
      yield { steps: [`select (${words}::text).ts_stat`], object, mode: 'plain' };
      yield { steps: [`select q.ts_stat from cast(${words} as text) q`], object, mode: 'plain' };
      yield {
        steps: [
          `select ts_rewrite('a'::tsquery, ${text(`select to_tsquery('simple', 'a'), to_tsquery('simple', 'b') from ${target.sql}`)})`,
        ],
        object,
        mode: 'plain',
      };
      yield { steps: [`select 1; ${query}`], object, tell: 'rows', mode: 'plain' };
      yield { steps: [`select 1; reset all; ${query} --`], object, tell: 'rows', mode: 'plain' };
      yield { steps: [`select 1 /* ; */; ${query}`], object, tell: 'rows', mode: 'plain' };
      yield {
        steps: [
          `do $x$ declare r text; begin select string_agg(t::text, ',') into r from ${target.sql} t; raise notice '%', r; end $x$`,
        ],
        object,
        mode: 'plain',
      };
      yield {
        steps: [
          `do $x$ begin perform set_config('bulkhead.context', ${text(ground.victim)}, false); commit; perform 1 / 0; end $x$`,
          query,
        ],
        object,
        tell: 'rows',
        mode: 'plain',
      };
      yield {
        steps: [`execute format('select * from %s', ${text(target.sql)})`],
        object,
        mode: 'plain',
      };
      yield {
        steps: [`select * into temp attack_copy from ${target.sql}`, 'select * from attack_copy'],
        object,
        mode: 'rolled back',
      };
      yield { steps: [`create table public.attack_copy as ${query}`], object, mode: 'rolled back' };
    }
    for (const schema of new Set(ground.survey.relations.map((relation) => relation.schema))) {
      yield {
        steps: [`select schema_to_xml(${text(schema)}, true, true, '')`],
        object: `schema ${schema}`,
        mode: 'plain',
      };
    }
    yield { steps: [`select database_to_xml(true, true, '')`], mode: 'plain' };
  },
};

export const cursors: Family = {
  name: 'cursors',
  description: 'Declares, keeps and reads cursors, WITH HOLD and through cursor_to_xml.',
  *attempts(ground) {
    for (const target of targets(ground, TARGETS_MAX)) {
      const query = `select * from ${target.sql} t where ${ofAnother(ground, target)}`;
      const base = { object: target.sql, tell: 'rows' } as const;
      yield {
        ...base,
        steps: ['begin', `declare attack cursor for ${query}`, 'fetch all from attack'],
        mode: 'session',
      };
      yield {
        ...base,
        steps: [
          'begin',
          `declare attack cursor with hold for ${query}`,
          'commit',
          'fetch all from attack',
        ],
        mode: 'session',
      };
      yield {
        object: target.sql,
        steps: [
          'begin',
          `declare attack cursor for select * from ${target.sql}`,
          `select cursor_to_xml('attack', 100, true, true, '')`,
        ],
        mode: 'session',
      };
      yield {
        ...base,
        steps: [
          'begin',
          `declare attack cursor for select * from ${target.sql} for update`,
          'fetch 1 from attack',
          `delete from ${target.sql} t where ${ofVictim(ground, target)} and ctid is not null`,
        ],
        mode: 'rolled back',
      };
    }
    for (const name of ['', 'C_1', 'attack', '<unnamed portal 1>']) {
      yield { steps: [`select cursor_to_xml(${text(name)}, 100, true, true, '')`], mode: 'plain' };
    }
    yield { steps: ['select * from pg_cursors'], mode: 'plain', echoes: true };
  },
};

export const transactions: Family = {
  name: 'transaction tricks',
  description:
    'Ends, nests, prepares and resumes transactions around a question, so that a context might be missing or left over.',
  *attempts(ground) {
    for (const target of targets(ground, 3)) {
      const query = `select * from ${target.sql} t where ${ofAnother(ground, target)} limit 50`;
      const sequences = [
        ['begin', 'commit', query],
        ['begin', 'select 1 / 0', query],
        ['begin', 'select 1 / 0', 'rollback', query],
        ['begin', 'savepoint s', 'select 1 / 0', 'rollback to savepoint s', query],
        ['begin', 'savepoint s', 'release savepoint s', query],
        ['begin', query, 'commit and chain', query],
        ['begin', 'rollback and chain', query],
        ['begin isolation level serializable read only deferrable', query],
        ['begin', 'set transaction isolation level repeatable read', query],
        // Undone in the same breath: a prepared transaction would outlive the session.
        [
          'begin',
          `prepare transaction 'bulkhead attack'`,
          `rollback prepared 'bulkhead attack'`,
          query,
        ],
        [`select pg_export_snapshot()`, query],
        ['begin', 'set constraints all deferred', query],
        ['commit; begin', query],
        [`lock table ${target.sql} in access share mode nowait`, query],
        ['abort', query],
        ['end', query],
      ];
      for (const steps of sequences) {
        yield {
          steps,
          object: target.sql,
          mode: 'session',
          ...(steps.length > 1 && { tell: 'rows' as const }),
        };
      }
    }
    yield { steps: ['select * from pg_prepared_xacts'], mode: 'plain', echoes: true };
  },
};

export const copying: Family = {
  name: 'COPY',
  description:
    'Copies relations and queries out, by statement and by stream, and into files and programs.',
  *attempts(ground) {
    for (const relation of readable(ground)) {
      const { sql } = relation;
      yield { steps: [`copy ${sql} to stdout`], object: sql, mode: 'copy' };
      yield {
        steps: [`copy (select * from ${sql} limit 500) to stdout`],
        object: sql,
        mode: 'copy',
      };
      yield {
        steps: [`copy (select * from ${sql} limit 500) to stdout with (format csv, header)`],
        object: sql,
        mode: 'plain',
      };
      yield {
        steps: [`copy (select * from ${sql} limit 500) to program 'cat'`],
        object: sql,
        mode: 'plain',
      };
      if (relation.tenantColumn !== undefined) {
        const column = relation.tenantColumn.sql;
        yield {
          steps: [
            `copy (select * from ${sql} t where t.${column}::text <> ${text(ground.attacker)}) to stdout`,
          ],
          object: sql,
          tell: 'rows',
          mode: 'copy',
        };
      }
    }
    yield { steps: [`copy (select 1) to '/dev/null'`], mode: 'plain' };
    yield {
      steps: [`copy (select * from bulkhead.context_key) to stdout`],
      object: 'bulkhead.context_key',
      mode: 'copy',
    };
  },
};
