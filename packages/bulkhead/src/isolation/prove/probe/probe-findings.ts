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
import { SENTINEL_A, SENTINEL_B, sentinelFor } from '../sentinels.ts';
import type { World } from '../world.ts';
import { followNames, type Reached } from './follow-names.ts';
import { oracleExploits } from './oracles.ts';
import { readPartitionBounds } from './partition-bounds.ts';
import { insertionOrder, planRows } from './plan-rows.ts';
import { type ExploitRun, type ExploitSession, runExploit } from './run-exploit.ts';
import { judgeSafety } from './safety.ts';
import { attempt, insertPlan, silenceTriggers, wakeTriggers } from './seed.ts';
import { makeTenant, prepareContext, type SyntheticTenant, tenantIsUser } from './tenants.ts';
import { inspectRows } from './traces.ts';

export interface ProbeOptions {
  /** The database is a throw-away copy; see `SafetyOptions`. */
  readonly isCopy?: boolean;
  /** The whole probe ends after this; what was not tried stays unconfirmed. */
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
  readonly onTried?: (done: number, total: number) => void;
}

const BUDGET_MS = 60_000;
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
  const shown = new Set<Finding>();
  try {
    // A standby refuses even that.
    await client.query('begin transaction isolation level read committed, read write');
    await client.query(
      "set local statement_timeout = '2s'; set local lock_timeout = '200ms'; set local idle_in_transaction_session_timeout = '60s'; set local client_min_messages = error; set local search_path = \"$user\", public",
    );
    for (const finding of await confirm(client, world, findings, options)) shown.add(finding);
  } catch (error) {
    // A database that refuses the probe has still been proved; only the connection's end is an error.
    if (!(error instanceof DatabaseError)) throw error;
  } finally {
    await client.query('rollback');
  }
  return findings.map((one) => (shown.has(one) ? { ...one, confirmed: true } : one));
}

async function confirm(
  client: ClientBase,
  world: World,
  findings: readonly Finding[],
  options: ProbeOptions,
): Promise<Finding[]> {
  const until = performance.now() + (options.budgetMs ?? BUDGET_MS);
  const { convention, catalog } = world;
  const become = roleSwitch(world);
  if (become === undefined || !(await attempt(client, () => client.query(become.enter)))) return [];
  await client.query(become.leave);

  const isUser = tenantIsUser(convention);
  const victim = makeTenant(convention.tenantType, isUser);
  const attacker = makeTenant(convention.tenantType, isUser);
  const follow = followNames(catalog);
  const leaks = findings.filter(({ verdict }) => verdict === 'leak');
  const relations = tablesFor(world, leaks, follow);
  const bounds = await readPartitionBounds(client, catalog);
  const plan = (tenant: SyntheticTenant, isSparse: boolean) =>
    planRows(world, tenant, relations, { isSparse, bounds });
  const plans = {
    attacker: [plan(attacker, false), plan(attacker, true)],
    victim: [plan(victim, false), plan(victim, true)],
  };
  const enterContext = await prepareContext(client, convention);

  const isSilent = await silenceTriggers(client);
  for (const one of plans.attacker) await insertPlan(client, catalog, one, { isSilent, until });
  if (isSilent) await wakeTriggers(client);

  const trials = await chooseTrials(world, leaks, follow, options.isCopy ?? false, (finding) =>
    oracleExploits(world, finding, {
      fresh: plan(attacker, false),
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
    inspect: () =>
      inspectRows(client, world, trial.reached.relations, victim, plans.victim[0] ?? new Map()),
  });
  const run = (trial: Trial) => runExploit(client, texts(trial.sql), sessionOf(trial));

  const alone = new Map<Trial, ExploitRun>();
  const isTooLate = () => performance.now() > until || options.signal?.aborted === true;
  for (const trial of trials) {
    if (isTooLate()) break;
    const first = await run(trial);
    const second = await run(trial);
    if (!first.isInconclusive && sameAnswers(first, second)) alone.set(trial, first);
  }

  if (isSilent) await silenceTriggers(client);
  for (const one of plans.victim) await insertPlan(client, catalog, one, { isSilent, until });
  if (isSilent) await wakeTriggers(client);
  await refreshViews(client, trials);

  const shown: Finding[] = [];
  let done = 0;
  for (const trial of trials) {
    if (isTooLate()) break;
    const together = await run(trial);
    if (isShown(alone.get(trial), together, victim)) shown.push(trial.finding);
    done += 1;
    options.onTried?.(done, trials.length);
  }
  return shown;
}

function isShown(
  alone: ExploitRun | undefined,
  together: ExploitRun,
  victim: SyntheticTenant,
): boolean {
  if (together.isInconclusive) return false;
  if (together.traces !== '') return true;
  if (together.answers.some((answer) => answer.includes(victim.canary))) return true;
  return alone !== undefined && !sameAnswers(alone, together);
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
    const given = finding.exploit === null ? [] : [{ sql: finding.exploit }];
    const oracles = oraclesOf(finding).map((sql) => ({ sql, givesAllColumns: true }));
    for (const candidate of [...given, ...oracles]) {
      if ((await judge(candidate)) !== undefined) continue;
      const { sql } = candidate;
      trials.push({ finding, sql, hasContext: !NO_CONTEXT.test(sql), reached: follow(sql) });
    }
  }
  return trials;
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

function replaceSentinels(
  sql: string,
  tenantType: string,
  victim: SyntheticTenant,
  attacker: SyntheticTenant,
): string {
  return sql
    .replaceAll(SENTINEL_A, tenantType === 'uuid' ? victim.id : victim.userId)
    .replaceAll(SENTINEL_B, tenantType === 'uuid' ? attacker.id : attacker.userId)
    .replaceAll(sentinelFor(tenantType, 'a'), victim.id)
    .replaceAll(sentinelFor(tenantType, 'b'), attacker.id);
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
