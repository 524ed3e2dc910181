/** SQL injected into each position in which an app puts a value. */
import type { Attempt, Family } from '../attempt.ts';
import { payloads } from './payloads.ts';
import { insertLike, isOwned, targets } from './spell.ts';

type Position = (payload: string, table: string) => string;

const READ_POSITIONS: readonly Position[] = [
  (payload, table) => `select * from ${table} where (${payload})::text is not null limit 100`,
  (payload, table) =>
    `select * from ${table} where ctid is null or ${payload} is not null limit 100`,
  (payload, table) => `select * from ${table} order by (${payload})::text limit 100`,
  (payload, table) => `select ${payload} from ${table} limit 3`,
  (payload, table) =>
    `select * from ${table} limit (select case when (${payload})::text is null then 1 else 2 end)`,
  (payload) => `select coalesce(trim((${payload})::text), '')`,
  (payload, table) =>
    `select (${payload})::text, count(*) from ${table} group by 1 having (${payload})::text is not null`,
  (payload, table) =>
    `select * from ${table} a join ${table} b on (${payload})::text is not null limit 20`,
  (payload) => `select case when (${payload})::text > 'a' then 1 / 0 end`,
];

export const expressions: Family = {
  name: 'expression injection',
  description:
    'Puts hostile expressions into WHERE, ORDER BY, select list, LIMIT, arguments, VALUES, SET and RETURNING.',
  *attempts(ground) {
    const [table] = targets(ground, 1);
    const name = table?.sql ?? '(values (1)) v';
    const positions = table === undefined ? READ_POSITIONS.slice(5, 6) : READ_POSITIONS;
    const writable = ground.survey.relations
      .filter(isOwned)
      .find(
        ({ isWritable, kind, columns }) =>
          isWritable && kind !== 'v' && columns.some(({ base }) => base === 'text'),
      );
    const column = writable?.columns.find(
      ({ base, isGenerated }) => base === 'text' && !isGenerated,
    );
    for (const payload of payloads(ground)) {
      for (const position of positions) {
        yield { steps: [position(payload, name)], mode: 'plain' };
      }
      if (writable === undefined || column === undefined) continue;
      const write = (step: string): Attempt => ({
        steps: [step],
        object: writable.sql,
        mode: 'rolled back',
      });
      const inserted = insertLike(ground, writable, { [column.name]: `(${payload})::text` });
      if (inserted !== undefined) yield write(`${inserted} returning *`);
      yield write(`update ${writable.sql} set ${column.sql} = (${payload})::text returning *`);
      yield write(
        `update ${writable.sql} set ${column.sql} = ${column.sql} returning (${payload})::text`,
      );
      yield write(`delete from ${writable.sql} where (${payload})::text is null returning *`);
    }
  },
};
