/**
 * The blocks that may hold what is sought, in the order in which they must be read: those the index knows, and
 * those it does not know yet. Listed page by page, so that a search that ends early has not listed all.
 */
import { moment } from '../../kernel/moment.ts';
import { isTrue } from '../../kernel/row-values.ts';
import type { Query } from '../open/event-opener.ts';
import { BLOCK_LEAVES } from './block.ts';
import type { Sought } from './filter.ts';
import { partOf, tokenizer } from './token.ts';

export interface Candidate {
  readonly class: string;
  readonly block: number;
  readonly indexed: boolean;
  /** No event in the block happened later. RFC 3339 in UTC. */
  readonly latest: string;
}

export interface LogSize {
  readonly class: string;
  readonly size: number;
  /** How many of its full blocks are indexed. */
  readonly indexed: number;
}

export type Order = 'newest' | 'log';

/** A token and the part that would hold it; the alternatives of one group. */
export type TokenGroup = readonly { readonly token: number; readonly part: number }[];

export function tokenGroups(sought: Sought, searchKey: Buffer | undefined): TokenGroup[] {
  if (searchKey === undefined) return [];
  const tokenOf = tokenizer(searchKey);
  return sought.groups.map((group) =>
    group.map((term) => {
      const token = tokenOf(term);
      return { token, part: partOf(token) };
    }),
  );
}

export async function readSizes(
  query: Query,
  tenant: string,
  of: string | undefined,
): Promise<LogSize[]> {
  const { rows } = await query(
    `select l.class, l.next,
            (select count(*) from bulkhead.audit_search_block b
              where b.tenant_id = l.tenant_id and b.class = l.class and b.block < l.next / ${BLOCK_LEAVES}) as indexed
       from bulkhead.audit_log l
      where l.tenant_id = $1 and ($2::text is null or l.class = $2)
      order by l.class`,
    [tenant, of ?? null],
  );
  return rows.map((row) => ({
    class: String(row.class),
    size: Number(row.next),
    indexed: Number(row.indexed),
  }));
}

export interface CandidateQuery {
  readonly query: Query;
  readonly tenant: string;
  readonly log: LogSize;
  readonly sought: Sought;
  readonly groups: readonly TokenGroup[];
  /** Without a key the index says nothing, and every block is read. */
  readonly useIndex: boolean;
  readonly order: Order;
  /** Nothing later is wanted. */
  readonly before: string | undefined;
}

/** So many blocks are looked through at first, and then so many times as many: most searches end with the first. */
const WINDOW = 256;
const WINDOW_GROWS = 8;
const WINDOW_MAX = 16_384;
const PAGE = 256;

/** Of one log, the indexed ones. */
export async function* indexedBlocks(of: CandidateQuery): AsyncGenerator<Candidate> {
  const { query, tenant, log, sought, groups, order } = of;
  if (!of.useIndex) return;
  const full = Math.floor(log.size / BLOCK_LEAVES);
  if (full === 0) return;
  const values: unknown[] = [
    tenant,
    log.class,
    full,
    sought.from ?? null,
    sought.to ?? null,
    of.before ?? null,
  ];
  const held = groups.map((group) => {
    const alternatives = group.map(({ token, part }) => {
      values.push(part, token);
      return `exists (select from bulkhead.audit_search_term t where t.tenant_id = $1 and t.class = $2
        and t.part = $${values.length - 1} and t.block = b.block and $${values.length}::integer = any (t.tokens))`;
    });
    return `(${alternatives.join(' or ')})`;
  });
  const keyset =
    order === 'newest'
      ? `and (b.at_max, b.block) < ($${values.length + 2}::timestamptz, $${values.length + 3}::bigint)`
      : `and b.block > $${values.length + 2}::bigint`;
  const sort = order === 'newest' ? 'at_max desc, block desc' : 'block';
  let last: unknown[] = order === 'newest' ? ['infinity', 0] : [-1];
  for (let window = WINDOW; ; window = Math.min(window * WINDOW_GROWS, WINDOW_MAX)) {
    // What is rare is looked for in all of the log, what is not in its newest part alone: the words are asked of block
    // by block, behind the limit, and the last block comes in any case, to go on from.
    const { rows } = await query(
      `select b.block, ${moment('b.at_max')} as latest, h.holds, b.of
         from (select n.*, row_number() over (order by ${sort}) as nth, count(*) over () as of
                 from (select b.block, b.at_max from bulkhead.audit_search_block b
                        where b.tenant_id = $1 and b.class = $2 and b.block < $3
                          and ($4::timestamptz is null or b.at_max >= $4) and ($5::timestamptz is null or b.at_min < $5)
                          and ($6::timestamptz is null or b.at_min <= $6) ${keyset}
                        order by ${sort} limit $${values.length + 1}) as n) as b
        cross join lateral (select ${held.length === 0 ? 'true' : held.join(' and ')} as holds offset 0) as h
        where h.holds or b.nth = b.of
        order by b.nth`,
      [...values, window, ...last],
    );
    for (const row of rows) {
      if (!isTrue(row.holds)) continue;
      yield {
        class: log.class,
        block: Number(row.block),
        indexed: true,
        latest: String(row.latest),
      };
    }
    const end = rows.at(-1);
    if (end === undefined || Number(end.of) < window) return;
    last = order === 'newest' ? [end.latest, end.block] : [end.block];
  }
}

/**
 * Of one log, those not indexed: the last one, which is not full, and what the indexer has not come to. An
 * event's time is never more than five minutes ahead of when it was appended, see `leaf-text.ts`.
 */
export async function* otherBlocks(of: CandidateQuery): AsyncGenerator<Candidate> {
  const { query, tenant, log, order } = of;
  const blocks = Math.ceil(log.size / BLOCK_LEAVES);
  const full = Math.floor(log.size / BLOCK_LEAVES);
  // The usual case, told without looking for gaps.
  let from = of.useIndex && log.indexed >= full ? full : 0;
  let upto = blocks;
  while (from < upto) {
    const { rows } = await query(
      `select g.block, ${moment("(s.sequenced_at + interval '5 minutes 1 second')")} as latest
         from generate_series($3::bigint, $4::bigint - 1) as g (block)
        cross join lateral (
          select c.sequenced_at from bulkhead.audit_chunk c
           where c.tenant_id = $1 and c.class = $2 and c.first < ${BLOCK_LEAVES} * (g.block + 1)
           order by c.first desc limit 1) as s
        where not ($5 and exists (
          select from bulkhead.audit_search_block b where b.tenant_id = $1 and b.class = $2 and b.block = g.block))
        order by g.block ${order === 'newest' ? 'desc' : 'asc'} limit ${PAGE}`,
      [tenant, log.class, from, upto, of.useIndex],
    );
    for (const row of rows) {
      const latest = String(row.latest);
      if (of.sought.from !== undefined && latest < of.sought.from) continue;
      yield { class: log.class, block: Number(row.block), indexed: false, latest };
    }
    const end = rows.at(-1);
    if (end === undefined || rows.length < PAGE) return;
    if (order === 'newest') upto = Number(end.block);
    else from = Number(end.block) + 1;
  }
}
