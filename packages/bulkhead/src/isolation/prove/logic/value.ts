/**
 * Abstract values: what an expression may evaluate to, told apart only as far as tenants go.
 *
 * The one idea: whatever identifies a tenant's things (its id, its rows' keys, references to them, its
 * users) has the colour of that tenant. Equal values of two colours do not exist. Everything else is free.
 */
import { type Chance, least, most, type Outcome, union } from './outcome.ts';

/** A: the victim. B: the attacker, whose context is set. N: rows that belong to no tenant. */
export type Colour = 'A' | 'B' | 'N';

export type Value =
  | { readonly kind: 'null' }
  /** Text as PostgreSQL prints it; booleans are outcomes instead. */
  | { readonly kind: 'constant'; readonly text: string }
  /**
   * Something that identifies a tenant's thing. `context` marks the one the session is bound to, `guessed` one
   * that the attacker wrote: seeing it again tells nothing.
   */
  | {
      readonly kind: 'coloured';
      readonly colour: Colour;
      readonly identity: string;
      readonly type: string;
      readonly context: boolean;
      readonly guessed?: boolean;
    }
  /** Any content; `colour` is that of the row it comes from, for taint only. */
  | {
      readonly kind: 'free';
      readonly identity: string;
      readonly type: string;
      readonly colour: Colour | null;
      readonly nullable: boolean;
      /** Written by the owner alone: what sets people apart there (an admin's mark) is no tenant's to have. */
      readonly designated?: boolean;
    }
  /** Whatever the attacker likes; coloured when one choice is being tried. */
  | {
      readonly kind: 'chosen';
      readonly identity: string;
      readonly colour: Colour | null;
      readonly type: string;
    }
  /** A colour seen through something that makes different tenants' values equal (`lower`, `left`). */
  | {
      readonly kind: 'blurred';
      readonly by: string;
      readonly identity: string;
      readonly colour: Colour | null;
    }
  | { readonly kind: 'truth'; readonly outcome: Outcome }
  /** A number of rows; the outcome says whether there is any. */
  | { readonly kind: 'count'; readonly any: Outcome }
  /** `sparse`: made of a query's rows, any of which may be absent. */
  | { readonly kind: 'array'; readonly elements: Possible; readonly sparse?: boolean }
  | { readonly kind: 'record'; readonly fields: ReadonlyMap<string, Possible> }
  /** A JSON document that the context's setting holds, at this path. */
  | { readonly kind: 'claims'; readonly setting: string; readonly path: readonly string[] }
  /** SQL text being put together, for EXECUTE. */
  | { readonly kind: 'text'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'opaque'; readonly doubt: string };

export interface Piece {
  readonly how: 'fixed' | 'literal' | 'identifier' | 'raw';
  readonly text: string;
  readonly value: Possible;
}

export interface Alternative {
  readonly value: Value;
  readonly chance: Chance;
}
/** Alternatives, one of which it is; none means that evaluating it fails. */
export type Possible = readonly Alternative[];

export const only = (value: Value): Possible => [{ value, chance: 2 }];
export const NULL_VALUE: Possible = only({ kind: 'null' });
export const constant = (text: string): Possible => only({ kind: 'constant', text });
export const opaque = (doubt: string): Possible => only({ kind: 'opaque', doubt });
/** None of the three values: evaluating it fails. */
export const truth = (outcome: Outcome): Possible =>
  outcome.t === 0 && outcome.f === 0 && outcome.n === 0 ? [] : only({ kind: 'truth', outcome });

const ALTERNATIVES_MAX = 24;

/** Joins alternatives, merging those that no expression could tell apart. */
export function join(...parts: readonly Possible[]): Possible {
  const merged = new Map<string, Alternative>();
  for (const part of parts) {
    for (const alternative of part) {
      const key = keyOf(alternative.value);
      const known = merged.get(key);
      if (known === undefined) merged.set(key, alternative);
      else if (known.value.kind === 'truth' && alternative.value.kind === 'truth') {
        const outcome = union(known.value.outcome, alternative.value.outcome);
        merged.set(key, {
          value: { kind: 'truth', outcome },
          chance: most(known.chance, alternative.chance),
        });
      } else if (known.chance < alternative.chance) merged.set(key, alternative);
    }
  }
  const all = [...merged.values()];
  if (all.length <= ALTERNATIVES_MAX) return all;
  // Too many to follow: keep the ones that speak of tenants, and say that the rest is unknown.
  const telling = all.filter((a) => a.value.kind === 'coloured' || a.value.kind === 'null');
  return [
    ...telling.slice(0, ALTERNATIVES_MAX - 1),
    { value: { kind: 'opaque', doubt: 'too many cases to follow' }, chance: 1 },
  ];
}

export function capAll(possible: Possible, chance: Chance): Possible {
  if (chance === 2) return possible;
  return possible.map((a) => ({ value: a.value, chance: least(a.chance, chance) }));
}

export function keyOf(value: Value): string {
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'constant':
      return `c:${value.text}`;
    case 'coloured':
      return `k:${value.colour}:${value.identity}`;
    case 'free':
      return `f:${value.identity}`;
    case 'blurred':
      return `b:${value.by}:${value.identity}:${value.colour}`;
    case 'chosen':
      return `x:${value.identity}:${value.colour}`;
    case 'truth':
      return 'truth';
    case 'count':
      return `n:${value.any.t}${value.any.f}${value.any.foreign}`;
    case 'array':
      return `a:${value.elements.map((a) => keyOf(a.value)).join()}`;
    case 'record':
      return `r:${[...value.fields].map(([k, v]) => `${k}=${v.map((a) => keyOf(a.value)).join('|')}`).join()}`;
    case 'claims':
      return `j:${value.setting}:${value.path.join('.')}`;
    case 'text':
      return `t:${value.pieces.map((p) => `${p.how}${p.text}${p.value.map((a) => keyOf(a.value)).join('|')}`).join()}`;
    case 'opaque':
      return `o:${value.doubt}`;
  }
}

/** The chance that the value tells something of the victim's rows. */
export function foreignChance(possible: Possible): Chance {
  let chance: Chance = 0;
  for (const alternative of possible) {
    chance = most(chance, least(alternative.chance, foreignOf(alternative.value)));
  }
  return chance;
}

function foreignOf(value: Value): Chance {
  switch (value.kind) {
    case 'coloured':
      return value.colour === 'A' && value.guessed !== true ? 2 : 0;
    case 'free':
    case 'blurred':
      return value.colour === 'A' ? 2 : 0;
    case 'truth':
      return value.outcome.foreign;
    case 'count':
      return value.any.foreign;
    case 'array':
      return foreignChance(value.elements);
    case 'record': {
      let chance: Chance = 0;
      for (const field of value.fields.values()) chance = most(chance, foreignChance(field));
      return chance;
    }
    case 'text': {
      let chance: Chance = 0;
      for (const piece of value.pieces) chance = most(chance, foreignChance(piece.value));
      return chance;
    }
    default:
      return 0;
  }
}
