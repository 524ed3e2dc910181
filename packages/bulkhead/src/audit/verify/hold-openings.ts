/** Openings against the commitments in the leaves, and the search index against both. */
import { moment } from '../../kernel/moment.ts';
import { bytesOf, integersOf } from '../../kernel/row-values.ts';
import type { AuditEvent, SealedEvent } from '../event.ts';
import type { LogName } from '../log/log-name.ts';
import {
  byLeaf,
  createEventOpener,
  leavesOf,
  openingOf,
  type PlacedOpening,
  pseudonymsOf,
  type Query,
} from '../open/event-opener.ts';
import { BLOCK_LEAVES, digestOf, indexBlock } from '../search/block.ts';
import type { Part } from '../search/postings.ts';
import type { KeyWrapper } from '../vault/key-wrapper.ts';
import { type OpenedSubject, openFields } from '../vault/open-event.ts';
import { searchKeyOf } from '../vault/tenant-vault.ts';
import type { Findings } from './findings.ts';
import { holdSubjects } from './hold-subjects.ts';
import type { WalkedLeaf } from './walk-leaves.ts';

export interface HeldBlocks {
  hold(block: number, leaves: readonly WalkedLeaf[]): Promise<void>;
  /** What is left over once all leaves were seen. */
  finish(size: number): Promise<void>;
}

export function holdBlocks(
  query: Query,
  wrapper: KeyWrapper,
  log: LogName,
  findings: Findings,
): HeldBlocks {
  const opener = createEventOpener(wrapper);
  const subjects = holdSubjects(query, wrapper, log, findings);
  let openings = 0;
  let indexed = 0;
  let unindexed = 0;

  async function hold(block: number, leaves: readonly WalkedLeaf[]): Promise<void> {
    const placed = leaves.flatMap(({ event, leafIndex }) =>
      event === undefined ? [] : [{ class: log.class, leafIndex, event }],
    );
    const { rows } = await query(
      `select class, leaf_index, subject, members, sealed from bulkhead.audit_opening
        where tenant_id = $1 and class = $2 and leaf_index >= $3 and leaf_index < $4`,
      [log.tenant, log.class, block * BLOCK_LEAVES, (block + 1) * BLOCK_LEAVES],
    );
    const mine = rows.map(openingOf);
    openings += mine.length;
    const found = await subjects.hold(leaves, pseudonymsOf(placed, mine));
    holdOpenings(placed, mine, found.persons, await subjects.lastErasure());
    if (leaves.length < BLOCK_LEAVES || placed.length < leaves.length) return;
    const events = opener.openWith(log.tenant, placed, found.rows, mine);
    await holdIndex(block, leaves, events);
  }

  function holdOpenings(
    placed: readonly { readonly leafIndex: number; readonly event: SealedEvent }[],
    mine: readonly PlacedOpening[],
    persons: ReadonlyMap<string, OpenedSubject>,
    lastErasure: string | undefined,
  ): void {
    for (const opening of mine) holdPlace(opening);
    const left = byLeaf(mine);
    for (const { leafIndex, event } of placed) {
      const here = left.get(leafIndex) ?? [];
      left.delete(leafIndex);
      const paths = Object.keys(event.commitments ?? {});
      if (paths.length === 0) {
        if (here.length > 0)
          findings.fail('opening.surplus', `leaf ${leafIndex} commits to nothing`);
        continue;
      }
      const opened = new Set(openFields(event, here, persons).map(({ path }) => path));
      let isSealed = false;
      for (const opening of here) {
        const person = persons.get(opening.subject);
        if (person === undefined) {
          findings.fail('opening.surplus', `of leaf ${leafIndex}: there is nobody whose it is`);
        } else if (person.key === undefined) {
          isSealed ||= !person.isErased;
        } else if (openFields(event, [opening], persons).length === 0) {
          findings.fail('opening.changed', `of leaf ${leafIndex}: it opens nothing in the leaf`);
        }
      }
      if (isSealed) continue;
      const missing = paths.find(
        (path) => !opened.has(path) && !mayBeErased(event, path, persons, lastErasure),
      );
      if (missing !== undefined) {
        findings.fail('opening.missing', `of ${missing} in leaf ${leafIndex}, of nobody erased`);
      }
    }
    for (const leafIndex of left.keys()) {
      findings.fail('opening.surplus', `there is no leaf ${leafIndex} to open`);
    }
  }

  /** Readers of a leaf look at the rows up to its own place. */
  function holdPlace(opening: PlacedOpening): void {
    const first = Math.min(...leavesOf(opening));
    if (first === opening.leafIndex) return;
    findings.fail('opening.changed', `of leaf ${first}: it lies at leaf ${opening.leafIndex}`);
  }

  async function holdIndex(
    block: number,
    leaves: readonly WalkedLeaf[],
    events: readonly AuditEvent[],
  ): Promise<void> {
    const at = [log.tenant, log.class, block];
    const { rows } = await query(
      `select ${moment('at_min')} as at_min, ${moment('at_max')} as at_max, ends, digest
         from bulkhead.audit_search_block where tenant_id = $1 and class = $2 and block = $3`,
      at,
    );
    const terms = await query(
      `select part, tokens, postings from bulkhead.audit_search_term
        where tenant_id = $1 and class = $2 and block = $3 and part between 0 and 63 order by part`,
      at,
    );
    const [row] = rows;
    const where = `block ${block}, leaves ${block * BLOCK_LEAVES} to ${(block + 1) * BLOCK_LEAVES - 1}`;
    if (row === undefined) {
      if (terms.rows.length > 0) findings.fail('search.surplus', where);
      else unindexed += 1;
      return;
    }
    indexed += 1;
    const indexKey = await subjects.indexKey();
    if (indexKey === undefined) return;
    const meant = indexBlock(
      events.map((event, nth) => ({ event, end: leaves[nth]?.end ?? 0 })),
      searchKeyOf(indexKey),
    );
    const held = terms.rows.map(
      ({ part, tokens, postings }): Part => ({
        part: Number(part),
        tokens: integersOf(tokens),
        postings: bytesOf(postings),
      }),
    );
    const digest = digestOf(String(row.at_min), String(row.at_max), bytesOf(row.ends), held);
    if (held.length < meant.parts.length) {
      findings.fail('search.missing', `${meant.parts.length - held.length} rows of ${where}`);
    } else if (!digest.equals(meant.digest) || !bytesOf(row.digest).equals(meant.digest)) {
      findings.fail('search.changed', where);
    }
  }

  return {
    hold,
    async finish(size) {
      const count = async (table: string, extra = '') => {
        const { rows } = await query(
          `select count(*) as rows from bulkhead.${table} where tenant_id = $1 and class = $2 ${extra}`,
          [log.tenant, log.class],
        );
        return Number(rows[0]?.rows ?? 0);
      };
      const beyond = await count('audit_opening', `and leaf_index >= ${size}`);
      if (beyond > 0) findings.fail('opening.surplus', `${beyond} are of no leaf`);
      await subjects.finish();
      const full = Math.floor(size / BLOCK_LEAVES);
      for (const table of ['audit_search_block', 'audit_search_term']) {
        if ((await count(table, `and block >= ${full}`)) === 0) continue;
        findings.fail('search.surplus', 'blocks beyond the log are indexed');
      }
      findings.pass('opening.changed', `${openings} openings fit their leaves`, [
        'opening.missing',
        'opening.surplus',
      ]);
      findings.pass(
        'search.changed',
        `${indexed} blocks of search rows are those of their leaves`,
        ['search.missing', 'search.surplus'],
      );
      if (unindexed > 0) {
        findings.note(
          'search.missing',
          `${unindexed} blocks are not indexed; search reads them whole`,
        );
      }
    },
  };
}

/**
 * Whether a value may be gone because its person was erased. A leaf does not say whose its values are, but for the
 * names of those whose pseudonyms stand beside them; and what was recorded after the last erasure is of nobody erased.
 */
function mayBeErased(
  { recorded, actor, targets, pseudonyms = [] }: SealedEvent,
  path: string,
  persons: ReadonlyMap<string, OpenedSubject>,
  lastErasure: string | undefined,
): boolean {
  if (lastErasure === undefined || recorded > lastErasure) return false;
  const named = [actor, ...targets].find(
    (_, at) => path === (at === 0 ? '/actor/name' : `/targets/${at - 1}/name`),
  );
  if (named === undefined || !pseudonyms.includes(path.replace(/name$/, 'id'))) return true;
  return persons.get(named.id)?.key === undefined;
}
