/**
 * The statement wall: reads each distinct SQL text with PostgreSQL's own parser and decides by
 * allow-list whether the app may send it.
 *
 * Promises: one statement at most, of a kind that reads or writes rows (or controls a transaction, which
 * is reported as such); nothing anywhere inside it that can change the session, reach other sessions or
 * run SQL hidden in text. A text the parser cannot read is refused, since the guard cannot vouch for it.
 * Does not promise: anything about what the app's own functions, triggers and views do, nor a bound on
 * time (`pg_sleep` is allowed; `statement_timeout` is the bound). Parser and server read a text alike
 * only under `standard_conforming_strings = on` and `client_encoding = UTF8`, which the pool pins.
 */
import type { BulkheadError } from '../../kernel/errors.ts';
import { isolationError } from '../errors.ts';
import { inspectStatement } from './inspect-statement.ts';
import { treeInspector } from './inspect-tree.ts';
import { lexesInQuadraticTime } from './lexing-cost.ts';
import { loadParser, parse } from './parser.ts';
import type { GuardPolicy } from './policy.ts';
import { allow, type Refused, refuse, type Verdict } from './verdict.ts';
import { VerdictCache } from './verdict-cache.ts';

export type { GuardPolicy } from './policy.ts';
export type { Allowed, Refused, StatementKind, Verdict } from './verdict.ts';

export interface GuardOptions {
  /** Longest text that is parsed, in bytes of UTF-8. Default 512 KiB: parsing the worst text of that size takes under a second. */
  readonly maxBytes?: number;
  /** Verdicts remembered. Default 10,000. */
  readonly cacheEntriesMax?: number;
  /** Bound on the texts remembered. Default 32 MiB. */
  readonly cacheBytesMax?: number;
  /**
   * Bulkhead's own statements that callers' transactions run. Only the very text, whole, is let through:
   * nothing that is injected into a statement of the app's makes one of them.
   */
  readonly own?: ReadonlySet<string>;
}

export interface GuardStats {
  /** Texts that had to be parsed; the others were known. */
  readonly parsed: number;
  /** Refusals given, remembered ones included. */
  readonly refused: number;
  readonly cacheEntries: number;
  readonly cacheBytes: number;
}

export interface Guard {
  /** The verdict on one SQL text; never throws. */
  inspect(sql: string): Verdict;
  readonly stats: GuardStats;
}

/** Loads the parser's WebAssembly; await it once before the first `inspect`. */
export function loadGuard(): Promise<void> {
  return loadParser();
}

/**
 * Refusals that are not remembered: a text too long to keep, a parser that will be ready in a moment, and
 * a trap, which may be owed to how deep the caller's own stack was.
 */
const passing: ReadonlySet<string> = new Set(['oversize', 'parser', 'nesting']);

const empty = allow('empty', true);
const ownStatement = allow('select', false);

/**
 * Makes a guard with its own policy and memory.
 *
 * @example
 * await loadGuard();
 * const guard = createGuard({ functions: [], relations: [], statements: [] });
 * guard.inspect("select set_config('role', 'owner', false)"); // { allowed: false, what: 'set_config', … }
 */
export function createGuard(policy: GuardPolicy, options: GuardOptions = {}): Guard {
  const bytesMax = options.maxBytes ?? 512 * 1024;
  const cache = new VerdictCache(
    options.cacheEntriesMax ?? 10_000,
    options.cacheBytesMax ?? 32 * 1024 * 1024,
  );
  const inspectTree = treeInspector(policy);
  const statements = new Set(policy.statements.map((name) => name.toUpperCase()));
  let parsed = 0;
  let refused = 0;

  function judge(sql: string): Verdict {
    if (options.own?.has(sql)) return ownStatement;
    const unreadable = findUnreadable(sql, bytesMax);
    if (unreadable !== undefined) return unreadable;
    parsed += 1;
    const result = parse(sql);
    switch (result.outcome) {
      case 'complaint':
        return unparsable(result.message, result.position);
      case 'trap':
        return refuse('nesting', 'The statement is nested or chained too deeply to be checked.');
      case 'unready':
        return refuse('parser', 'The SQL parser is starting; run the statement again.');
    }
    if (result.statements.length === 0) return empty;
    if (result.statements.length > 1) {
      return refuse(
        'several statements',
        'The text holds more than one statement; send them one by one.',
      );
    }
    return inspectStatement(result.statements[0], inspectTree, statements);
  }

  return {
    inspect(sql) {
      let verdict = cache.get(sql);
      if (verdict === undefined) {
        verdict = judge(sql);
        if (verdict.allowed || !passing.has(verdict.what)) cache.set(sql, verdict);
      }
      if (!verdict.allowed) refused += 1;
      return verdict;
    },
    get stats() {
      return { parsed, refused, cacheEntries: cache.entries, cacheBytes: cache.bytes };
    },
  };
}

/**
 * The error that the pool throws for a refusal.
 *
 * @returns an error with code `isolation.statement_refused` or `isolation.statement_unparsable`
 */
export function refusalError(verdict: Refused): BulkheadError {
  return isolationError(verdict.code, {
    message: verdict.reason,
    ...(verdict.detail === undefined ? {} : { detail: verdict.detail }),
  });
}

/** What parser and server could read differently, or what would cost too much to read at all. */
function findUnreadable(sql: string, bytesMax: number): Refused | undefined {
  // A character takes at most three bytes a UTF-16 unit, so most texts need no count.
  if (sql.length > bytesMax || (sql.length * 3 > bytesMax && Buffer.byteLength(sql) > bytesMax)) {
    return refuse(
      'oversize',
      `The statement is longer than ${bytesMax} bytes; pass values as parameters.`,
    );
  }
  if (sql.includes('\0')) return refuse('NUL', 'The statement holds a NUL character.');
  if (/\p{Surrogate}/u.test(sql)) {
    return refuse(
      'lone surrogate',
      'The statement holds half of a surrogate pair, which is not a character.',
    );
  }
  if (lexesInQuadraticTime(sql)) {
    return refuse(
      'operator run',
      'The statement holds a run of comment openings or plus signs too long to be checked.',
    );
  }
  return undefined;
}

/** The parser's words quote the text, literals included, so only their unquoted part is shown. */
function unparsable(message: string, position: number): Refused {
  const shown = message.replace(/ at or near ".*$/s, '').replaceAll(/"[^"]*"/g, '…');
  const where = position > 0 ? ` at character ${position}` : '';
  return {
    allowed: false,
    code: 'isolation.statement_unparsable',
    reason: `The statement is not valid SQL: ${shown}${where}.`,
    what: 'syntax',
    detail: message,
    ...(position > 0 ? { position } : {}),
  };
}
