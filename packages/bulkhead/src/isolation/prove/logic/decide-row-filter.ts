/**
 * Do a table's policies keep its rows to the tenant of the context? Decided for each command apart.
 *
 * Promises: `yes` is a proof over every row of tenant A and every state of the context; `no` comes with the
 * reason and the state in which it shows; `unknown` says what was not understood. An SMT solver may be put
 * behind `unknown` later: it would be asked with the same rows and scenarios.
 */
import type { Column, Command, Policy, Relation } from '../catalog/model.ts';
import type { World } from '../world.ts';
import { colouringOf } from './colouring.ts';
import {
  type Environment,
  newEnvironment,
  newSession,
  type Row,
  SCENARIOS,
  type Scenario,
  type Session,
  withSources,
} from './environment.ts';
import { evaluate } from './expression.ts';
import { looksLikeReference, thingOf } from './loose-references.ts';
import type { Chance } from './outcome.ts';
import { least } from './outcome.ts';
import { policiesFor } from './role-rights.ts';
import { passes, rowPasses, type Side } from './row-security.ts';
import { coloursOf, tableRow, tenantColumns } from './table-rows.ts';
import { ask, TooLarge } from './too-large.ts';
import { expressionOf } from './tree.ts';
import { stampedColumns } from './trigger-stamps.ts';
import type { Colour, Possible } from './value.ts';

export interface Opening {
  readonly command: Command;
  readonly side: Side;
  readonly scenario: Scenario;
  readonly chance: Chance;
  readonly because: string | null;
  /** `tenant`: A's rows. `nobody`: rows without a tenant. `mixed`: a row in A's name that is otherwise B's. */
  readonly rows: 'tenant' | 'nobody' | 'mixed';
  /** Permissive policies that open it on their own. */
  readonly policies: readonly Policy[];
  readonly plantedIn: readonly Relation[];
  readonly leanedOn: readonly Relation[];
}

/** Every way in which the policies of the table open it for the app's role; none is a proof. */
export function openingsOf(
  world: World,
  relation: Relation,
  sessions: ReadonlyMap<Scenario, Session>,
): readonly Opening[] {
  const found: Opening[] = [];
  for (const scenario of SCENARIOS) {
    const session = sessions.get(scenario) ?? newSession(world, scenario);
    const env = newEnvironment(session, world.surface.role.oid);
    const attempts = ask(session, () => attemptsOn(world, env, relation));
    if (attempts instanceof TooLarge) {
      found.push(tooLarge(scenario, attempts));
      continue;
    }
    for (const attempt of attempts) {
      const outcome = ask(session, () =>
        rowPasses(env, relation, attempt.row, attempt.command, attempt.side),
      );
      if (outcome instanceof TooLarge) {
        found.push({ ...attempt, ...tooLarge(scenario, outcome) });
        continue;
      }
      const chance = least(attempt.row.chance, outcome.t);
      if (chance === 0 || (session.sorted && !opensInSomeOrder(world, relation, attempt, scenario)))
        continue;
      // The same hole in a session without context says nothing new.
      if (
        found.some(
          (o) => o.command === attempt.command && o.rows === attempt.rows && o.chance >= chance,
        )
      )
        continue;
      found.push({ ...attempt, scenario, ...diagnose(world, relation, attempt, scenario), chance });
    }
  }
  return found;
}

/** Nobody knows what it opens: it was not looked at to the end. */
const tooLarge = (scenario: Scenario, { message }: TooLarge): Opening => ({
  command: 'select',
  side: 'using',
  scenario,
  chance: 1,
  because: message,
  rows: 'tenant',
  policies: [],
  plantedIn: [],
  leanedOn: [],
});

/** Where two conditions hang on how the tenants' ids sort, each may hold and never both. */
function opensInSomeOrder(
  world: World,
  relation: Relation,
  { row, command, side }: Attempt,
  scenario: Scenario,
): boolean {
  return (['A', 'B'] as const).some((first) => {
    const session = newSession(world, scenario, first);
    const env = newEnvironment(session, world.surface.role.oid);
    const outcome = ask(session, () => rowPasses(env, relation, row, command, side));
    return outcome instanceof TooLarge || outcome.t > 0;
  });
}

interface Attempt {
  readonly command: Command;
  readonly side: Side;
  readonly rows: Opening['rows'];
  readonly row: Row;
}

function attemptsOn(world: World, env: Environment, relation: Relation): readonly Attempt[] {
  const can = (command: Command): boolean => world.surface.can(relation.oid, command);
  const attempts: Attempt[] = [];
  const row = tableRow(env, relation, 'A');
  for (const command of ['select', 'update', 'delete'] as const) {
    if (can(command)) attempts.push({ command, side: 'using', rows: 'tenant', row });
  }
  for (const command of ['insert', 'update'] as const) {
    if (!can(command)) continue;
    const uniform = written(world, env, relation, command, 'uniform');
    if (uniform !== null) attempts.push({ command, side: 'check', rows: 'tenant', row: uniform });
    const mixed = written(world, env, relation, command, 'mixed');
    if (mixed !== null && wouldBeSeen(world, relation, mixed)) {
      attempts.push({ command, side: 'check', rows: 'mixed', row: mixed });
    }
  }
  if (coloursOf(env, relation).includes('N'))
    attempts.push(...attemptsOnNobody(world, env, relation));
  return attempts;
}

/** Rows of nobody: who may write them writes for everyone; who sees them only without context sees what slipped. */
function attemptsOnNobody(world: World, env: Environment, relation: Relation): readonly Attempt[] {
  const can = (command: Command): boolean => world.surface.can(relation.oid, command);
  const row = tableRow(env, relation, 'N');
  const attempts: Attempt[] = [];
  const seen = rowPasses(env, relation, row, 'select', 'using');
  if (seen.t === 0) return attempts;
  // What everyone sees, no one tenant may write.
  for (const command of ['update', 'delete'] as const) {
    if (can(command)) attempts.push({ command, side: 'using', rows: 'nobody', row });
  }
  if (can('insert')) attempts.push({ command: 'insert', side: 'check', rows: 'nobody', row });
  if (env.session.scenario !== 'present' && can('select')) {
    const usual = newEnvironment(newSession(world, 'present'), env.role);
    if (rowPasses(usual, relation, tableRow(usual, relation, 'N'), 'select', 'using').t === 0) {
      attempts.push({ command: 'select', side: 'using', rows: 'nobody', row });
    }
  }
  return attempts;
}

/** A new row in A's name, as far as the role may write the columns; null where it may not name a tenant. */
function written(
  world: World,
  env: Environment,
  relation: Relation,
  command: 'insert' | 'update',
  how: 'uniform' | 'mixed',
): Row | null {
  const reach = world.surface.relations.get(relation.oid);
  const granted = reach?.columns.get(command === 'insert' ? 'INSERT' : 'UPDATE');
  const colouring = colouringOf(world, relation);
  const stamps = stampedColumns(world, relation, command);
  const mixed = new Map<string, Colour>();
  const columns = new Map<string, Possible>();
  const loose: Column[] = [];
  const tenants = new Set(tenantColumns(env, relation).map((column) => column.name));
  const base = tableRow(env, relation, 'A');
  let names = 0;
  for (const column of relation.columns) {
    if (!colouring.has(column.name)) {
      // A reference without a foreign key: the writer may name a thing of its own.
      if (how === 'mixed' && granted?.has(column.number) === true && looksLikeReference(column)) {
        loose.push(column);
      }
      continue;
    }
    const stamp = stamps.get(column.name);
    const free =
      granted?.has(column.number) === true &&
      column.generated === null &&
      stamp === undefined &&
      column.identity !== 'always';
    if (free) {
      if (tenants.has(column.name)) names += 1;
      if (how === 'mixed' && !tenants.has(column.name)) mixed.set(column.name, 'B');
      continue;
    }
    const fallback = stamp ?? (command === 'insert' ? column.default : null);
    if (column.generated !== null) continue;
    if (fallback === null) mixed.set(column.name, command === 'update' ? 'B' : 'B');
    else
      columns.set(
        column.name,
        evaluate(withSources(env, [{ alias: 'new', row: base }]), expressionOf(fallback)),
      );
  }
  const links = [...colouring].filter(([name]) => !tenants.has(name) && !mixed.has(name)).length;
  if (
    how === 'mixed' &&
    (names === 0 ||
      (loose.length === 0 && [...mixed.keys()].every((name) => colouring.get(name) === 'key')))
  )
    return null;
  // Without a tenant column of its own, a row is another's when its links are.
  if (how === 'uniform' && names === 0 && (tenants.size > 0 || links === 0)) return null;
  const row = tableRow(env, relation, 'A', mixed);
  const named = loose.map((column) => [column.name, thingOf('B', column)] as const);
  return { ...row, columns: new Map([...row.columns, ...columns, ...named]) };
}

/**
 * Would tenant A see such a row among its own? One that hangs on B's things and only bears A's name may be
 * seen by nobody but B. Asked the other way round: does B see a row of its name that hangs on A's things?
 */
function wouldBeSeen(world: World, relation: Relation, row: Row): boolean {
  const env = newEnvironment(newSession(world, 'present'), world.surface.role.oid);
  const flipped = new Map<string, Colour>();
  for (const [name, value] of row.columns) {
    const only_ = value.length === 1 ? value[0]?.value : undefined;
    if (only_?.kind === 'coloured') flipped.set(name, only_.colour === 'A' ? 'B' : 'A');
  }
  const seen = tableRow(env, relation, 'B', flipped);
  const columns = new Map(seen.columns);
  for (const column of relation.columns) {
    const colour = flipped.get(column.name);
    if (colour !== undefined) columns.set(column.name, thingOf(colour, column));
  }
  return rowPasses(env, relation, { ...seen, columns }, 'select', 'using').t > 0;
}

/** Looks again, to say why. */
function diagnose(
  world: World,
  relation: Relation,
  attempt: Attempt,
  scenario: Scenario,
): Pick<Opening, 'because' | 'policies' | 'plantedIn' | 'leanedOn'> {
  const session = newSession(world, scenario);
  const env = newEnvironment(session, world.surface.role.oid);
  const policies = policiesFor(world, env.role, relation.oid, attempt.command).filter(
    ({ permissive }) => permissive,
  );
  const outcome = ask(session, () =>
    rowPasses(env, relation, attempt.row, attempt.command, attempt.side),
  );
  const inside: Environment = {
    ...withSources(env, [{ alias: relation.name, row: attempt.row }]),
    within: [`policy ${relation.oid} ${attempt.command}`],
  };
  const opened = outcome instanceof TooLarge ? null : outcome;
  return {
    because: opened === null ? null : opened.because,
    policies: policies.filter((policy) => {
      const alone = ask(session, () => passes(inside, policy, attempt.side));
      return opened !== null && !(alone instanceof TooLarge) && alone.t === opened.t;
    }),
    plantedIn: [...session.plantedIn],
    leanedOn: [...session.leanedOn].filter((leaned) => leaned.oid !== relation.oid),
  };
}
