/**
 * The end of a question that would take too long to answer.
 *
 * Promises: the limits count steps, never time, so the same database ends the same way on every machine; what
 * was too large is named, and the object is `unknown`, never proven.
 */
import type { Environment, Session } from './environment.ts';

/**
 * For one question (one command on one kind of row, one call, one view), without what is kept for the next. A
 * usual one takes a few hundred.
 */
export const STEPS_MAX = 60_000;
/** For one question with everything that is kept. */
const STEPS_IN_ALL_MAX = 1_000_000;
/** For one run: many times what a thousand tables need. */
const RUN_STEPS_MAX = 20_000_000;

/** Thrown by whatever works, caught by whoever asked. The message names what could not be followed. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** Counts work that was done. @throws TooLarge */
export function spend(env: Environment, steps = 1): void {
  const { session } = env;
  session.steps += steps;
  session.stepsInAll += steps;
  session.memory.spent.steps += steps;
  if (session.steps > STEPS_MAX || session.stepsInAll > STEPS_IN_ALL_MAX)
    throw new TooLarge(`${placeOf(env)}, which is too large to follow`);
  if (session.memory.spent.steps > RUN_STEPS_MAX)
    throw new TooLarge('the schema as a whole, which is too large to follow');
}

/** Asks one question; its answer, or why there is none. */
export function ask<T>(session: Session, work: () => T): T | TooLarge {
  session.steps = 0;
  session.stepsInAll = 0;
  session.trail = null;
  try {
    return work();
  } catch (error) {
    if (error instanceof TooLarge) return error;
    // Nested so deeply that this process has no room for it; PostgreSQL has a stack limit of its own.
    if (error instanceof RangeError) return new TooLarge('what is nested too deeply to follow');
    throw error;
  }
}

/** What was being looked at: the innermost thing with a name. */
function placeOf({ within, session }: Environment): string {
  const { catalog } = session.world;
  for (const mark of [...within].reverse()) {
    const [kind, oid] = mark.split(' ');
    const relation = catalog.relations.get(Number(oid));
    if (kind === 'policy' && relation !== undefined)
      return `what the policies of ${relation.name} lead to`;
    if (kind === 'view' && relation !== undefined) return `the view ${relation.name}`;
    const routine = kind === 'function' ? catalog.routines.get(Number(oid)) : undefined;
    if (routine !== undefined) return `the function ${routine.name}`;
  }
  return 'what it leads to';
}
