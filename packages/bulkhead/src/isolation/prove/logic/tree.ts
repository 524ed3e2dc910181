/**
 * Reading the trees of PostgreSQL's parser, which arrive as JSON of one-key objects.
 *
 * Promises: never throws on a shape it does not know; what is absent reads as undefined or empty.
 */
import { type ParseOutcome, parse } from '../../guard/parser.ts';

/** `{ "A_Expr": { … } }`, or a bare node body. */
export type Tree = Readonly<Record<string, unknown>>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The body of a node if it is of this kind. */
export function as(node: unknown, tag: string): Tree | undefined {
  if (!isTree(node)) return undefined;
  const body = node[tag];
  return isTree(body) ? body : undefined;
}

export function tagOf(node: unknown): string | undefined {
  return isTree(node) ? Object.keys(node)[0] : undefined;
}

export function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const items = as(value, 'List')?.items;
  return Array.isArray(items) ? items : [];
}

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** The text of a `String` node. */
export const stringOf = (node: unknown): string | undefined => {
  const body = as(node, 'String');
  return body === undefined ? undefined : (textOf(body.sval) ?? '');
};

/** Parts of a qualified name. */
export const namesOf = (value: unknown): readonly string[] =>
  list(value).flatMap((node) => stringOf(node) ?? []);

/** The names of a column reference; `*` for a star. */
export function columnNames(ref: Tree): readonly string[] {
  return list(ref.fields).map((field) => stringOf(field) ?? '*');
}

/** The text of a constant: number, string, boolean; null for NULL; undefined for no constant. */
export function constantOf(node: unknown): string | null | undefined {
  const body = as(node, 'A_Const');
  if (body === undefined) return undefined;
  if (body.isnull === true) return null;
  const sval = isTree(body.sval) ? body.sval : undefined;
  if (sval !== undefined) return textOf(sval.sval) ?? '';
  const ival = isTree(body.ival) ? body.ival : undefined;
  if (ival !== undefined) return String(ival.ival ?? 0);
  const fval = isTree(body.fval) ? body.fval : undefined;
  if (fval !== undefined) return textOf(fval.fval) ?? '';
  const boolval = isTree(body.boolval) ? body.boolval : undefined;
  if (boolval !== undefined) return boolval.boolval === true ? 'true' : 'false';
  return undefined;
}

/** Name of the type of a cast without `pg_catalog`, and whether it narrows (`varchar(4)`). */
export function typeOf(typeName: unknown): {
  readonly name: string;
  readonly array: boolean;
  readonly modified: boolean;
  /** `varchar(8)`: how many characters are left; null when none are cut off. */
  readonly length: number | null;
} {
  const body = isTree(typeName) ? (as(typeName, 'TypeName') ?? typeName) : {};
  const names = namesOf(body.names).filter((name) => name !== 'pg_catalog');
  return {
    name: names.join('.'),
    array: list(body.arrayBounds).length > 0,
    modified: list(body.typmods).length > 0,
    length: lengthOf(list(body.typmods)[0]),
  };
}

function lengthOf(modifier: unknown): number | null {
  const length = constantOf(modifier);
  return typeof length === 'string' && /^\d+$/.test(length) ? Number(length) : null;
}

const trees = new Map<string, ParseOutcome>();
const TREES_MAX = 20_000;

function parsed(sql: string): ParseOutcome {
  let outcome = trees.get(sql);
  if (outcome === undefined) {
    outcome = sql.includes('\0')
      ? { outcome: 'complaint', message: 'NUL', position: 0 }
      : parse(sql);
    if (trees.size > TREES_MAX) trees.clear();
    if (outcome.outcome !== 'unready') trees.set(sql, outcome);
  }
  return outcome;
}

/** Statements of a text; undefined when it does not parse. */
export function statementsOf(sql: string): readonly unknown[] | undefined {
  const outcome = parsed(sql);
  return outcome.outcome === 'tree' ? outcome.statements : undefined;
}

/** One expression, as policies and defaults hold them. */
export function expressionOf(sql: string): unknown {
  const statements = statementsOf(`SELECT (${sql}\n)`);
  if (statements?.length !== 1) return undefined;
  const target = list(as(statements[0], 'SelectStmt')?.targetList)[0];
  return as(target, 'ResTarget')?.val;
}

/** Calls `visit` on every node body below, with its tag; returning false leaves its inside out. */
export function walk(node: unknown, visit: (tag: string, body: Tree) => boolean | undefined): void {
  // A list of what is left instead of calls: a long chain of operators is as deep as it is long.
  const left: (readonly [tag: string, node: unknown])[] = [['', node]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [tag, value] = next;
    if (Array.isArray(value)) {
      for (let at = value.length - 1; at >= 0; at -= 1) left.push(['', value[at]]);
    } else if (isTree(value)) {
      if (/^[A-Z]/.test(tag) && visit(tag, value) === false) continue;
      const entries = Object.entries(value);
      for (let at = entries.length - 1; at >= 0; at -= 1) {
        const entry = entries[at];
        if (entry !== undefined) left.push(entry);
      }
    }
  }
}

/** A question that a tree answers by itself: trees never change, so each is asked once. */
export function oncePerTree<T>(ask: (tree: Tree) => T): (tree: Tree) => T {
  const known = new WeakMap<Tree, T>();
  return (tree) => {
    let answer = known.get(tree);
    if (answer === undefined) {
      answer = ask(tree);
      known.set(tree, answer);
    }
    return answer;
  };
}
