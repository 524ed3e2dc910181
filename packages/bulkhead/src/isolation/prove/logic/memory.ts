/**
 * What was found out already, for one world and one state of the context.
 *
 * Policies read tables whose policies read tables: followed anew on every way, the ways outnumber any budget.
 * Each answer is therefore kept with what it depended on: the policies, views and functions that were entered
 * for it, and those that were under way already and cut it short.
 *
 * Promises: an answer is given again only where looking anew would find the same. Answers that were too much
 * work are kept too, so that nobody tries again.
 */
import type { Relation } from '../catalog/model.ts';
import type { World } from '../world.ts';
import type { Effect, Environment, Scenario, Session } from './environment.ts';
import { STEPS_MAX, TooLarge } from './too-large.ts';

/** What happens while one answer is looked for. */
export interface Trail {
  readonly entered: Set<string>;
  /** Entered further up, so that it was not entered again. */
  readonly cutAt: Set<string>;
  readonly plantedIn: Set<Relation>;
  readonly leanedOn: Set<Relation>;
  /** Whether it leaned on how values of two tenants sort. */
  sorted: boolean;
}

interface Kept extends Trail {
  readonly answer: unknown;
  readonly effects: readonly Effect[];
}

export interface Memory {
  readonly kept: Map<string, Kept[]>;
  /** Shared by all memories of a world. */
  readonly spent: { steps: number };
}

/**
 * In how many different surroundings one answer is looked for. Only circles through functions need more than a
 * few, and those end in an error of the server's when its stack is full.
 */
const SURROUNDINGS_MAX = 16;
/** What an answer costs that is known. */
const STEPS_TO_RECALL = 16;
/** Not cut by a policy or function but by their number; holds nowhere else. */
const TOO_DEEP = 'too deep';

const memories = new WeakMap<World, Map<string, Memory>>();

const newTrail = (): Trail => ({
  entered: new Set(),
  cutAt: new Set(),
  plantedIn: new Set(),
  leanedOn: new Set(),
  sorted: false,
});

export function memoryOf(world: World, scenario: Scenario, first: Session['first']): Memory {
  let known = memories.get(world);
  if (known === undefined) {
    known = new Map();
    memories.set(world, known);
  }
  const state = `${scenario} ${first ?? ''}`;
  let memory = known.get(state);
  if (memory === undefined) {
    const [other] = known.values();
    memory = { kept: new Map(), spent: other?.spent ?? { steps: 0 } };
    known.set(state, memory);
  }
  return memory;
}

/**
 * The answer known under `key`, or the one that `work` finds once it has entered `mark`, which is the last of
 * `inside.within`.
 */
export function remembered<T>(inside: Environment, key: string, work: () => T): T {
  const { session, effects } = inside;
  const within = inside.within.slice(0, -1);
  const mark = inside.within[within.length] ?? '';
  const candidates = session.memory.kept.get(key);
  const known = candidates?.find((one) => holdsWithin(one, within));
  if (known !== undefined) {
    join(session, known);
    effects?.push(...known.effects);
    if (known.answer instanceof TooLarge) throw known.answer;
    return known.answer as T;
  }
  if (candidates !== undefined && candidates.length >= SURROUNDINGS_MAX) {
    const answer = new TooLarge('policies and functions that lead back to each other on many ways');
    candidates.unshift({ ...newTrail(), answer, effects: [] });
    throw answer;
  }
  const outer = session.trail;
  const trail = newTrail();
  trail.entered.add(mark);
  session.trail = trail;
  const effectsBefore = effects?.length ?? 0;
  const stepsBefore = session.steps;
  let answer: T | TooLarge | undefined;
  try {
    answer = work();
    return answer;
  } catch (error) {
    // Whoever asks next has no more room than this.
    if (error instanceof TooLarge && session.steps - stepsBefore > STEPS_MAX / 2) answer = error;
    throw error;
  } finally {
    if (!within.includes(mark)) trail.cutAt.delete(mark);
    session.trail = outer;
    join(session, trail);
    if (answer !== undefined && !trail.cutAt.has(TOO_DEEP)) {
      const kept = { ...trail, answer, effects: effects?.slice(effectsBefore) ?? [] };
      const list = session.memory.kept.get(key);
      if (list === undefined) session.memory.kept.set(key, [kept]);
      else list.push(kept);
      // It was done for whoever asks next, too.
      session.steps = Math.min(session.steps, stepsBefore + STEPS_TO_RECALL);
    }
  }
}

function join(session: Session, { entered, cutAt, plantedIn, leanedOn, sorted }: Trail): void {
  for (const relation of plantedIn) notePlanted(session, relation);
  for (const relation of leanedOn) noteLeanedOn(session, relation);
  if (sorted) noteSorted(session);
  if (session.trail === null) return;
  for (const mark of entered) session.trail.entered.add(mark);
  for (const mark of cutAt) session.trail.cutAt.add(mark);
}

/** Would it be cut short at the same places here, and nowhere else? */
function holdsWithin({ entered, cutAt }: Trail, within: readonly string[]): boolean {
  for (const mark of cutAt) if (!within.includes(mark)) return false;
  for (const mark of within) if (entered.has(mark) && !cutAt.has(mark)) return false;
  return true;
}

/** Is this being looked at further up? Then what is found here holds only below it. */
export function isUnderWay({ within, session }: Environment, mark: string, timesMax = 0): boolean {
  let times = 0;
  for (const entered of within) if (entered === mark) times += 1;
  if (times <= timesMax) return false;
  session.trail?.cutAt.add(mark);
  return true;
}

export function isTooDeep({ within, session }: Environment, depthMax: number): boolean {
  if (within.length <= depthMax) return false;
  session.trail?.cutAt.add(TOO_DEEP);
  return true;
}

/** A table that the attacker may write was needed to get through. */
export function notePlanted(session: Session, relation: Relation): void {
  session.plantedIn.add(relation);
  session.trail?.plantedIn.add(relation);
}

export function noteSorted(session: Session): void {
  session.sorted = true;
  if (session.trail !== null) session.trail.sorted = true;
}

/** A table that keeps nobody apart was relied on. */
export function noteLeanedOn(session: Session, relation: Relation): void {
  session.leanedOn.add(relation);
  session.trail?.leanedOn.add(relation);
}
