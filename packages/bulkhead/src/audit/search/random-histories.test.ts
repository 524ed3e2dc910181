import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAuditGround, newIds, recordIn, T1, T2 } from '#test/audit-ground';
import { readAudit } from '#test/audit-reading';
import type { AuditEvent } from '../event.ts';
import { BLOCK_LEAVES, indexBlock } from './block.ts';
import { matches, readFilter, type SearchFilter } from './filter.ts';
import { encodePart, positionsOf } from './postings.ts';
import { searchEvents } from './search-events.ts';
import { tallyEvents } from './tally-events.ts';
import { termsOf } from './terms.ts';
import { PARTS, partOf, tokenizer } from './token.ts';

const WORDS = ['alpha', 'beta', 'gamma', 'größe', '日本', 'x-1', 'ada@acme.example'];
const at = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();

const event = fc.record({
  action: fc.constantFrom('note.created', 'note.deleted', 'invoice.paid'),
  outcome: fc.constantFrom('success', 'failure', 'denied'),
  time: fc.integer({ min: 0, max: 500 }).map(at),
  targets: fc.array(
    fc.record({ type: fc.constantFrom('note', 'user'), id: fc.constantFrom('1', '2', 'ada') }),
    { maxLength: 2 },
  ),
  reason: fc.constantFrom(...WORDS),
});
const filter: fc.Arbitrary<SearchFilter> = fc.record(
  {
    action: fc.constantFrom('note.created', 'note.*', 'invoice.*'),
    outcome: fc.constantFrom('failure', 'denied'),
    actor: fc.constantFrom('user:ada', 'user', 'system:job'),
    target: fc.constantFrom('note:1', 'user:ada', 'user'),
    text: fc.constantFrom(...WORDS, 'alpha created', 'absent'),
    from: fc.integer({ min: 0, max: 400 }).map(at),
    to: fc.integer({ min: 100, max: 500 }).map(at),
  },
  { requiredKeys: [] },
);

test('over random histories, a search finds what looking at every event finds, in the same order', async () => {
  const ground = await createAuditGround();
  const reading = await readAudit(ground);
  const { drain } = await ground.sequencer();
  const reader = {
    query: reading.asTenant(T1),
    opener: reading.opener,
    tenant: T1,
    cursorKey: reading.cursorKey,
  };
  const all = async (asked: SearchFilter, limit: number) => {
    const events: AuditEvent[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await searchEvents(reader, { ...asked, limit, cursor });
      events.push(...page.events);
      if (page.next === null) return events;
      cursor = page.next;
    }
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          events: fc.array(event, { minLength: 150, maxLength: 400 }),
          actor: fc.constantFrom('user:ada', 'user:bob', 'system:job'),
          of: fc.constantFrom('standard', 'billing'),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      fc.array(filter, { minLength: 4, maxLength: 4 }),
      fc.constantFrom(7, 100, 500),
      async (batches, filters, limit) => {
        // The history goes on from run to run, and with it blocks fill up and are indexed.
        for (const { events, actor, of } of batches) {
          const texts = events.map((one) => JSON.stringify(one));
          const ids = newIds(events.length);
          await recordIn(ground.admin, { actor, class: of, ids, events: texts });
          await recordIn(ground.admin, { tenant: T2, actor, events: [texts[0] ?? ''] });
        }
        await drain();
        const everything = await all({}, 500);
        const ordered = [...everything].sort((a, b) => {
          if (a.time !== b.time) return a.time < b.time ? 1 : -1;
          if (a.class !== b.class) return a.class < b.class ? -1 : 1;
          return b.leafIndex - a.leafIndex;
        });
        expect(everything).toEqual(ordered);
        for (const asked of filters) {
          const sought = readFilter(asked);
          const meant = everything.filter((one) => matches(one, sought));
          const found = await all(asked, meant.length > 300 ? 500 : limit);
          expect(found.map(({ id }) => id)).toEqual(meant.map(({ id }) => id));
          const told = meant.map(({ time, outcome }) => ({ time, outcome }));
          expect(await tallyEvents(reader, asked)).toEqual({ moments: told, complete: true });
          const few = await tallyEvents(reader, { ...asked, atMost: limit });
          expect(few).toEqual({ moments: told.slice(0, limit), complete: told.length <= limit });
        }
        await reading.index();
      },
    ),
    { numRuns: 8 },
  );
  const blocks = await ground.admin.query(
    'select count(*)::int as n from bulkhead.audit_search_block',
  );
  expect(blocks.rows[0]?.n).toBeGreaterThan(0);
}, 120_000);

test('the index of a block gives back, for every term, the leaves that have it', () => {
  const key = Buffer.alloc(32, 7);
  const tokenOf = tokenizer(key);
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 30 }), (events) => {
      const leaves = Array.from({ length: BLOCK_LEAVES }, (_, leafIndex) => ({
        event: {
          v: 1,
          id: String(leafIndex),
          tenant: T1,
          class: 'standard',
          leafIndex,
          source: 'record',
          recorded: at(0),
          actor: { type: 'system', id: 'x' },
          ...events[leafIndex % events.length],
        } as AuditEvent,
        end: leafIndex,
      }));
      const { parts } = indexBlock(leaves, key);
      for (const term of termsOf(leaves[0]?.event as AuditEvent)) {
        const token = tokenOf(term);
        const part = parts.find((one) => one.part === partOf(token));
        const meant = leaves.flatMap(({ event: one }, n) => (termsOf(one).has(term) ? [n] : []));
        expect(part === undefined ? [] : positionsOf(part, token)).toEqual(meant);
      }
      expect(parts.every(({ part }) => part >= 0 && part < PARTS)).toBe(true);
    }),
    { numRuns: 10 },
  );
});

test('damaged postings give positions of the block or none, and never an error or no end', () => {
  const positions = new Map([
    [-5, [0, 3, 1023]],
    [9, [1]],
  ]);
  const whole = encodePart(1, positions);
  expect(positionsOf(whole, -5)).toEqual([0, 3, 1023]);
  expect(positionsOf(whole, 9)).toEqual([1]);
  expect(positionsOf(whole, 10)).toEqual([]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(-5, 9), (bytes, token) => {
      const found = positionsOf({ tokens: whole.tokens, postings: Buffer.from(bytes) }, token);
      expect(found.length).toBeLessThanOrEqual(BLOCK_LEAVES);
      for (const position of found) expect(position < BLOCK_LEAVES && position >= 0).toBe(true);
    }),
  );
});
