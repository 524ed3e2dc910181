/**
 * Walks a whole parse tree and finds the first thing that the rules refuse.
 *
 * Promises that no node is forgotten: it does not know which fields a node has, it visits every object
 * below the root and recognises function calls and relations by their shape (`funcname`, `relname`),
 * since the parser leaves their tag out where a field can hold nothing else. Iterative, so a tree as
 * deep as the parser could build does not overflow the stack here.
 *
 * A function of one argument can also be called as if it were a field of it (`('x'::text).fn`, `alias.fn`),
 * and nothing in the tree tells the two apart: names of refused functions are refused behind a dot.
 */
import { allowedTags, writingTags } from './node-tags.ts';
import { type GuardPolicy, lists } from './policy.ts';
import {
  nameMatcher,
  publicFunctions,
  refusedAttributes,
  refusedFunctions,
  refusedRelations,
  refusedSchemas,
} from './refused-names.ts';
import { printable, type Refused, refuse } from './verdict.ts';

type Node = Readonly<Record<string, unknown>>;

const matchFunction = nameMatcher(refusedFunctions);
const matchAttribute = nameMatcher(refusedAttributes);
const matchRelation = nameMatcher(refusedRelations);
const matchSchema = nameMatcher(refusedSchemas);

export interface TreeFindings {
  readonly refused: Refused | undefined;
  /** The tree inserts, updates, deletes, merges or locks rows. */
  readonly writes: boolean;
}

/** Prepares the policy once; the inspector it returns is called for every distinct text. */
export function treeInspector(policy: GuardPolicy): (root: Node) => TreeFindings {
  const functions = new Set(policy.functions);
  const relations = new Set(policy.relations);
  return (root) => {
    let writes = false;
    const pending: unknown[] = [root];
    while (pending.length > 0) {
      const node = pending.pop();
      if (typeof node !== 'object' || node === null) continue;
      if (Array.isArray(node)) {
        for (const item of node) if (typeof item === 'object') pending.push(item);
        continue;
      }
      let refused = inspectNode(node as Node, functions, relations);
      for (const key in node) {
        if (isTag(key)) {
          if (!allowedTags.has(key)) refused ??= refuseTag(key);
          if (writingTags.has(key)) writes = true;
        }
        const value = (node as Node)[key];
        if (typeof value === 'object') pending.push(value);
      }
      if (refused !== undefined) return { refused, writes };
    }
    return { refused: undefined, writes };
  };
}

function inspectNode(
  node: Node,
  functions: ReadonlySet<string>,
  relations: ReadonlySet<string>,
): Refused | undefined {
  if (node.funcname !== undefined) return inspectFunction(node, functions);
  if (typeof node.relname === 'string') return inspectRelation(node, node.relname, relations);
  // ColumnRef and A_Indirection; an assignment's target has an indirection too, but no argument.
  if (Array.isArray(node.fields)) return inspectAttributes(node.fields.slice(1), functions);
  if (node.arg !== undefined && Array.isArray(node.indirection)) {
    return inspectAttributes(node.indirection, functions);
  }
  if (node.intoClause !== undefined) {
    return refuse('SELECT INTO', 'SELECT INTO creates a table, which is not for the app to do.');
  }
  return undefined;
}

/** Tags begin with a capital, fields do not. */
function isTag(key: string): boolean {
  const initial = key.charCodeAt(0);
  return initial >= 65 && initial <= 90;
}

function refuseTag(tag: string): Refused {
  if (tag === 'CurrentOfExpr') {
    return refuse('WHERE CURRENT OF', 'WHERE CURRENT OF needs a cursor, and cursors are refused.');
  }
  const name = tag.replace(/Stmt$/, '');
  return refuse(name, `The statement holds a part (${name}) that the guard does not allow.`);
}

function inspectFunction(node: Node, functions: ReadonlySet<string>): Refused | undefined {
  const path = namePath(node.funcname);
  const name = path.at(-1) ?? '';
  const schema = path.at(-2);
  if (lists(functions, schema, name)) return undefined;
  const shown = printable(path.join('.'));
  const refused = (schema === undefined ? undefined : matchSchema(schema)) ?? matchFunction(name);
  if (refused !== undefined) {
    return refuse(
      shown,
      `The statement calls ${shown}, which is refused because ${refused.because}.`,
    );
  }
  if (isBulkhead(schema) && !publicFunctions.has(name)) {
    return refuse(shown, `The statement calls ${shown}, which is internal to Bulkhead.`);
  }
  const args = Array.isArray(node.args) ? node.args : [];
  if (foldsTo(name, 'ts_rewrite') && args.length !== 3) {
    return refuse(
      shown,
      'The statement calls ts_rewrite with SQL as text, which the guard cannot see; its form with three arguments is allowed.',
    );
  }
  if (foldsTo(name, 'current_setting') && !readsHarmlessSetting(args[0])) {
    return refuse(
      shown,
      "The statement calls current_setting with something other than the literal name of a setting outside Bulkhead's.",
    );
  }
  return undefined;
}

function inspectAttributes(
  steps: readonly unknown[],
  functions: ReadonlySet<string>,
): Refused | undefined {
  for (const name of namePath(steps)) {
    const refused = lists(functions, undefined, name) ? undefined : matchAttribute(name);
    if (refused === undefined) continue;
    const shown = printable(name);
    return refuse(
      shown,
      `The statement names ${shown} behind a dot, where PostgreSQL calls the function of that name, which is refused because ${refused.because}.`,
    );
  }
  return undefined;
}

/** Reading one's own token is no crossing by itself, but an error or a response would carry it to whoever injected the call. */
function readsHarmlessSetting(argument: unknown): boolean {
  const literal = (argument as { A_Const?: { sval?: { sval?: unknown } } } | undefined)?.A_Const
    ?.sval?.sval;
  return typeof literal === 'string' && !literal.trim().toLowerCase().startsWith('bulkhead');
}

function inspectRelation(
  node: Node,
  name: string,
  relations: ReadonlySet<string>,
): Refused | undefined {
  const schema = typeof node.schemaname === 'string' ? node.schemaname : undefined;
  if (lists(relations, schema, name)) return undefined;
  const shown = printable(schema === undefined ? name : `${schema}.${name}`);
  const refused = (schema === undefined ? undefined : matchSchema(schema)) ?? matchRelation(name);
  if (refused !== undefined) {
    return refuse(
      shown,
      `The statement names ${shown}, which is refused because ${refused.because}.`,
    );
  }
  if (isBulkhead(schema)) {
    return refuse(shown, `The statement names ${shown}, which is internal to Bulkhead.`);
  }
  return undefined;
}

const isBulkhead = (schema: string | undefined): boolean =>
  schema !== undefined && foldsTo(schema, 'bulkhead');

const foldsTo = (name: string, plain: string): boolean =>
  name.length <= plain.length + 4 && name.toLowerCase().replaceAll('\u0307', '') === plain;

function namePath(parts: unknown): string[] {
  if (!Array.isArray(parts)) return [];
  return parts.map((part: { String?: { sval?: string } }) => part.String?.sval ?? '');
}
