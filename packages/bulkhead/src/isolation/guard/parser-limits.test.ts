import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createGuard, type Guard, loadGuard } from './index.ts';
import { allow } from './verdict.ts';
import { VerdictCache } from './verdict-cache.ts';

const nothing = { functions: [], relations: [], statements: [] };
let guard: Guard;
beforeAll(async () => {
  await loadGuard();
  guard = createGuard(nothing);
});

/** A trapped parser is replaced in the background. */
async function parserIsBack(): Promise<void> {
  await vi.waitFor(() => expect(guard.inspect(`select ${Math.random()}`).allowed).toBe(true), {
    timeout: 10_000,
    interval: 5,
  });
}

describe('hostile depth is refused and harms nothing after it', () => {
  // At the deepest place, so that neither a trap nor a parser with room for all of it lets it through.
  const call = "set_config('a', 'b', false)";
  const deep: Record<string, (n: number) => string> = {
    parentheses: (n) => `select ${'('.repeat(n)}${call}${')'.repeat(n)}`,
    'sub-selects': (n) => `select ${'(select '.repeat(n)}${call}${')'.repeat(n)}`,
    calls: (n) => `select ${'f('.repeat(n)}${call}${')'.repeat(n)}`,
    arrays: (n) => `select ${'array['.repeat(n)}${call}${']'.repeat(n)}`,
    cases: (n) => `select ${'case when true then '.repeat(n)}${call}${' end'.repeat(n)}`,
    negations: (n) => `select ${'not '.repeat(n)}${call}`,
    'a chain of operators': (n) => `select ${call}${'+1'.repeat(n)}`,
    'a chain of casts': (n) => `select ${call}${'::int'.repeat(n)}`,
    'a chain of unions': (n) => `select ${call}${' union select 1'.repeat(n)}`,
    'a chain of joins': (n) => `select 1 from ${call} t${' cross join t'.repeat(n)}`,
    'nested comments': (n) => `select ${'/* '.repeat(n)}${call}`,
  };
  it.each(Object.entries(deep))('%s, 20,000 deep', async (_name, text) => {
    expect(guard.inspect(text(20_000)).allowed).toBe(false);
    await parserIsBack();
  });

  it('a call hidden 800 levels down is still found', () => {
    const sql = `select ${'(select '.repeat(800)}set_config('a', 'b', false)${')'.repeat(800)}`;
    expect(guard.inspect(sql)).toMatchObject({ what: 'set_config' });
  });

  it('fifty traps leave a parser that reads as on its first day', async () => {
    for (let i = 0; i < 50; i += 1) {
      expect(guard.inspect(`select ${i}${'+1'.repeat(60_000)}`)).toMatchObject({ allowed: false });
      await sleep(1);
    }
    await parserIsBack();
    expect(guard.inspect('select id from notes where id = $1')).toMatchObject({ kind: 'select' });
    expect(guard.inspect("select 2, set_config('a', 'b', true)")).toMatchObject({
      what: 'set_config',
    });
    expect(guard.inspect('select ((')).toMatchObject({ what: 'syntax' });
  });

  it('traps in one turn of the event loop refuse, and never let a text through unread', async () => {
    const chain = '+1'.repeat(60_000);
    for (let i = 0; i < 5; i += 1) guard.inspect(`select ${i}${chain}`);
    const unread = guard.inspect("select set_config('a', 'b', false) -- unread");
    expect(unread).toMatchObject({ allowed: false, what: 'parser' });
    await parserIsBack();
    const read = guard.inspect("select set_config('a', 'b', false) -- unread");
    expect(read).toMatchObject({ allowed: false, what: 'set_config' });
  });
});

describe('a text that the lexer would read in quadratic time is refused at once', () => {
  const units = [
    '+',
    '++',
    '+-',
    '-+',
    '/*',
    '/**/',
    '+/*',
    '|/*',
    '/*+',
    '*/',
    '/*/',
    '+/**/',
    '+-/**/',
  ];
  const beginnings = ['select ', 'select 1 ', '/*', 'select 1 from a where '];
  it.each(units)('one megabyte of %s', (unit) => {
    for (const beginning of beginnings) {
      // Read in full, each would take longer than a test may.
      expect(guard.inspect(beginning + unit.repeat(1_000_000 / unit.length)).allowed).toBe(false);
    }
  });

  it('rulers and banners in comments and literals are none of these', () => {
    const rulers = ['-', '=', '*', '-+', '/', '~'].map((c) => c.repeat(200)).join('\n-- ');
    expect(
      guard.inspect(`-- ${rulers}\nselect '${'='.repeat(5000)}${'-'.repeat(5000)}'`).allowed,
    ).toBe(true);
    expect(guard.inspect(`/*${'*'.repeat(5000)}*/ select 1`).allowed).toBe(true);
  });
});

describe('size is bounded', () => {
  it('a text of more bytes than allowed is refused unparsed, counting bytes and not characters', () => {
    const small = createGuard(nothing, { maxBytes: 100 });
    expect(small.inspect(`select '${'x'.repeat(91)}'`).allowed).toBe(true);
    expect(small.inspect(`select '${'x'.repeat(92)}'`)).toMatchObject({ what: 'oversize' });
    expect(small.inspect(`select '${'é'.repeat(46)}'`)).toMatchObject({ what: 'oversize' });
    expect(small.stats.parsed).toBe(1);
  });

  it('an insert with as many parameters as PostgreSQL takes is allowed', () => {
    const row = (i: number) => `(${Array.from({ length: 5 }, (_, j) => `$${i * 5 + j + 1}`)})`;
    const sql = `insert into notes values ${Array.from({ length: 13_107 }, (_, i) => row(i))}`;
    expect(guard.inspect(sql)).toMatchObject({ allowed: true, kind: 'insert' });
  });

  it('distinct texts without end take neither memory of the process nor of the parser', () => {
    const own = createGuard(nothing, { cacheEntriesMax: 1000 });
    const run = (from: number, count: number) => {
      for (let i = from; i < from + count; i += 1) own.inspect(`select a${i} from t where x = $1`);
    };
    run(0, 5000);
    const before = process.memoryUsage();
    run(5000, 20_000);
    const after = process.memoryUsage();
    expect(own.stats.cacheEntries).toBeLessThanOrEqual(1000);
    expect(after.external - before.external).toBeLessThan(8 * 1024 * 1024);
    expect(own.stats.parsed).toBe(25_000);
  });
});

describe('verdicts are remembered by text', () => {
  it('a known text is not parsed again, refused or not', () => {
    const own = createGuard(nothing);
    const first = own.inspect('select 1');
    expect(own.inspect(Buffer.from('select 1').toString())).toBe(first);
    own.inspect('reset all');
    own.inspect('reset all');
    expect(own.stats).toMatchObject({ parsed: 2, refused: 2, cacheEntries: 2 });
  });

  it('keeps what was used last, within its bounds of entries and bytes', () => {
    const cache = new VerdictCache(10, 1000);
    const verdict = allow('select', true);
    cache.set('hot', verdict);
    for (let i = 0; i < 100; i += 1) {
      cache.set(`text ${i}`, verdict);
      expect(cache.get('hot')).toBe(verdict);
      expect(cache.entries).toBeLessThanOrEqual(10);
      expect(cache.bytes).toBeLessThanOrEqual(1000);
    }
    expect(cache.get('text 0')).toBeUndefined();
    cache.set('x'.repeat(300), verdict);
    expect(cache.get('x'.repeat(300))).toBeUndefined();
  });
});
