/**
 * Statements grown at random from a small grammar over the real schema: joins, set operations, sub-selects,
 * windows and DML that nobody thought of. The same seed grows the same statements.
 */
import type { Attempt, Family, Ground } from '../attempt.ts';
import type { Relation } from '../survey/survey.ts';
import { isOwned, ofAnother, ofVictim, readable, text } from './spell.ts';

const ROWS_MAX = 100;
const DEPTH_MAX = 2;

class Grammar {
  readonly #ground: Ground;
  readonly #relations: readonly Relation[];
  #aliases = 0;

  constructor(ground: Ground, relations: readonly Relation[]) {
    this.#ground = ground;
    this.#relations = relations;
  }

  statement(): Attempt | undefined {
    const { random } = this.#ground;
    const relation = random.pickAny(this.#relations);
    if (relation === undefined) return undefined;
    const isWrite = relation.isWritable && random.chance(0.25);
    const step = isWrite ? this.#write(relation) : this.#select(relation, 0);
    return { steps: [step], mode: isWrite || random.chance(0.2) ? 'rolled back' : 'plain' };
  }

  #select(relation: Relation, depth: number): string {
    const { random } = this.#ground;
    const alias = this.#alias();
    const source =
      random.chance(0.2) && depth < DEPTH_MAX
        ? `(${this.#select(relation, depth + 1)}) ${alias}`
        : `${relation.sql} ${alias}`;
    if (source.startsWith('(')) return `select ${alias}.* from ${source} limit ${ROWS_MAX}`;
    const join = random.chance(0.3) ? this.#join(alias) : '';
    const where = random.chance(0.75) ? ` where ${this.#condition(relation, alias, depth)}` : '';
    const list = this.#list(relation, alias);
    const isAggregate = list.includes('_agg(') || list.startsWith('max(');
    const order =
      random.chance(0.3) && !isAggregate
        ? ` order by ${random.pick([`${alias}.ctid`, 'random()', '1'])}`
        : '';
    const core = `select ${list} from ${source}${join}${where}${relation.kind === 'v' ? order.replace(`${alias}.ctid`, '1') : order} limit ${ROWS_MAX}`;
    if (depth > 0 || random.chance(0.7)) return core;
    const other = random.pickAny(this.#relations) ?? relation;
    const row = this.#alias();
    return random.pick([
      `select null::text ${random.pick(['union', 'union all', 'except', 'intersect'])} (select ${row}::text from ${other.sql} ${row} limit ${ROWS_MAX})`,
      `with c as materialized (${core}) select c::text from c`,
      `select (${`select ${row}::text from ${other.sql} ${row} limit 1`}), s.* from (${core}) s`,
      `select s::text, row_number() over () from (${core}) s`,
    ]);
  }

  #list(relation: Relation, alias: string): string {
    const { random } = this.#ground;
    const column = random.pickAny(relation.columns)?.sql ?? 'ctid';
    return random.pick([
      `${alias}.*`,
      `${alias}::text`,
      `${alias}.${column}`,
      `row_to_json(${alias})`,
      `json_agg(${alias})`,
      `string_agg(${alias}::text, '|')`,
      `max(${alias}.${column}::text)`,
      `${alias}.${column}::text || ''`,
      `coalesce(${alias}.${column}::text, '')`,
      `to_jsonb(${alias})`,
    ]);
  }

  #join(alias: string): string {
    const { random } = this.#ground;
    const other = random.pickAny(this.#relations);
    if (other === undefined) return '';
    const kind = random.pick(['join', 'left join', 'full join', 'cross join lateral']);
    const name = this.#alias();
    const source = `(select * from ${other.sql} limit 50) ${name}`;
    if (kind === 'cross join lateral') return ` ${kind} ${source}`;
    return ` ${kind} ${source} on ${kind === 'full join' ? 'true' : random.pick(['true', `${name}::text <> ${alias}::text`, `${name} is not null`])}`;
  }

  #condition(relation: Relation, alias: string, depth: number): string {
    const { random } = this.#ground;
    const column = random.pickAny(relation.columns)?.sql ?? 'ctid';
    const known = this.#ground.victimRows.get(relation.sql)?.[0];
    const stolen = Object.values(known ?? {}).filter((value) => value !== null);
    const value = random.pickAny(stolen) ?? this.#ground.victim;
    const choices = [
      'true',
      `${alias}.${column} is not null`,
      `${alias}.${column}::text = ${text(value)}`,
      `${alias}.${column}::text like '%${random.hex(1)}%'`,
      `${alias}::text <> ''`,
      `not (${alias} is null)`,
    ] as [string, ...string[]];
    if (isOwned(relation))
      choices.push(
        ofVictim(this.#ground, relation, alias),
        ofAnother(this.#ground, relation, alias),
      );
    const other = random.pickAny(this.#relations);
    if (depth < DEPTH_MAX && other !== undefined) {
      choices.push(
        `exists (select from ${other.sql} where ${this.#condition(other, other.sql, DEPTH_MAX)})`,
        `${alias}::text in (${this.#texts(other)})`,
        `${alias}.${column}::text <> all (${this.#texts(other)})`,
      );
    }
    const chosen = random.pick(choices);
    if (depth >= DEPTH_MAX || random.chance(0.6)) return chosen;
    return `(${chosen} ${random.pick(['and', 'or', 'and not'])} ${this.#condition(relation, alias, depth + 1)})`;
  }

  #texts(relation: Relation): string {
    const alias = this.#alias();
    return `select ${alias}::text from ${relation.sql} ${alias} limit 50`;
  }

  #write(relation: Relation): string {
    const { random } = this.#ground;
    const alias = this.#alias();
    const column = relation.columns.find(({ isGenerated }) => !isGenerated)?.sql ?? 'ctid';
    const where = this.#condition(relation, alias, 1);
    return random.pick([
      `update ${relation.sql} ${alias} set ${column} = ${alias}.${column} where ${where} returning ${alias}.*`,
      `delete from ${relation.sql} ${alias} where ${where} returning ${alias}.*`,
      `with w as (delete from ${relation.sql} ${alias} where ${where} returning ${alias}.*) select w::text from w`,
      `insert into ${relation.sql} select ${alias}.* from ${relation.sql} ${alias} where ${where} limit 5 on conflict do nothing returning *`,
      `merge into ${relation.sql} ${alias} using (select 1) s on ${where} when matched then do nothing`,
    ]);
  }

  #alias(): string {
    this.#aliases += 1;
    return `a${this.#aliases}`;
  }
}

export const randomStatements: Family = {
  name: 'random statements',
  description:
    'Grows SELECT, INSERT, UPDATE, DELETE and MERGE at random over the real schema, from the seed.',
  isEndless: true,
  *attempts(ground) {
    const relations = readable(ground);
    for (;;) {
      const attempt = new Grammar(ground, relations).statement();
      if (attempt === undefined) return;
      yield attempt;
    }
  },
};
