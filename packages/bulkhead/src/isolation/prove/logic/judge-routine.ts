/**
 * What a function that runs with its owner's rights gives its caller, tried with arguments that name tenant
 * A's things, tenant B's, or nothing.
 */
import type { Routine } from '../catalog/model.ts';
import type { World } from '../world.ts';
import {
  type Effect,
  newEnvironment,
  newSession,
  type Row,
  SCENARIOS,
  type Scenario,
  type Session,
} from './environment.ts';
import { type Chance, least, most } from './outcome.ts';
import { rowForeign } from './query.ts';
import { type Argument, run } from './routine-call.ts';
import { ask, TooLarge } from './too-large.ts';
import { foreignChance, NULL_VALUE, only, type Possible } from './value.ts';
import { watch } from './watched-argument.ts';

export interface RoutineAnswer {
  /** Chance that rows or values of tenant A come back. */
  readonly reads: Chance;
  /** Only whether something exists, or how much, comes back. */
  readonly oracle: Chance;
  readonly effects: readonly Effect[];
  readonly scenario: Scenario;
  readonly because: string | null;
  /** What was not understood; null when everything was. */
  readonly doubt: string | null;
}

const TRIED_MAX = 4;
/** Types whose values belong to nobody, so that one is as good as another. */
const NAMES_NOBODY =
  /^(boolean|date|time|timestamp|interval|real|double precision|numeric|money|bytea)\b/;

export function judgeRoutine(world: World, routine: Routine): RoutineAnswer | 'unread' {
  let worst: RoutineAnswer = {
    reads: 0,
    oracle: 0,
    effects: [],
    scenario: 'present',
    because: null,
    doubt: null,
  };
  const sets = argumentSets(routine);
  for (const scenario of SCENARIOS) {
    const session = newSession(world, scenario);
    const watched = watchedIn(session);
    const judged: Judged[] = [];
    for (const args of sets) {
      if (judged.some((one) => one.looked.every((at) => one.args[at]?.value === args[at]?.value)))
        continue;
      session.looked = new Set();
      const answer = judgeCall(session, routine, args.map(watched));
      if (answer === 'unread') return answer;
      worst = worse(worst, answer);
      judged.push({ args, looked: [...session.looked] });
    }
  }
  return worst;
}

/** A call that was judged, and at which of its arguments somebody looked: the others may be anything. */
interface Judged {
  readonly args: readonly Argument[];
  readonly looked: readonly number[];
}

/** The same argument is watched once, so that what was found with it is known again. */
function watchedIn(session: Session): (arg: Argument, at: number) => Argument {
  const known: Map<Possible, Possible>[] = [];
  return ({ name, value }, at) => {
    known[at] ??= new Map();
    let watched = known[at].get(value);
    if (watched === undefined) {
      watched = watch(value, () => session.looked.add(at));
      known[at].set(value, watched);
    }
    return { name, value: watched };
  };
}

function judgeCall(
  session: Session,
  routine: Routine,
  args: readonly Argument[],
): RoutineAnswer | 'unread' {
  const { world, scenario } = session;
  const effects: Effect[] = [];
  const env = { ...newEnvironment(session, world.surface.role.oid), effects };
  const results = ask(session, () => run(env, routine, args));
  if (results === undefined) return 'unread';
  if (results instanceof TooLarge) {
    const doubt = results.message;
    return { reads: 0, oracle: 0, because: null, doubt, effects, scenario };
  }
  const returnsNothing = routine.returns === 'void' || routine.returns === 'pg_catalog.void';
  const one = returnsNothing
    ? { reads: 0 as Chance, oracle: 0 as Chance, because: null, doubt: null }
    : results.kind === 'rows'
      ? judgeRows(results.rows)
      : judgeValue(results.value);
  const told = effects.some((effect) => effect.what === 'answer');
  return { ...one, oracle: told ? 2 : one.oracle, effects, scenario };
}

function worse(a: RoutineAnswer, b: RoutineAnswer): RoutineAnswer {
  const rank = (x: RoutineAnswer): number =>
    x.reads * 100 + x.effects.reduce((sum, e) => Math.max(sum, e.chance), 0) * 30 + x.oracle * 3;
  const [more, less] = rank(b) > rank(a) ? [b, a] : [a, b];
  const effects = new Map<string, Effect>();
  for (const effect of [...more.effects, ...less.effects]) {
    const key = `${effect.what} ${effect.relation?.oid} ${effect.chance} ${effect.because}`;
    if (!effects.has(key)) effects.set(key, effect);
  }
  return { ...more, effects: [...effects.values()], doubt: more.doubt ?? less.doubt };
}

function judgeRows(rows: readonly Row[]): Omit<RoutineAnswer, 'effects' | 'scenario'> {
  let reads: Chance = 0;
  let oracle: Chance = 0;
  let because: string | null = null;
  let doubt: string | null = null;
  for (const row of rows) {
    if (row.colour === 'A' && row.chance > reads) because = row.because;
    const values = [...row.columns.values()];
    if (row.colour === 'A' && !values.every(isYesOrNo)) reads = most(reads, row.chance);
    else if (rowForeign(row) > 0) {
      const judged = values.map(judgeValue);
      for (const one of judged) {
        reads = most(reads, least(row.chance, one.reads));
        oracle = most(oracle, least(row.chance, one.oracle));
      }
      if (row.colour === 'A') oracle = most(oracle, row.chance);
    }
    for (const value of values) doubt ??= doubtOf(value);
  }
  return { reads, oracle, because, doubt };
}

function judgeValue(value: Possible): Omit<RoutineAnswer, 'effects' | 'scenario'> {
  const foreign = foreignChance(value);
  const telling = value.filter((a) => !isYesOrNo([a]));
  const reads = foreignChance(telling);
  const because = value.find((a) => a.value.kind === 'truth' && a.value.outcome.foreign > 0)?.value;
  return {
    reads,
    oracle: foreign,
    because: because?.kind === 'truth' ? because.outcome.because : null,
    doubt: doubtOf(value),
  };
}

const isYesOrNo = (possible: Possible): boolean =>
  possible.every(
    (a) =>
      a.value.kind === 'truth' ||
      a.value.kind === 'count' ||
      a.value.kind === 'null' ||
      a.value.kind === 'constant',
  );

function doubtOf(value: Possible): string | null {
  for (const { value: one } of value) {
    if (one.kind === 'opaque') return one.doubt;
    if (one.kind === 'record') {
      for (const field of one.fields.values()) {
        const inner = doubtOf(field);
        if (inner !== null) return inner;
      }
    }
  }
  return null;
}

type Choice = 'A' | 'B' | 'null';

/** Every mix of A, B and null for the first few arguments; the rest go with A. */
export function argumentSets(routine: Routine): readonly (readonly Argument[])[] {
  const inputs = routine.arguments.filter((a) => a.mode !== 'out' && a.mode !== 'table');
  let sets: Choice[][] = [[]];
  inputs.forEach((input, at) => {
    const choices: readonly Choice[] =
      at >= TRIED_MAX || input.mode === 'variadic'
        ? ['A']
        : NAMES_NOBODY.test(input.type)
          ? ['A', 'null']
          : ['A', 'B', 'null'];
    sets = sets.flatMap((set) => choices.map((choice) => [...set, choice]));
  });
  const values = inputs.map((input, at) => {
    const identity = `the argument ${input.name ?? `$${at + 1}`}`;
    const array = input.type.endsWith('[]');
    const chosen = (colour: 'A' | 'B'): Possible => {
      const value = only({ kind: 'chosen', identity, colour, type: input.type });
      return array ? only({ kind: 'array', elements: value }) : value;
    };
    return { A: chosen('A'), B: chosen('B'), null: NULL_VALUE };
  });
  return sets.map((set) =>
    set.map((choice, at) => ({ name: null, value: values[at]?.[choice] ?? NULL_VALUE })),
  );
}
