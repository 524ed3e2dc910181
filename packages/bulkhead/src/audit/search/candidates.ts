/**
 * The blocks that may hold what is sought, in the order in which they must be read: those the index knows, and
 * those it does not know yet. Listed page by page, so that a search that ends early has not listed all.
 */
import type { Query } from '../open/event-opener.ts';
import { moment } from '../open/row-values.ts';
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

/** Most searches end with the first few; who goes on wants many. */
const FIRST_PAGE = 64;
const PAGE = 512;

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
    return `and (${alternatives.join(' or ')})`;
  });
  const keyset =
    order === 'newest'
      ? `and (b.at_max, b.block) < ($${values.length + 1}::timestamptz, $${values.length + 2}::bigint)`
      : `and b.block > $${values.length + 1}::bigint`;
  const sort = order === 'newest' ? 'b.at_max desc, b.block desc' : 'b.block';
  let last: unknown[] = order === 'newest' ? ['infinity', 0] : [-1];
  for (let page = FIRST_PAGE; ; page = PAGE) {
    const { rows } = await query(
      `select b.block, ${moment('b.at_max')} as latest from bulkhead.audit_search_block b
        where b.tenant_id = $1 and b.class = $2 and b.block < $3
          and ($4::timestamptz is null or b.at_max >= $4) and ($5::timestamptz is null or b.at_min < $5)
          and ($6::timestamptz is null or b.at_min <= $6)
          ${held.join(' ')} ${keyset}
        order by ${sort} limit ${page}`,
      [...values, ...last],
    );
    for (const row of rows) {
      yield {
        class: log.class,
        block: Number(row.block),
        indexed: true,
        latest: String(row.latest),
      };
    }
    const end = rows.at(-1);
    if (end === undefined || rows.length < page) return;
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
