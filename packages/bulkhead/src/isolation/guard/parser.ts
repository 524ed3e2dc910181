/**
 * PostgreSQL's own parser, compiled to WebAssembly, with its instances looked after.
 *
 * Promises: the tree of a text, or the parser's own complaint, and never a crash of the process; a
 * text that makes the parser trap (thousands of chained operators overflow its stack) spoils nothing
 * for the texts after it. Does not judge: that is the guard's part.
 */
import createInstance, { type ParserInstance } from 'libpg-query/wasm/libpg-query.js';

export type ParseOutcome =
  | { readonly outcome: 'tree'; readonly statements: readonly unknown[] }
  /** The parser's words; `position` counts characters from 1, as PostgreSQL's errors do. */
  | { readonly outcome: 'complaint'; readonly message: string; readonly position: number }
  /** The text is too deep for the parser's stack. */
  | { readonly outcome: 'trap' }
  /** Several traps in one turn of the event loop used up the instances; a new one is on its way. */
  | { readonly outcome: 'unready' };

/** An instance's memory never shrinks, so one that a huge text has swollen is replaced. Fresh: 128 MiB, untouched pages. */
const INSTANCE_BYTES_MAX = 160 * 1024 * 1024;

let current: ParserInstance | undefined;
let spare: ParserInstance | undefined;
let loading: Promise<void> | undefined;
let refilling = false;

/** Loads the parser; call once before the first `parse`. Later calls cost nothing. */
export function loadParser(): Promise<void> {
  loading ??= (async () => {
    current = await createInstance();
    spare = await createInstance();
  })();
  return loading;
}

/** Parses one text. It must hold neither NUL nor a lone surrogate, or parser and server would read different texts. */
export function parse(sql: string): ParseOutcome {
  if (current === undefined) return { outcome: 'unready' };
  const instance = current;
  try {
    const result = parseWith(instance, sql);
    if (instance.HEAPU8.byteLength > INSTANCE_BYTES_MAX) replaceCurrent();
    return result;
  } catch {
    // A stack overflow or an out-of-bounds access unwound the C code without its clean-up: its stack
    // pointer, error handlers and memory contexts are no longer to be trusted. About thirty such
    // traps would break the instance, so the first one already retires it.
    replaceCurrent();
    return { outcome: 'trap' };
  }
}

function replaceCurrent(): void {
  current = spare;
  spare = undefined;
  if (refilling) return;
  refilling = true;
  void refill().finally(() => {
    refilling = false;
  });
}

async function refill(): Promise<void> {
  while (current === undefined || spare === undefined) {
    const fresh = await createInstance();
    if (current === undefined) current = fresh;
    else spare = fresh;
  }
}

/** Mirrors `parseSync` of libpg-query: the result struct is tree, stderr, error, each a 32-bit pointer. */
function parseWith(instance: ParserInstance, sql: string): ParseOutcome {
  const sizeMax = instance.lengthBytesUTF8(sql) + 1;
  const text = instance._malloc(sizeMax);
  if (text === 0) throw new Error('out of memory');
  instance.stringToUTF8(sql, text, sizeMax);
  const result = instance._wasm_parse_query_raw(text);
  if (result === 0) throw new Error('out of memory');
  const tree = instance.getValue(result, 'i32');
  const error = instance.getValue(result + 8, 'i32');
  let outcome: ParseOutcome;
  if (error !== 0) {
    const message = instance.UTF8ToString(instance.getValue(error, 'i32'));
    outcome = { outcome: 'complaint', message, position: instance.getValue(error + 16, 'i32') };
  } else {
    const json = JSON.parse(instance.UTF8ToString(tree)) as { stmts?: { stmt: unknown }[] };
    outcome = { outcome: 'tree', statements: (json.stmts ?? []).map((entry) => entry.stmt) };
  }
  instance._free(text);
  instance._wasm_free_parse_result(result);
  return outcome;
}
