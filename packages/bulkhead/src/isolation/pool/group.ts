/**
 * What surrounds a caller's statement between two `Sync` messages.
 *
 * In the extended protocol everything up to one `Sync` is one implicit transaction. A one-shot group is
 *
 *   RESET ALL · set the signed context (local) · the caller's statement
 *   · SET CONSTRAINTS ALL IMMEDIATE · RESET ALL · Sync
 *
 * where a server of our own before 18, which warns of SET CONSTRAINTS outside of an explicit transaction (a
 * line in its log for every statement), gets instead
 *
 *   RESET ALL · set the signed context (local) · the caller's statement
 *   · CLOSE ALL · RESET ALL · set the signed context (local) · Sync
 *
 * The first RESET ALL clears whatever an earlier statement left in the session, the context dies with the
 * `Sync` on success, on error and on a dropped client alike, deferred triggers fire while the tenant is
 * still set (at the latest as the `Sync` commits, when no cursor is left that WITH HOLD could keep), and the
 * last RESET ALL leaves the backend clean for whoever shares it.
 */
import type { StatementKind } from '../guard/index.ts';
import { bindAndExecute, parseMessage } from './wire.ts';

/** What the handshake found out about the other side. */
export interface Backend {
  /** Others may share it. */
  readonly pooled: boolean;
  /** SET CONSTRAINTS in an implicit transaction writes a warning into its log: before PostgreSQL 18. */
  readonly warnsOfConstraints: boolean;
}

/** ReadyForQuery's status: idle, in a transaction, in a failed transaction. */
export type TransactionStatus = 'I' | 'T' | 'E';

/** The bytes around a statement, and how many CommandComplete messages precede the caller's. */
export interface Frame {
  readonly before: readonly Buffer[];
  readonly beforeCount: number;
  readonly after: readonly Buffer[];
}

const OWN_STATEMENTS = {
  bulkhead_reset: 'RESET ALL',
  // `is null`, so that the answer is one letter and no token travels back.
  bulkhead_context: "select pg_catalog.set_config('bulkhead.context', $1, true) is null",
  bulkhead_immediate: 'SET CONSTRAINTS ALL IMMEDIATE',
  bulkhead_close: 'CLOSE ALL',
} as const;

/** Prepares the pool's own statements on a backend that is ours alone. */
export const prepareOwnStatements = Buffer.concat(
  Object.entries(OWN_STATEMENTS).map(([name, text]) => parseMessage(name, text)),
);

/** Writes the pool's own statements: by name on a backend of our own, unnamed behind a pooler. */
export interface OwnStatements {
  readonly reset: Buffer;
  context(token: string): Buffer;
  /** What follows the caller's statement of a one-shot group. */
  seal(token: string): readonly Buffer[];
}

type Words = Pick<OwnStatements, 'reset' | 'context'> & {
  readonly immediate: Buffer;
};

const closeAll = bindAndExecute('bulkhead_close');

const byName: Words = {
  reset: bindAndExecute('bulkhead_reset'),
  immediate: bindAndExecute('bulkhead_immediate'),
  context: memoize((token) => bindAndExecute('bulkhead_context', [token])),
};

/**
 * Behind a transaction pooler a name may belong to somebody else's statement (it is how a shared backend was
 * hijacked), and start-up options do not reach the server: so nothing has a name, and the settings that a
 * parse depends on are set with the context. The encoding is among them: RESET ALL returns it to the
 * database's own, and the caller's bytes are UTF-8.
 */
function unnamed(searchPath: string): Words {
  const once = (text: string, values: readonly string[] = []): Buffer =>
    Buffer.concat([parseMessage('', text), bindAndExecute('', values)]);
  const contextText =
    "select pg_catalog.set_config('bulkhead.context', $1, true) is null," +
    " pg_catalog.set_config('search_path', $2, true)," +
    " pg_catalog.set_config('row_security', 'on', true)," +
    " pg_catalog.set_config('standard_conforming_strings', 'on', true)," +
    " pg_catalog.set_config('transform_null_equals', 'off', true)," +
    " pg_catalog.set_config('client_encoding', 'UTF8', true)";
  return {
    reset: once(OWN_STATEMENTS.bulkhead_reset),
    immediate: once(OWN_STATEMENTS.bulkhead_immediate),
    context: memoize((token) => once(contextText, [token, searchPath])),
  };
}

export function ownStatements(server: Backend, searchPath: string): OwnStatements {
  const { reset, context, immediate } = server.pooled ? unnamed(searchPath) : byName;
  const fired = [immediate, reset];
  // Behind a pooler the context travels with settings whose traces only a RESET ALL at the very end removes.
  const seal =
    server.warnsOfConstraints && !server.pooled
      ? (token: string) => [closeAll, reset, context(token)]
      : () => fired;
  return { reset, context, seal };
}

/** Frames a caller's statement of `kind` submitted while the session is in `status`. */
export function frame(
  own: OwnStatements,
  kind: StatementKind,
  status: TransactionStatus,
  token: string,
  contextIsSet: boolean,
): Frame {
  const control = CONTROL.get(kind);
  if (status === 'I') {
    if (control === undefined) {
      return {
        before: [own.reset, own.context(token)],
        beforeCount: 2,
        after: own.seal(token),
      };
    }
    return { before: [own.reset], beforeCount: 1, after: control === 'opens' ? [] : [own.reset] };
  }
  if (control !== undefined) {
    return { before: [], beforeCount: 0, after: control === 'closes' ? [own.reset] : [] };
  }
  if (contextIsSet) return { before: [], beforeCount: 0, after: [] };
  return { before: [own.context(token)], beforeCount: 1, after: [] };
}

const CONTROL = new Map<StatementKind, 'opens' | 'closes' | 'stays'>([
  ['begin', 'opens'],
  ['commit', 'closes'],
  ['rollback', 'closes'],
  ['savepoint', 'stays'],
  ['release', 'stays'],
  ['rollback_to', 'stays'],
  ['set_transaction', 'stays'],
]);

function memoize(encode: (token: string) => Buffer): (token: string) => Buffer {
  const encoded = new Map<string, Buffer>();
  return (token) => {
    let bytes = encoded.get(token);
    if (bytes === undefined) {
      bytes = encode(token);
      if (encoded.size >= 1000) encoded.clear();
      encoded.set(token, bytes);
    }
    return bytes;
  };
}
