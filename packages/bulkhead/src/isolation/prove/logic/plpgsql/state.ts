/**
 * Where a path through a PL/pgSQL body stands: its variables, how likely it is, and what led to it.
 *
 * Promises: two paths never share variables that one of them may still write; paths that nothing tells apart any
 * more become one, and so do more than a few dozen.
 */
import type { Routine } from '../../catalog/model.ts';
import type { Answers, Environment, Row } from '../environment.ts';
import { type Chance, least, most } from '../outcome.ts';
import { as, textOf } from '../tree.ts';
import { type Alternative, capAll, join, NULL_VALUE, only, type Possible } from '../value.ts';
import { isWatched } from '../watched-argument.ts';

export type Variables = Map<string, Possible>;
export interface State {
  readonly variables: Variables;
  readonly chance: Chance;
  /** Whether other tenants' rows led here, by being there or by being absent; null when neither did. */
  readonly after: 'hit' | 'miss' | null;
  /** The error that ended it. */
  readonly error?: string;
}

export interface Run {
  readonly env: Environment;
  readonly routine: Routine;
  readonly names: readonly string[];
  readonly datums: readonly unknown[];
  readonly rows: Row[];
  readonly values: Possible[];
  /** Paths that an error ended, for the handler around them. */
  raised: State[];
  /** What the caller notices of each path's end. */
  readonly ends: { readonly after: State['after']; readonly seen: string }[];
  /** The context's settings as the body leaves them. */
  readonly left: Map<string, Possible>;
  readonly answers: Answers;
}

export const START = { chance: 2, after: null } as const;

const STATES_MAX = 48;

export function at(run: Run, state: State): Environment {
  return { ...run.env, scope: { sources: [], variables: state.variables, parent: null } };
}

export function setVariable(state: State, name: string, value: Possible): State {
  const variables: Variables = new Map(state.variables);
  const [record_, field] = name.toLowerCase().split('.');
  if (field !== undefined && record_ !== undefined) {
    const fields = new Map<string, Possible>();
    for (const { value: known } of variables.get(record_) ?? []) {
      if (known.kind === 'record') for (const [key, inner] of known.fields) fields.set(key, inner);
    }
    fields.set(field, value);
    variables.set(record_, only({ kind: 'record', fields }));
  } else variables.set(name, value);
  return { ...state, variables };
}

/** `set_config` writes into the variables at hand, which two paths must not share. */
export const copied = (state: State): State => ({ ...state, variables: new Map(state.variables) });

/** What happened first is what the caller can arrange. */
export const led = (state: State, after: 'hit' | 'miss'): State =>
  state.after === null ? { ...state, after } : state;

export const record = (state: State, names: readonly string[]): Possible =>
  only({
    kind: 'record',
    fields: new Map(names.map((name) => [name, state.variables.get(name) ?? NULL_VALUE] as const)),
  });

export const nameOfDatum =
  (datums: readonly unknown[]) =>
  (datum: unknown): string => {
    const field = as(datum, 'PLpgSQL_recfield');
    if (field !== undefined) {
      const parent = datums[Number(field.recparentno ?? 0)];
      return `${textOf(as(parent, 'PLpgSQL_rec')?.refname) ?? ''}.${textOf(field.fieldname) ?? ''}`;
    }
    return textOf((as(datum, 'PLpgSQL_var') ?? as(datum, 'PLpgSQL_rec'))?.refname) ?? '';
  };

/** One state for each value of the variables that a condition names, so that passing it says something. */
export function split(state: State, text: string): readonly State[] {
  let states: readonly State[] = [state];
  for (const [name, value] of state.variables) {
    if (value.length < 2 || value.length > 6 || states.length > 12) continue;
    if (!new RegExp(`(^|[^\\w.])${name.replace(/[^\w]/g, '.')}([^\\w]|$)`, 'i').test(text))
      continue;
    states = states.flatMap((one) =>
      value.map((alternative) => ({
        ...one,
        variables: new Map(one.variables).set(name, [{ ...alternative, chance: 2 as const }]),
        chance: least(one.chance, alternative.chance),
      })),
    );
  }
  return states;
}

/** Paths that nothing tells apart any more are one; and so are too many. */
export function joined(states: readonly State[]): readonly State[] {
  if (states.length < 2) return states;
  const distinct = new Map<string, State>();
  for (const state of states) {
    const key = signature(state);
    const known = distinct.get(key);
    if (known === undefined || known.chance < state.chance) distinct.set(key, state);
  }
  return distinct.size > STATES_MAX ? [merged([...distinct.values()])] : [...distinct.values()];
}

function signature({ after, error, variables }: State): string {
  let text = `${after} ${error}`;
  for (const [name, value] of variables) text += `;${name}=${markOf(value)}`;
  return text;
}

/**
 * What `work` finds in a text of the body: once for all paths, and all calls that are judged, that agree on
 * what the text names.
 */
export function once<T>(
  run: Run,
  state: State,
  text: string,
  work: (env: Environment) => T,
  kind = 'value',
): T {
  const { session, effects } = run.env;
  const key = `${run.routine.oid} ${kind} ${text}\0${marksOf(state, text)}`;
  const known = run.answers.get(key);
  if (known !== undefined) {
    effects?.push(...known.effects);
    for (const place of known.looked) session.looked.add(place);
    // Of one kind of work on one text.
    return known.answer as T;
  }
  const before = effects?.length ?? 0;
  const settings = marksOf(state, '');
  const outer = session.looked;
  const looked = new Set<number>();
  session.looked = looked;
  try {
    const answer = work(at(run, state));
    // One that changes a setting changes this path.
    if (marksOf(state, '') === settings)
      run.answers.set(key, { answer, effects: effects?.slice(before) ?? [], looked });
    return answer;
  } finally {
    session.looked = outer;
    for (const place of looked) outer.add(place);
  }
}

/** The variables that a text may name, and the settings. */
function marksOf({ variables }: State, text: string): string {
  const isNamed = text === '' ? () => false : namesIn(text);
  let written = '';
  for (const [name, value] of variables) {
    if (name.startsWith('set ') || isNamed(name)) written += `;${name}=${markOf(value)}`;
  }
  return written;
}

const names = new Map<string, (name: string) => boolean>();
const NAMES_MAX = 20_000;

/** May the text name this variable? Rather too often than too rarely. */
function namesIn(text: string): (name: string) => boolean {
  let isNamed = names.get(text);
  if (isNamed === undefined) {
    const lower = text.toLowerCase();
    const words = new Set(lower.match(/[\w$]+/g));
    const known = new Map<string, boolean>();
    // An escaped name could be any.
    const hidesNames = lower.includes('u&"');
    isNamed = (name) => {
      let is = known.get(name);
      if (is === undefined) {
        const plain = name.toLowerCase();
        is = hidesNames || (/^[\w$]+$/.test(plain) ? words.has(plain) : lower.includes(plain));
        known.set(name, is);
      }
      return is;
    };
    if (names.size > NAMES_MAX) names.clear();
    names.set(text, isNamed);
  }
  return isNamed;
}

/** Equal marks mean equal values; values made twice may have two. */
function markOf(possible: Possible): string {
  // To tell paths apart is not to look at what the caller gave.
  if (isWatched(possible)) return `w${numberOf(possible)}`;
  if (possible.length > MARKED_MAX) return `p${numberOf(possible)}`;
  let mark = marks.get(possible);
  if (mark === undefined) {
    mark = possible.map((one) => `${one.chance}${markOfValue(one)}`).join('|');
    marks.set(possible, mark);
  }
  return mark;
}

/** Values never change, and a path asks for each of its variables' again after every statement. */
const marks = new WeakMap<Possible, string>();

/** Of how many alternatives each is marked. */
const MARKED_MAX = 8;

function markOfValue({ value }: Alternative): string {
  if (value.kind === 'null') return '-';
  if (value.kind === 'constant') return JSON.stringify(value.text);
  if (value.kind === 'record') return `r${numberOf(value.fields)}`;
  if (value.kind !== 'truth') return `v${numberOf(value)}`;
  const { t, f, n, foreign } = value.outcome;
  return `${t}${f}${n}${foreign}`;
}

const numbers = new WeakMap<object, number>();
let numbered = 0;

function numberOf(thing: object): number {
  const known = numbers.get(thing);
  if (known !== undefined) return known;
  numbered += 1;
  numbers.set(thing, numbered);
  return numbered;
}

function merged(states: readonly State[]): State {
  const variables: Variables = new Map();
  for (const state of states) {
    for (const [name, value] of state.variables) {
      variables.set(name, join(variables.get(name) ?? [], capAll(value, state.chance)));
    }
  }
  const [first] = states;
  const after = states.every((state) => state.after === first?.after)
    ? (first?.after ?? null)
    : null;
  return { variables, chance: states.reduce<Chance>((best, s) => most(best, s.chance), 0), after };
}
