/**
 * The prover, as it works: read the catalog, find the convention and what the role reaches, put every rule
 * to it, show the leaks by running them, and say for each object what holds.
 *
 * Promises: changes nothing (reading is read-only, the probe is rolled back); the same database gives the
 * same proof. Proves what the catalog decides; what no catalog can see is listed in `notSeen`.
 */
import type { ClientBase } from 'pg';
import { isolationError } from '../errors.ts';
import { parse } from '../guard/parser.ts';
import type { Catalog, Role } from './catalog/model.ts';
import { readCatalog } from './catalog/read-catalog.ts';
import { type ConventionWishes, findConvention } from './convention/find-convention.ts';
import { findRole } from './convention/find-role.ts';
import { findTenancy } from './convention/find-tenancy.ts';
import { judge } from './judge.ts';
import { loadLogic } from './logic/plpgsql-parser.ts';
import type { Finding, Proof } from './model.ts';
import { probeFindings } from './probe/probe-findings.ts';
import { proofOf } from './proof.ts';
import { findSurface } from './surface/find-surface.ts';
import type { World } from './world.ts';

export interface ProveOptions extends ConventionWishes {
  /** The app's role; found when left out. */
  readonly role?: string | undefined;
  /** Only these schemas are reported; all are read, since leaks cross them. */
  readonly schemas?: readonly string[] | undefined;
  /** Show leaks by running them in a transaction that is rolled back; true unless said otherwise. */
  readonly probe?: boolean | undefined;
  /** The database is a throw-away copy, so that the probe may run what outlasts a rollback. */
  readonly isCopy?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((step: ProveStep) => void) | undefined;
}

export type ProveStep =
  | { readonly step: 'read'; readonly relations: number; readonly policies: number }
  | { readonly step: 'judge'; readonly role: string; readonly setting: string | null }
  | { readonly step: 'rule'; readonly done: number; readonly total: number }
  | { readonly step: 'probe'; readonly done: number; readonly total: number };

/**
 * Proves a database, or shows how it leaks.
 *
 * @throws isolation.prove_role_absent, isolation.prove_expression_invalid; the signal's reason, once it is aborted
 */
export async function prove(client: ClientBase, options: ProveOptions = {}): Promise<Proof> {
  await loadLogic();
  if (options.tenantExpression !== undefined) checkExpression(options.tenantExpression);
  const catalog = await readCatalog(client, options.signal);
  const policies = [...catalog.policies.values()].reduce((sum, { length }) => sum + length, 0);
  options.onProgress?.({ step: 'read', relations: catalog.relations.size, policies });

  const world = lookAt(catalog, findRole(catalog, options.role), options);
  const { role } = world.surface;
  options.onProgress?.({ step: 'judge', role: role.name, setting: world.convention.setting });

  const found = await judge(world, {
    schemas: options.schemas,
    signal: options.signal,
    onJudged: (done, total) => options.onProgress?.({ step: 'rule', done, total }),
  });
  options.signal?.throwIfAborted();
  const shown = options.probe === false ? found : await show(client, world, found, options);
  // What was not tried for that reason must not pass for what was.
  options.signal?.throwIfAborted();
  return proofOf(world, shown, options.schemas);
}

/** It goes into fixes and exploits, so it must be one expression and nothing after it. */
function checkExpression(sql: string): void {
  const parsed = parse(`select (${sql}\n)`);
  if (parsed.outcome === 'tree' && parsed.statements.length === 1) return;
  throw isolationError('isolation.prove_expression_invalid', {
    ...(parsed.outcome === 'complaint' ? { detail: parsed.message } : {}),
  });
}

/** What the rules are given, for one role. */
export function lookAt(catalog: Catalog, role: Role, wishes: ConventionWishes = {}): World {
  const convention = findConvention(catalog, wishes);
  return {
    catalog,
    convention,
    surface: findSurface(catalog, role),
    tenancy: findTenancy(catalog, convention),
  };
}

function show(
  client: ClientBase,
  world: World,
  found: readonly Finding[],
  { isCopy, signal, onProgress }: ProveOptions,
): Promise<readonly Finding[]> {
  return probeFindings(client, world, found, {
    ...(isCopy === undefined ? {} : { isCopy }),
    ...(signal === undefined ? {} : { signal }),
    onTried: (done, total) => onProgress?.({ step: 'probe', done, total }),
  });
}
