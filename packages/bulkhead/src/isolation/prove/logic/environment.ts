/**
 * Where an expression is being evaluated: which world, whose privileges, which rows and variables in sight.
 */
import type { Oid, Relation, Routine } from '../catalog/model.ts';
import type { World } from '../world.ts';
import { type Memory, memoryOf, type Trail } from './memory.ts';
import type { Chance } from './outcome.ts';
import type { Colour, Possible } from './value.ts';

/** What the session's context is: tenant B, or nothing in either of the two ways a setting can be unset. */
export type Scenario = 'present' | 'absent' | 'empty';
export const SCENARIOS: readonly Scenario[] = ['present', 'absent', 'empty'];

/** One row that a source may yield. */
export interface Row {
  readonly columns: ReadonlyMap<string, Possible>;
  readonly chance: Chance;
  /** Whose row it is; null for rows of nobody (constants, shared tables). */
  readonly colour: Colour | null;
  /** The relation whose A-coloured row it comes from, for the report. */
  readonly from: Relation | null;
  /** The attacker made it up to fit; the relation it was planted in. */
  readonly planted: Relation | null;
  readonly because: string | null;
}

export interface Source {
  readonly alias: string;
  readonly row: Row;
}

export interface Scope {
  readonly sources: readonly Source[];
  readonly variables: ReadonlyMap<string, Possible>;
  readonly parent: Scope | null;
}

/** What a function that runs with its owner's rights did to somebody's rows. */
export interface Effect {
  readonly what: 'insert' | 'update' | 'delete' | 'injection' | 'message' | 'copy' | 'answer';
  readonly relation: Relation | null;
  readonly chance: Chance;
  readonly because: string;
}

export interface Session {
  readonly world: World;
  readonly scenario: Scenario;
  readonly memory: Memory;
  /** What the answer that is being looked for depends on; null between questions. */
  trail: Trail | null;
  /** Which tenant's values sort first; null where either may. */
  readonly first: 'A' | 'B' | null;
  /** Set once an answer leaned on how values of two tenants sort. */
  sorted: boolean;
  /** Counts sources, so that two uses of a table are two rows. */
  instances: number;
  /** Work done for the question under way, but for what was kept. */
  steps: number;
  stepsInAll: number;
  /** Set when a writable link table was needed to get through. */
  readonly plantedIn: Set<Relation>;
  /** Unprotected relations that a policy leaned on. */
  readonly leanedOn: Set<Relation>;
  /** Which arguments of the call that is judged were looked at, by their place. */
  looked: Set<number>;
  /** What the body that is judged came to, for its next call. */
  readonly answers: Answers;
}

/** What statements and expressions of a body came to and did, by their text and what it names. */
export type Answers = Map<
  string,
  {
    readonly answer: unknown;
    readonly effects: readonly Effect[];
    readonly looked: ReadonlySet<number>;
  }
>;

export interface Environment {
  readonly session: Session;
  /** Whose privileges tables are read with: a view's owner inside the view. */
  readonly role: Oid;
  /** `current_user`: what invoker views and functions fall back to, also inside an owner's view. */
  readonly user: Oid;
  readonly scope: Scope | null;
  readonly ctes: ReadonlyMap<string, readonly Row[]>;
  /** Schemas for unqualified names; null when everything comes qualified. */
  readonly searchPath: readonly string[] | null;
  /** Policies, views and functions being evaluated, to see a circle. */
  readonly within: readonly string[];
  /** What functions on the way here have set the context's settings to. */
  readonly settings: ReadonlyMap<string, Possible>;
  /** Inside a function that is being judged: where its effects are written down. */
  readonly effects: Effect[] | null;
  readonly routine: Routine | null;
}

/** Policies, views, functions and sub-selects inside one another. */
export const DEPTH_MAX = 400;

export function newSession(
  world: World,
  scenario: Scenario,
  first: Session['first'] = null,
): Session {
  return {
    world,
    scenario,
    first,
    sorted: false,
    memory: memoryOf(world, scenario, first),
    trail: null,
    instances: 0,
    steps: 0,
    stepsInAll: 0,
    plantedIn: new Set(),
    leanedOn: new Set(),
    looked: new Set(),
    answers: new Map(),
  };
}

export function newEnvironment(session: Session, role: Oid): Environment {
  return {
    session,
    role,
    user: role,
    scope: null,
    ctes: new Map(),
    searchPath: null,
    within: [],
    settings: new Map(),
    effects: null,
    routine: null,
  };
}

const NO_VARIABLES: ReadonlyMap<string, Possible> = new Map();

export function withSources(env: Environment, sources: readonly Source[]): Environment {
  // The outermost scope keeps what functions set the session's settings to.
  const variables = env.scope === null ? new Map<string, Possible>() : NO_VARIABLES;
  return { ...env, scope: { sources, variables, parent: env.scope } };
}

export function withVariables(
  env: Environment,
  variables: ReadonlyMap<string, Possible>,
): Environment {
  return { ...env, scope: { sources: [], variables, parent: env.scope } };
}

/** Settings changed so far, for what runs below. */
export function settingsOf(env: Environment): ReadonlyMap<string, Possible> {
  let settings: Map<string, Possible> | undefined;
  for (let scope = env.scope; scope !== null; scope = scope.parent) {
    for (const [name, value] of scope.variables) {
      if (!name.startsWith('set ')) continue;
      settings ??= new Map(env.settings);
      settings.set(name.slice(4), value);
    }
  }
  return settings ?? env.settings;
}
