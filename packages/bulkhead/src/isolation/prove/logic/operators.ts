/**
 * PostgreSQL's operators over abstract values.
 */
import { equal, overPairs, same } from './compare.ts';
import { scalar } from './context-values.ts';
import type { Environment } from './environment.ts';
import { callUserOperator } from './function-call.ts';
import { noteSorted } from './memory.ts';
import {
  ERROR,
  either,
  FALSE,
  least,
  NULL,
  not,
  type Outcome,
  TRUE,
  undecided,
  union,
} from './outcome.ts';
import {
  capAll,
  constant,
  join,
  NULL_VALUE,
  only,
  opaque,
  type Piece,
  type Possible,
  truth,
  type Value,
} from './value.ts';

export function binary(
  env: Environment,
  operator: string,
  schema: string | undefined,
  left: Possible,
  right: Possible,
): Possible {
  if (schema !== undefined && schema !== 'pg_catalog') {
    const own = callUserOperator(env, schema, operator, left, right);
    if (own !== undefined) return own;
  }
  switch (operator) {
    case '=':
      return truth(equal(left, right));
    case '<>':
    case '!=':
      return truth(not(equal(left, right)));
    case '~~':
    case '~~*':
      return truth(overPairs(left, right, (a, b) => like(a, b, operator === '~~*')));
    case '!~~':
    case '!~~*':
      return truth(not(overPairs(left, right, (a, b) => like(a, b, operator === '!~~*'))));
    case '~':
    case '~*':
      return truth(overPairs(left, right, pattern));
    case '!~':
    case '!~*':
      return truth(not(overPairs(left, right, pattern)));
    case '<':
    case '>':
    case '<=':
    case '>=':
      return truth(overPairs(left, right, (a, b) => ordered(env, operator, a, b)));
    case '||':
      return concatenate([left, right]);
    case '->':
    case '->>':
    case '#>':
    case '#>>':
      return jsonPath(left, right, operator);
    case '?':
    case '?|':
      return truth(equal(scalar(env, left), scalar(env, elementsOf(right))));
    case '@>':
      return truth(contains(env, left, right));
    case '<@':
      return truth(contains(env, right, left));
    case '&&':
      return truth(contains(env, left, right));
    default:
      return arithmetic(operator, left, right);
  }
}

/** Array elements; a plain value is itself. */
export function elementsOf(possible: Possible): Possible {
  return join(
    ...possible.map((a): Possible => (a.value.kind === 'array' ? a.value.elements : [a])),
  );
}

function contains(env: Environment, holder: Possible, held: Possible): Outcome {
  const inside = scalar(env, elementsOf(held));
  if (inside.length === 0) return undecided('an empty array is contained in any');
  return equal(scalar(env, elementsOf(holder)), inside);
}

function like(a: Value, b: Value, foldsCase: boolean): Outcome {
  if (a.kind === 'null' || b.kind === 'null') return NULL;
  if (b.kind === 'text') {
    const open = b.pieces.some((piece) => piece.how === 'fixed' && /[%_]/.test(piece.text));
    return open ? either('a pattern with wildcards matches other tenants too') : same(a, b);
  }
  if (b.kind === 'constant') {
    if (/^%+$/.test(b.text)) return TRUE;
    if (/[%_]/.test(b.text) && a.kind !== 'constant') return either(`${b.text} is a pattern`);
    if (/[%_]/.test(b.text) && a.kind === 'constant') {
      const expression = b.text
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replace(/%/g, '.*')
        .replace(/_/g, '.');
      return new RegExp(`^${expression}$`, foldsCase ? 'is' : 's').test(a.text) ? TRUE : FALSE;
    }
    return same(a, b);
  }
  // A tenant's value taken as a pattern: ids made of hex digits hold no wildcard, other text may.
  if (a.kind === 'coloured' && b.kind === 'coloured' && b.type !== 'uuid' && a.type !== 'uuid') {
    return either("a tenant's value is taken as a LIKE pattern, where _ and % match others");
  }
  return same(a, b);
}

function pattern(a: Value, b: Value): Outcome {
  if (a.kind === 'null' || b.kind === 'null') return NULL;
  if (a.kind === 'coloured' && b.kind === 'coloured' && a.type === 'uuid' && b.type === 'uuid')
    return same(a, b);
  if (a.kind === 'constant' && b.kind === 'constant') {
    try {
      return new RegExp(b.text).test(a.text) ? TRUE : FALSE;
    } catch {
      return undecided('a regular expression');
    }
  }
  if (a.kind === 'opaque' || b.kind === 'opaque') return same(a, b);
  return either('a regular expression matches parts of values');
}

function ordered(env: Environment, operator: string, a: Value, b: Value): Outcome {
  if (a.kind === 'null' || b.kind === 'null') return NULL;
  if (a.kind === 'opaque' || b.kind === 'opaque') return same(a, b);
  if (a.kind === 'count' && b.kind === 'constant')
    return countOrdered(operator, a.any, Number(b.text));
  if (b.kind === 'count' && a.kind === 'constant')
    return countOrdered(flip(operator), b.any, Number(a.text));
  if (a.kind === 'constant' && b.kind === 'constant') {
    const [x, y] = [Number(a.text), Number(b.text)];
    if (Number.isFinite(x) && Number.isFinite(y)) {
      return compareNumbers(operator, x, y) ? TRUE : FALSE;
    }
  }
  if (a.kind === 'coloured' && b.kind === 'coloured' && a.colour === b.colour) {
    return operator.includes('=') ? TRUE : FALSE;
  }
  if (a.kind === 'coloured' && b.kind === 'coloured') {
    const known = sortsFirst(env, a, b);
    if (known !== null) return operator.includes('<') === known ? TRUE : FALSE;
  }
  return either('an order between values says nothing about their tenant');
}

/** Does the first of two tenants' values sort first? Null where either may. */
export function sortsFirst(
  { session }: Environment,
  a: Value & { kind: 'coloured' },
  b: Value & { kind: 'coloured' },
): boolean | null {
  noteSorted(session);
  if (session.first === null || a.colour === 'N' || b.colour === 'N') return null;
  return a.colour === session.first;
}

const compareNumbers = (operator: string, x: number, y: number): boolean =>
  operator === '<' ? x < y : operator === '>' ? x > y : operator === '<=' ? x <= y : x >= y;

const flip = (operator: string): string =>
  operator.includes('<') ? operator.replace('<', '>') : operator.replace('>', '<');

function countOrdered(operator: string, any: Outcome, limit: number): Outcome {
  const withNone = compareNumbers(operator, 0, limit);
  const withSome = [1, 2, 1_000_000].some((count) => compareNumbers(operator, count, limit));
  const withSomeNot = [1, 2, 1_000_000].some((count) => !compareNumbers(operator, count, limit));
  let all: Outcome = { ...ERROR, foreign: any.foreign, because: any.because };
  const add = (chance: Outcome['t'], yes: boolean, no: boolean): void => {
    if (chance === 0) return;
    all = union(all, {
      t: yes ? chance : 0,
      f: no ? chance : 0,
      n: 0,
      foreign: any.foreign,
      because: any.because,
    });
  };
  add(any.f, withNone, !withNone);
  add(any.t, withSome, withSomeNot);
  return all;
}

/** Text put together; what is known of each part is kept, for comparisons and for EXECUTE. */
export function concatenate(parts: readonly Possible[]): Possible {
  const pieces: Piece[] = [];
  for (const part of parts) {
    if (part.length === 0) return [];
    if (part.every((a) => a.value.kind === 'null')) return NULL_VALUE;
    const single = part.length === 1 ? part[0]?.value : undefined;
    if (part.some((a) => a.value.kind === 'array')) {
      return part.length === 1 && parts.length === 2
        ? only({ kind: 'array', elements: join(...parts.map(elementsOf)) })
        : opaque('arrays put together');
    }
    if (single?.kind === 'constant') {
      if (single.text !== '') pieces.push({ how: 'fixed', text: single.text, value: [] });
    } else if (single?.kind === 'text') pieces.push(...single.pieces);
    else pieces.push({ how: 'raw', text: '', value: part });
  }
  const value: Value = pieces.every((piece) => piece.how === 'fixed')
    ? { kind: 'constant', text: pieces.map((piece) => piece.text).join('') }
    : { kind: 'text', pieces };
  return parts.some((part) => part.some((a) => a.value.kind === 'null'))
    ? join(only(value), NULL_VALUE)
    : only(value);
}

function jsonPath(left: Possible, right: Possible, operator: string): Possible {
  return join(
    ...left.map((a): Possible => {
      const key = right.length === 1 ? right[0]?.value : undefined;
      if (a.value.kind === 'null') return NULL_VALUE;
      if (key?.kind !== 'constant') return opaque('a JSON path that is not fixed');
      const steps = operator.startsWith('#')
        ? key.text.replace(/^\{|\}$/g, '').split(',')
        : [key.text];
      if (a.value.kind === 'claims') {
        return [{ value: { ...a.value, path: [...a.value.path, ...steps] }, chance: a.chance }];
      }
      if (a.value.kind === 'record') {
        const inner = a.value.fields.get(steps[0] ?? '');
        if (inner !== undefined) return inner;
      }
      if (a.value.kind === 'free' || a.value.kind === 'chosen') {
        const identity = `${a.value.identity} ${operator} ${key.text}`;
        const value: Value =
          a.value.kind === 'free'
            ? { ...a.value, identity, nullable: true }
            : { ...a.value, identity };
        return [{ value, chance: a.chance }];
      }
      return opaque('a part of a JSON document');
    }),
  );
}

function arithmetic(operator: string, left: Possible, right: Possible): Possible {
  const lefts = left.length === 0 && /^[-+~@]$/.test(operator) ? NOTHING : left;
  return join(
    ...lefts.flatMap((a) =>
      right.map((b) => capAll(computed(operator, a.value, b.value), least(a.chance, b.chance))),
    ),
  );
}

/** In the place of a left operand that a prefix operator does not have. */
const NOTHING: Possible = constant('');

function computed(operator: string, a: Value, b: Value): Possible {
  const parts = [a, b];
  if (parts.some((part) => part.kind === 'null')) return NULL_VALUE;
  const coloured = parts.find((part) => part.kind === 'coloured');
  if (coloured?.kind === 'coloured') {
    const { identity, colour } = coloured;
    return only({ kind: 'blurred', by: operator, identity, colour });
  }
  const telling = parts.find((part) => part.kind === 'count' || part.kind === 'blurred');
  if (telling !== undefined) return only(telling);
  const chosen = parts.find((part) => part.kind === 'chosen');
  const free =
    parts.find((part) => part.kind === 'free' && part.colour !== null) ??
    chosen ??
    parts.find((part) => part.kind === 'free');
  if (free?.kind === 'free') return only({ ...free, identity: `${free.identity} ${operator} …` });
  if (free !== undefined) return only(free);
  if (a.kind === 'constant' && b.kind === 'constant') {
    const results = { '+': Number(a.text) + Number(b.text), '-': Number(a.text) - Number(b.text) };
    const result = results[operator as '+' | '-'];
    if (a.text !== '' && Number.isFinite(result)) return constant(String(result));
  }
  return opaque(`the operator ${operator}`);
}
