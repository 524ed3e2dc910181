/**
 * Equality and its kin over abstract values.
 *
 * Promises: two values of different tenants are never equal; whatever the attacker chooses can be equal to
 * anything; a value that nothing is known of makes the answer open, never certain.
 */
import {
  and,
  capped,
  ERROR,
  either,
  FALSE,
  NULL,
  not,
  type Outcome,
  or,
  TRUE,
  undecided,
  union,
} from './outcome.ts';
import type { Piece, Possible, Value } from './value.ts';

/** Over all alternatives of both sides. */
export function overPairs(
  left: Possible,
  right: Possible,
  judge: (a: Value, b: Value) => Outcome,
): Outcome {
  let all: Outcome = ERROR;
  for (const a of left) {
    for (const b of right) {
      all = union(all, capped(capped(judge(a.value, b.value), a.chance), b.chance));
    }
  }
  return all;
}

export function overEach(possible: Possible, judge: (a: Value) => Outcome): Outcome {
  let all: Outcome = ERROR;
  for (const a of possible) all = union(all, capped(judge(a.value), a.chance));
  return all;
}

export const equal = (left: Possible, right: Possible): Outcome => overPairs(left, right, same);

/** No tenant has the nil id, the empty string or a number below one. */
const NOBODY = /^(0{8}-0{4}-0{4}-0{4}-0{12}|-?0*|-\d+)$/;
/** What another tenant's people keep to themselves cannot be guessed. */
const SECRET = /(token|secret|hash|digest|nonce|password|api_key)\w*$/i;
const UUID = /^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i;

export function same(a: Value, b: Value): Outcome {
  if (a.kind === 'null' || b.kind === 'null') return NULL;
  if (a.kind === 'truth' || b.kind === 'truth') return sameTruth(a, b);
  if (a.kind === 'opaque') return undecided(a.doubt);
  if (b.kind === 'opaque') return undecided(b.doubt);
  if (a.kind === 'text' || b.kind === 'text') return sameText(a, b);
  if (a.kind === 'record' && b.kind === 'record') return sameFields(a, b);
  const [first, second] = rank(a) <= rank(b) ? [a, b] : [b, a];
  return sameRanked(first, second);
}

const RANKS = ['constant', 'coloured', 'free', 'blurred', 'chosen'];
const rank = (value: Value): number => {
  const at = RANKS.indexOf(value.kind);
  return at === -1 ? RANKS.length : at;
};

function sameRanked(a: Value, b: Value): Outcome {
  if (a.kind === 'constant') {
    if (b.kind === 'constant') return sameConstant(a.text, b.text);
    if (b.kind === 'coloured') {
      // Where roles are the tenants, the app's own role is a name like any other.
      if (b.identity === `current_user=${a.text}`) return TRUE;
      if (b.context || NOBODY.test(a.text)) return FALSE;
      if (b.type === 'uuid' && !UUID.test(a.text)) return ERROR;
      return either(`the rows of tenant ${a.text} satisfy it`);
    }
    if (b.kind === 'free') {
      return b.designated === true ? FALSE : either(`${b.identity} may be ${a.text}`);
    }
    if (b.kind === 'chosen') return either(`the caller chooses ${b.identity}`);
    if (b.kind === 'blurred') return either(null);
    if (b.kind === 'count')
      return a.text === '0' ? not(b.any) : /^[1-9]/.test(a.text) ? { ...b.any, f: 2 } : FALSE;
  }
  if (a.kind === 'coloured') {
    if (b.kind === 'coloured') {
      if (a.colour === b.colour) return TRUE;
      return FALSE;
    }
    if (b.kind === 'free') {
      if (b.colour === null) {
        return a.context && b.designated === true ? FALSE : either(`${b.identity} may be it`);
      }
      if (a.context) return a.colour === b.colour ? TRUE : FALSE;
      if (a.colour === b.colour) return either(null);
      // A reference without a foreign key still leads to its own tenant's row, as far as its name and type tell.
      return b.type === 'uuid' || /id$/i.test(b.identity)
        ? FALSE
        : undecided(`whether ${b.identity} names a tenant`);
    }
    if (b.kind === 'blurred') return either(`${b.by} makes different tenants' values equal`);
    if (b.kind === 'chosen') {
      if (b.colour !== null && a.colour !== b.colour) return FALSE;
      return either(`the caller chooses ${b.identity}`);
    }
  }
  if (a.kind === 'free') {
    if (b.kind === 'free') {
      if (a.identity === b.identity) return a.nullable ? { ...TRUE, n: 2 } : TRUE;
      return sameFree(a, b);
    }
    if (b.kind === 'chosen')
      return SECRET.test(a.identity) && a.colour !== 'B'
        ? FALSE
        : either(`the caller chooses ${b.identity}`);
    if (b.kind === 'blurred') return either(`${b.by} makes different tenants' values equal`);
  }
  if (a.kind === 'blurred' && b.kind === 'blurred') {
    return either(`${a.by} makes different tenants' values equal`);
  }
  if (b.kind === 'chosen') {
    if (a.kind === 'chosen' && a.colour !== null && b.colour !== null) {
      return a.colour === b.colour ? TRUE : FALSE;
    }
    return either(`the caller chooses ${b.identity}`);
  }
  return undecided('a comparison that is not understood');
}

/** Documents put together alike; PostgreSQL compares rows column by column before we see them. */
function sameFields(a: Value & { kind: 'record' }, b: Value & { kind: 'record' }): Outcome {
  const [left, right] = [[...a.fields.values()], [...b.fields.values()]];
  if (left.length !== right.length) return undecided('a comparison that is not understood');
  return left.reduce((all, field, at) => and(all, indistinct(field, right[at] ?? [])), TRUE);
}

/** Two columns that identify nobody: numbers and names repeat from tenant to tenant. */
function sameFree(a: Value & { kind: 'free' }, b: Value & { kind: 'free' }): Outcome {
  if (a.colour !== null && a.colour === b.colour) return either(null);
  if (a.colour === null || b.colour === null)
    return either(`${a.identity} may equal ${b.identity}`);
  const telling = a.type === 'uuid' || /mail/i.test(a.identity);
  if (telling) return undecided(`whether ${a.identity} can equal ${b.identity}`);
  return either(`${a.identity} of one tenant may equal ${b.identity} of another`);
}

function sameConstant(a: string, b: string): Outcome {
  if (a === b) return TRUE;
  if (UUID.test(a) && UUID.test(b)) return a.toLowerCase() === b.toLowerCase() ? TRUE : FALSE;
  const bothNumbers =
    a !== '' && b !== '' && Number.isFinite(Number(a)) && Number.isFinite(Number(b));
  return bothNumbers && Number(a) === Number(b) ? TRUE : FALSE;
}

function sameTruth(a: Value, b: Value): Outcome {
  const left = truthOf(a);
  const right = truthOf(b);
  return or(and(left, right), and(not(left), not(right)));
}

function sameText(a: Value, b: Value): Outcome {
  const [left, right] = withoutCommonEnds(piecesOf(a), piecesOf(b));
  if (left.length === 0 && right.length === 0) return TRUE;
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    // Nothing is left on one side, and an id is never empty.
    const holdsId = other.some((piece) => piece.value.some((v) => v.value.kind === 'coloured'));
    if (one.length === 0 && (holdsId || other.some((piece) => piece.text !== ''))) return FALSE;
    const fixed = one[0]?.how === 'fixed' ? one[0].text : undefined;
    const only_ = other.length === 1 ? other[0] : undefined;
    if (one.length === 1 && fixed !== undefined && only_ !== undefined && only_.how !== 'fixed')
      return equal([{ value: { kind: 'constant', text: fixed }, chance: 2 }], only_.value);
  }
  const aligned =
    left.length === right.length &&
    left.every((piece, at) => piece.how === right[at]?.how && piece.text === right[at]?.text);
  if (!aligned) return undecided('whether texts that are put together can be equal');
  let all = TRUE;
  left.forEach((piece, at) => {
    if (piece.how !== 'fixed') all = and(all, equal(piece.value, right[at]?.value ?? []));
  });
  return all;
}

/** What both begin or end with says nothing. */
function withoutCommonEnds(
  a: readonly Piece[],
  b: readonly Piece[],
): readonly [readonly Piece[], readonly Piece[]] {
  const [left, right] = [[...a], [...b]];
  for (const end of [0, -1] as const) {
    const [one, other] = [left.at(end), right.at(end)];
    if (one?.how !== 'fixed' || other?.how !== 'fixed') continue;
    const length = commonLength(one.text, other.text, end === 0);
    for (const [pieces, piece] of [
      [left, one],
      [right, other],
    ] as const) {
      const rest =
        end === 0 ? piece.text.slice(length) : piece.text.slice(0, piece.text.length - length);
      pieces.splice(
        end === 0 ? 0 : pieces.length - 1,
        1,
        ...(rest === '' ? [] : [{ ...piece, text: rest }]),
      );
    }
  }
  return [left, right];
}

function commonLength(a: string, b: string, fromStart: boolean): number {
  const at = (text: string, index: number): string =>
    text.charAt(fromStart ? index : text.length - 1 - index);
  let length = 0;
  while (length < a.length && length < b.length && at(a, length) === at(b, length)) length += 1;
  return length;
}

const piecesOf = (value: Value): readonly Piece[] =>
  value.kind === 'text'
    ? value.pieces
    : value.kind === 'constant'
      ? [{ how: 'fixed', text: value.text, value: [] }]
      : [{ how: 'raw', text: '', value: [{ value, chance: 2 }] }];

const TRUE_TEXT = /^\s*(t|tr|tru|true|y|ye|yes|on|1)\s*$/i;
const FALSE_TEXT = /^\s*(f|fa|fal|fals|false|n|no|of|off|0)\s*$/i;

/** A value read as a condition. */
export function truthOf(value: Value): Outcome {
  switch (value.kind) {
    case 'null':
      return NULL;
    case 'truth':
      return value.outcome;
    case 'constant':
      return TRUE_TEXT.test(value.text) ? TRUE : FALSE_TEXT.test(value.text) ? FALSE : ERROR;
    case 'free': {
      if (value.designated === true) return FALSE;
      const outcome = either(`${value.identity} may be true`);
      return value.nullable ? { ...outcome, n: 2 } : outcome;
    }
    case 'chosen':
      return { ...either(`the caller chooses ${value.identity}`), n: 2 };
    // A claim that whoever signs the context vouches for; an ordinary user's says nothing special.
    case 'coloured':
      return value.context ? FALSE : undecided(`whether ${value.identity} is true`);
    case 'count':
      return value.any;
    case 'opaque':
      return undecided(value.doubt);
    default:
      return undecided('a condition that is not understood');
  }
}

export const conditionOf = (possible: Possible): Outcome => overEach(possible, truthOf);

export function isNull(value: Value): Outcome {
  switch (value.kind) {
    case 'null':
      return TRUE;
    case 'free':
      return value.nullable ? either(`${value.identity} may be null`) : FALSE;
    case 'chosen':
      return value.colour === null ? either(`the caller chooses ${value.identity}`) : FALSE;
    case 'opaque':
      return undecided(value.doubt);
    case 'truth': {
      const { t, f, n } = value.outcome;
      return {
        t: n,
        f: t > f ? t : f,
        n: 0,
        foreign: value.outcome.foreign,
        because: value.outcome.because,
      };
    }
    case 'record': {
      // A row is null when all its fields are, as a SELECT INTO that found nothing leaves it.
      let all: Outcome = TRUE;
      for (const field of value.fields.values()) all = and(all, overEach(field, isNull));
      return all;
    }
    default:
      return FALSE;
  }
}

/** IS NOT DISTINCT FROM. */
export const indistinct = (left: Possible, right: Possible): Outcome =>
  overPairs(left, right, (a, b) => {
    const bothNull = and(isNull(a), isNull(b));
    if (a.kind === 'null' || b.kind === 'null') return bothNull;
    const equals = same(a, b);
    // Never NULL: what `=` calls unknown is false here.
    return or({ ...equals, n: 0, f: equals.f > equals.n ? equals.f : equals.n }, bothNull);
  });
