/**
 * Confirms leaks by running them: in one transaction that is always rolled back, with two tenants made up for
 * it, as the app's role.
 *
 * How it tells: the exploit runs in a world where only tenant B has rows, and again in the same world with
 * A's rows added. Whatever answers otherwise now, or left A's rows changed, let A through to B. An exploit
 * that answers differently twice in one world says nothing.
 *
 * Promises: never commits; runs nothing that outlasts a rollback (`safety.ts`); gives up rather than wait. Where
 * it may not act as the role, or cannot make rows, findings stay as they are, unconfirmed.
 */
import { type ClientBase, DatabaseError } from 'pg';
import type { Oid, Relation } from '../catalog/model.ts';
import type { Finding } from '../model.ts';
import { ident, objectName } from '../names.ts';
import { sentinelFor } from '../sentinels.ts';
import type { World } from '../world.ts';
import { followNames, type Reached } from './follow-names.ts';
import { isOracle, oracleExploits } from './oracles.ts';
import { readPartitionBounds } from './partition-bounds.ts';
import { insertionOrder, planRows, type RowShape } from './plan-rows.ts';
import { type ExploitRun, type ExploitSession, runExploit } from './run-exploit.ts';
import { judgeSafety } from './safety.ts';
import { attempt, insertPlan, silenceTriggers, wakeTriggers } from './seed.ts';
import {
  makeTenant,
  prepareContext,
  type SyntheticTenant,
  tellingKey,
  tenantIsUser,
} from './tenants.ts';
import { inspectRows } from './traces.ts';

export interface ProbeOptions {
  /** The database is a throw-away copy; see `SafetyOptions`. */
  readonly isCopy?: boolean;
  /** The whole probe ends after this; what was not tried stays unconfirmed. */
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
  readonly onTried?: (done: number, total: number) => void;
}

const BUDGET_MS = 20_000;
const NO_CONTEXT = /^\s*--\s*no tenant in the context/i;

interface Trial {
  readonly finding: Finding;
  readonly sql: string;
  readonly hasContext: boolean;
  readonly reached: Reached;
}

/** The findings in the same order, those that were shown with `confirmed: true`. */
export async function probeFindings(
  client: ClientBase,
  world: World,
  findings: readonly Finding[],
  options: ProbeOptions = {},
): Promise<Finding[]> {
  if (!findings.some(({ verdict }) => verdict === 'leak')) return [...findings];
  let shown: ReadonlyMap<Finding, string> = new Map();
  try {
    // A standby refuses even that.
    await client.query('begin transaction isolation level read committed, read write');
    await client.query(
      "set local statement_timeout = '2s'; set local lock_timeout = '200ms'; set local idle_in_transaction_session_timeout = '60s'; set local client_min_messages = error; set local search_path = \"$user\", public",
    );
    shown = await confirm(client, world, findings, options);
  } catch (error) {
    // A database that refuses the probe has still been proved; only the connection's end is an error.
    if (!(error instanceof DatabaseError)) throw error;
  } finally {
    await client.query('rollback');
  }
  return findings.map((one) => {
    const exploit = shown.get(one);
    if (exploit === undefined) return one;
    // What was run is what is told, but for an oracle's made-up rows, which nobody has.
    return { ...one, confirmed: true, exploit: isOracle(one) ? one.exploit : exploit };
  });
}

async function confirm(
  client: ClientBase,
  world: World,
  findings: readonly Finding[],
  options: ProbeOptions,
): Promise<ReadonlyMap<Finding, string>> {
  const until = performance.now() + (options.budgetMs ?? BUDGET_MS);
  const { convention, catalog } = world;
  const become = roleSwitch(world);
  if (become === undefined || !(await attempt(client, () => client.query(become.enter))))
    return new Map();
  await client.query(become.leave);

  const isUser = tenantIsUser(convention);
  const victim = makeTenant(convention.tenantType, isUser);
  const attacker = makeTenant(convention.tenantType, isUser);
  const follow = followNames(catalog);
  const leaks = findings.filter(({ verdict }) => verdict === 'leak');
  const relations = tablesFor(world, leaks, follow);
  const bounds = await readPartitionBounds(client, catalog);
  const plan = (tenant: SyntheticTenant, shape: RowShape) =>
    planRows(world, tenant, relations, { shape, bounds });
  const plans = {
    attacker: [plan(attacker, 'telling'), plan(attacker, 'sparse')],
    victim: [plan(victim, 'telling'), plan(victim, 'sparse')],
  };
  const enterContext = await prepareContext(client, convention);

  const isSilent = await silenceTriggers(client);
  for (const one of plans.attacker) await insertPlan(client, catalog, one, { isSilent, until });
  if (isSilent) await wakeTriggers(client);

  const trials = await chooseTrials(world, leaks, follow, options.isCopy ?? false, (finding) =>
    oracleExploits(world, finding, {
      fresh: plan(attacker, 'fresh'),
      victim: plans.victim[0] ?? new Map(),
    }),
  );
  const texts = (sql: string) => replaceSentinels(sql, convention.tenantType, victim, attacker);
  const sessionOf = (trial: Trial): ExploitSession => ({
    enter: async () => {
      if (trial.hasContext) await enterContext?.(client, attacker);
      await client.query(become.enter);
    },
    leave: async () => void (await client.query(become.leave)),
    // What cannot write leaves no trace to look for.
    inspect: async () =>
      trial.reached.mayWrite
        ? inspectRows(client, world, trial.reached.relations, victim, plans.victim[0] ?? new Map())
        : '',
  });
  const run = (trial: Trial) => runExploit(client, texts(trial.sql), sessionOf(trial));

  const alone = new Map<Trial, ExploitRun>();
  const isTooLate = () => performance.now() > until || options.signal?.aborted === true;
  for (const trial of trials) {
    if (isTooLate()) break;
    alone.set(trial, await run(trial));
  }

  if (isSilent) await silenceTriggers(client);
  for (const one of plans.victim) await insertPlan(client, catalog, one, { isSilent, until });
  if (isSilent) await wakeTriggers(client);
  await refreshViews(client, trials);

  const shown = new Map<Finding, string>();
  let done = 0;
  for (const trial of trials) {
    if (isTooLate()) break;
    if (!shown.has(trial.finding)) {
      const together = await run(trial);
      const isShown =
        leavesTraces(together, victim) ||
        (differs(alone.get(trial), together) && sameAnswers(together, await run(trial)));
      if (isShown) shown.set(trial.finding, trial.sql);
    }
    done += 1;
    options.onTried?.(done, trials.length);
  }
  return shown;
}

function leavesTraces(run: ExploitRun, victim: SyntheticTenant): boolean {
  if (run.isInconclusive) return false;
  return run.traces !== '' || run.answers.some((answer) => answer.includes(victim.canary));
}

function differs(alone: ExploitRun | undefined, together: ExploitRun): boolean {
  if (alone === undefined || alone.isInconclusive || together.isInconclusive) return false;
  return !sameAnswers(alone, together);
}

function sameAnswers(left: ExploitRun, right: ExploitRun): boolean {
  return JSON.stringify(left.answers) === JSON.stringify(right.answers);
}

/**
 * `SET ROLE` alone would leave a superuser's session behind the app's role, and with it every other role; so
 * the session itself becomes the role's, where the reader may.
 */
function roleSwitch({ catalog, surface }: World): { enter: string; leave: string } | undefined {
  const { reader, readerIsSuperuser } = catalog.server;
  if (surface.role.name === reader) return undefined;
  const role = ident(surface.role.name);
  return readerIsSuperuser
    ? {
        enter: `set local session authorization ${role}`,
        leave: 'reset role; reset session authorization',
      }
    : { enter: `set local role ${role}`, leave: 'reset role' };
}

async function chooseTrials(
  world: World,
  leaks: readonly Finding[],
  follow: (sql: string) => Reached,
  isCopy: boolean,
  oraclesOf: (finding: Finding) => string[],
): Promise<Trial[]> {
  const judge = judgeSafety(world.catalog, follow, { isCopy });
  const trials: Trial[] = [];
  for (const finding of leaks) {
    const given = variantsOf(world, finding, isCopy).map((sql) => ({ sql }));
    const oracles = oraclesOf(finding).map((sql) => ({ sql, givesAllColumns: true }));
    for (const candidate of [...given, ...oracles]) {
      if ((await judge(candidate)) !== undefined) continue;
      const { sql } = candidate;
      trials.push({ finding, sql, hasContext: !NO_CONTEXT.test(sql), reached: follow(sql) });
    }
  }
  return trials;
}

/** A table with more rows is not written to as a whole, not even for a moment. */
const WHOLE_TABLE_ROWS_MAX = 10_000;

/**
 * The exploit, and the same without its condition: an UPDATE or DELETE that reads no column asks no SELECT
 * policy, so it may reach rows that one with a WHERE does not.
 */
function variantsOf({ catalog }: World, finding: Finding, isCopy: boolean): string[] {
  const { exploit, object } = finding;
  if (exploit === null) return [];
  const bare = /^((?:delete from|update) [^;]*?) where [^;]*;?$/is.exec(exploit.trim())?.[1];
  const relation = [...catalog.relations.values()].find(
    ({ schema, name }) => objectName(schema, name) === object,
  );
  const isSmall = relation !== undefined && relation.rows < WHOLE_TABLE_ROWS_MAX;
  if (bare === undefined || !(isSmall || isCopy)) return [exploit];
  return [exploit, `${bare.replace(/\bset (\S+) = \1$/i, 'set $1 = default')};`, `${bare};`];
}

/** The tables that need rows: those the exploits touch, and what these refer to. */
function tablesFor(
  { catalog, tenancy, convention }: World,
  leaks: readonly Finding[],
  follow: (sql: string) => Reached,
): Relation[] {
  const wanted = new Map<Oid, Relation>();
  const take = (relation: Relation): void => {
    if (wanted.has(relation.oid)) return;
    if (relation.kind === 'partitioned-table') {
      for (const oid of relation.children) takeOid(oid);
      return;
    }
    if (relation.kind !== 'table' || relation.extension !== null) return;
    wanted.set(relation.oid, relation);
    for (const { references } of catalog.constraints.get(relation.oid) ?? []) {
      if (references !== null) takeOid(references.relation);
    }
  };
  const takeOid = (oid: Oid): void => {
    const relation = catalog.relations.get(oid);
    if (relation !== undefined) take(relation);
  };
  const byName = new Map(
    [...catalog.relations.values()].map((one) => [objectName(one.schema, one.name), one]),
  );
  for (const oid of [...convention.registries, ...convention.memberships]) takeOid(oid);
  for (const { object, exploit } of leaks) {
    const own = byName.get(object);
    if (own !== undefined) take(own);
    for (const relation of follow(exploit ?? '').relations) {
      if (tenancy.has(relation.oid)) take(relation);
    }
  }
  return insertionOrder(catalog, wanted.values());
}

/** In an exploit a tenant's sentinel stands for its id; one of another type for a key of one of its rows. */
function replaceSentinels(
  sql: string,
  tenantType: string,
  victim: SyntheticTenant,
  attacker: SyntheticTenant,
): string {
  let text = sql
    .replaceAll(sentinelFor(tenantType, 'a'), victim.id)
    .replaceAll(sentinelFor(tenantType, 'b'), attacker.id);
  for (const type of ['uuid', 'bigint', 'text']) {
    text = text
      .replaceAll(sentinelFor(type, 'a'), tellingKey(type, victim) ?? '')
      .replaceAll(sentinelFor(type, 'b'), tellingKey(type, attacker) ?? '');
  }
  return text;
}

/** A materialized view holds what it held when it was last refreshed: in here, once more with A's rows. */
async function refreshViews(client: ClientBase, trials: readonly Trial[]): Promise<void> {
  const views = new Map<Oid, Relation>();
  for (const { reached } of trials) {
    for (const relation of reached.relations) {
      if (relation.kind === 'matview' && relation.rows < 10_000) views.set(relation.oid, relation);
    }
  }
  for (const { schema, name } of views.values()) {
    await attempt(client, () =>
      client.query(`refresh materialized view ${ident(schema)}.${ident(name)}`),
    );
  }
}
