/** Reads every relation in reach, in every way that names its rows. */
import type { Attempt, Family, Ground } from '../attempt.ts';
import type { Relation } from '../survey/survey.ts';
import { isOwned, ofAnother, ofVictim, readable, text } from './spell.ts';

const ROWS_MAX = 500;

function* readingsOf(ground: Ground, relation: Relation): Generator<Attempt> {
  const { sql } = relation;
  const read = (step: string): Attempt => ({ steps: [step], object: sql, mode: 'plain' });
  const never = (step: string): Attempt => ({ ...read(step), tell: 'rows' });
  yield read(`select * from ${sql} limit ${ROWS_MAX}`);
  yield read(`table ${sql} limit ${ROWS_MAX}`);
  yield read(`select t::text from (select * from ${sql} limit ${ROWS_MAX}) t`);
  yield read(`select json_agg(t) from (select * from ${sql} limit ${ROWS_MAX}) t`);
  yield read(`select * from ${sql} order by random() limit ${ROWS_MAX}`);
  yield read(`select null union all (select t::text from ${sql} t limit ${ROWS_MAX})`);
  for (const column of relation.columns) {
    yield read(`select ${column.sql} from ${sql} limit ${ROWS_MAX}`);
    yield read(`select max(${column.sql}::text), min(${column.sql}::text) from ${sql}`);
  }
  if (!isOwned(relation)) return;
  const victim = ofVictim(ground, relation);
  const another = ofAnother(ground, relation);
  yield never(`select * from ${sql} t where ${victim} limit ${ROWS_MAX}`);
  yield never(`select * from ${sql} t where ${another} limit ${ROWS_MAX}`);
  yield never(`select 1 from ${sql} t where ${another} limit 1`);
  yield never(`select 1 where exists (select from ${sql} t where ${victim})`);
  yield never(`select count(*) from ${sql} t where ${another} having count(*) > 0`);
  yield never(
    `with x as materialized (select * from ${sql}) select * from x t where ${victim} limit 9`,
  );
  yield never(
    `select t.* from (values (1)) v(n), lateral (select * from ${sql} limit 9999) t where ${victim}`,
  );
  yield never(
    `with recursive r as (select t.ctid::text as c from ${sql} t where ${another} union select c from r) select * from r`,
  );
  yield never(
    `select * from ${sql} t where ${victim} or ${another} or ${text('1')} = '1' and false limit 5`,
  );
  yield never(`select tableoid::regclass, ctid, xmin, t.* from ${sql} t where ${another} limit 5`);
  yield never(
    `select (select t::text from ${sql} t where ${victim} limit 1) as stolen where exists (select from ${sql} t where ${victim})`,
  );
  if (relation.kind === 'r' || relation.kind === 'p') {
    yield never(`select * from ${sql} t tablesample bernoulli (100) where ${another} limit 5`);
    yield never(`select * from only ${sql} t where ${another} limit 5`);
    yield {
      ...never(`select * from ${sql} t where ${another} limit 5 for update skip locked`),
      mode: 'rolled back',
    };
  }
}

export const reading: Family = {
  name: 'reading',
  description:
    'Reads every table, view and materialized view whole, by column and by another tenant.',
  *attempts(ground) {
    for (const relation of readable(ground)) {
      if (!relation.isPartition) yield* readingsOf(ground, relation);
    }
  },
};

export const partitions: Family = {
  name: 'partitions',
  description: 'Reads partitions directly, where only their own policies count.',
  *attempts(ground) {
    const all = ground.survey.relations.filter(({ isPartition }) => isPartition);
    for (const partition of all) {
      if (partition.isReadable) yield* readingsOf(ground, partition);
      else
        yield {
          steps: [`select * from ${partition.sql} limit 5`],
          object: partition.sql,
          mode: 'plain',
        };
    }
  },
};

/** What the role should not see at all: still tried, because a privilege may be wider than the catalog says. */
export const unreachable: Family = {
  name: 'ungranted relations',
  description: 'Reads what the role has no grant for, the signing keys among it.',
  *attempts(ground) {
    for (const { sql, isReadable, isPartition } of ground.survey.relations) {
      if (isReadable || isPartition) continue;
      yield { steps: [`select * from ${sql} limit ${ROWS_MAX}`], object: sql, mode: 'plain' };
      yield {
        steps: [`select string_agg(t::text, '|') from ${sql} t`],
        object: sql,
        mode: 'plain',
      };
    }
    for (const catalog of [
      'pg_authid',
      'pg_shadow',
      'pg_largeobject',
      'pg_statistic',
      'pg_user_mapping',
    ]) {
      yield {
        steps: [`select * from pg_catalog.${catalog} limit ${ROWS_MAX}`],
        object: catalog,
        mode: 'plain',
      };
    }
  },
};
