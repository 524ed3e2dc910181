/**
 * The tenant as the user put it in `--tenant-expression`, found again wherever a policy, view or function
 * says the same: what it is made of need not be understood then, and may be out of sight.
 *
 * Promises: the same up to what PostgreSQL adds when it writes an expression down: schemas that were left
 * out, casts of literals, a sub-select around it.
 */
import type { World } from '../world.ts';
import { as, expressionOf, isTree, list, type Tree, tagOf } from './tree.ts';

interface Wish {
  readonly form: string;
  /** A schema was named, so that another schema's function is another. */
  readonly qualified: boolean;
  readonly tag: string | undefined;
  /** Of nodes that were asked about; trees outlive a proof, their form depends on the wish. */
  readonly forms: WeakMap<object, string>;
}

const wishes = new WeakMap<World, Wish>();

/** Does the node say what the user said? */
export function isWished(world: World, node: unknown): boolean {
  if (world.convention.kind !== 'expression' || !isTree(node)) return false;
  const wish = wishOf(world);
  const bare = unwrapped(node);
  if (tagOf(bare) !== wish.tag || !isTree(bare)) return false;
  let form = wish.forms.get(bare);
  if (form === undefined) {
    form = formOf(bare, wish.qualified);
    wish.forms.set(bare, form);
  }
  return form === wish.form;
}

function wishOf(world: World): Wish {
  let wish = wishes.get(world);
  if (wish === undefined) {
    const text = world.convention.expression ?? '';
    const qualified = /\w"?\s*\.\s*"?\w[\w$]*"?\s*\(/.test(text);
    const tree = unwrapped(expressionOf(text));
    const form = formOf(tree, qualified);
    wish = { form, qualified, tag: tagOf(tree), forms: new WeakMap() };
    wishes.set(world, wish);
  }
  return wish;
}

/** Without a sub-select that only says it again, and without a literal's cast. */
function unwrapped(node: unknown): unknown {
  const select = as(as(node, 'SubLink')?.subselect, 'SelectStmt');
  const targets = list(select?.targetList);
  if (
    select !== undefined &&
    as(node, 'SubLink')?.subLinkType === 'EXPR_SUBLINK' &&
    targets.length === 1 &&
    list(select.fromClause).length === 0 &&
    select.whereClause === undefined
  )
    return unwrapped(as(targets[0], 'ResTarget')?.val);
  const cast = as(node, 'TypeCast');
  return cast !== undefined && as(cast.arg, 'A_Const') !== undefined ? cast.arg : node;
}

function formOf(node: unknown, qualified: boolean): string {
  return JSON.stringify(plain(node, qualified));
}

function plain(node: unknown, qualified: boolean): unknown {
  if (Array.isArray(node)) return node.map((item) => plain(item, qualified));
  if (!isTree(node)) return node;
  const bare = unwrapped(node);
  if (bare !== node) return plain(bare, qualified);
  const call = as(node, 'FuncCall');
  if (call !== undefined) {
    const names = list(call.funcname).map((name) => String(as(name, 'String')?.sval ?? ''));
    const kept = qualified && names[0] !== 'pg_catalog' ? names : names.slice(-1);
    return { call: kept, args: plain(call.args ?? [], qualified) };
  }
  const type = as(node, 'TypeName') ?? (isType(node) ? node : undefined);
  if (type !== undefined)
    return { type: list(type.names).slice(-1), bounds: list(type.arrayBounds).length };
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => key !== 'location')
      .map(([key, value]) => [key, plain(value, qualified)]),
  );
}

const isType = (node: Tree): boolean => Array.isArray(node.names) && node.typemod !== undefined;
