/**
 * Puts every rule to the world: as the role, then as each role it may become.
 *
 * What only `SET ROLE` opens is blamed on the role that opens it, and on the objects it opens.
 */

import { setImmediate as turn } from 'node:timers/promises';
import { meantBecause } from './meant-routines.ts';
import type { Finding, ObjectType } from './model.ts';
import { ident, objectName } from './names.ts';
import { onRole } from './rules/finding.ts';
import { RULES } from './rules/index.ts';
import { roleAttributes } from './rules/role-attributes.ts';
import { rowSecurity } from './rules/row-security.ts';
import { findSurface } from './surface/find-surface.ts';
import type { Rule, World } from './world.ts';

/** A role that may become hundreds of others is at fault already. */
const BECOMES_MAX = 24;

/** What another role's faults are told by; that it may create or is too much is said of the role. */
const HOLDS_ROWS: ReadonlySet<ObjectType> = new Set([
  'table',
  'partition',
  'foreign-table',
  'view',
  'matview',
  'function',
  'procedure',
  'large-object',
  'foreign-server',
]);

export interface JudgeOptions {
  /** Only what lies in these schemas is reported, so no other function needs to be judged. */
  readonly schemas?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onJudged?: ((done: number, total: number) => void) | undefined;
}

/** @throws the signal's reason, once it is aborted */
export async function judge(world: World, options: JudgeOptions = {}): Promise<readonly Finding[]> {
  const others = othersOf(world);
  const total = [world, ...others].reduce((sum, one) => sum + rulesFor(one).length, 0);
  const rounds = new Rounds(total, options);
  // What another role opens is blamed on roles, whichever schema it lies in.
  const { schemas } = options;
  const asked = others.length === 0 && schemas !== undefined ? { ...world, schemas } : world;
  const found = await rounds.putRules(asked);
  for (const other of others) {
    const known = new Set(found.map(keyOf));
    const opened = (await rounds.putRules(other)).filter(
      (one) => HOLDS_ROWS.has(one.type) && !known.has(keyOf(one)),
    );
    found.push(...opened.map((one) => after(other, one)), ...blame(world, other, opened));
  }
  const meant = meantObjects(world);
  return unique(found.filter(({ object }) => !meant.has(object)).map(withoutInstances));
}

/** By name, so none of an overloaded function's is excused unless all are. */
function meantObjects({ catalog }: World): ReadonlySet<string> {
  const meant = new Set<string>();
  const others = new Set<string>();
  for (const routine of catalog.routines.values()) {
    const into = meantBecause(routine) === null ? others : meant;
    into.add(objectName(routine.schema, routine.name));
  }
  for (const object of others) meant.delete(object);
  return meant;
}

/** How long judging may keep the process from everything else. Says when it pauses, never what it finds. */
const PAUSE_AFTER_MS = 40;

/** All rules, once for each role; pauses now and then, so that Ctrl-C is heard and progress is seen. */
class Rounds {
  readonly #total: number;
  readonly #options: JudgeOptions;
  #done = 0;
  #pausedMs = performance.now();

  constructor(total: number, options: JudgeOptions) {
    this.#total = total;
    this.#options = options;
  }

  async putRules(world: World): Promise<Finding[]> {
    const found: Finding[] = [];
    for (const rule of rulesFor(world)) {
      for (const one of rule(world)) {
        if (one !== null) found.push(one);
        await this.#pause();
      }
      this.#done += 1;
      this.#options.onJudged?.(this.#done, this.#total);
    }
    return found;
  }

  async #pause(): Promise<void> {
    if (performance.now() - this.#pausedMs < PAUSE_AFTER_MS) return;
    await turn();
    this.#options.signal?.throwIfAborted();
    this.#pausedMs = performance.now();
  }
}

/** Nothing binds a superuser, so nothing but that is worth saying; nor do policies bind BYPASSRLS. */
function rulesFor({ surface }: World): readonly Rule[] {
  return surface.role.superuser ? [roleAttributes, rowSecurity] : RULES;
}

/** The worlds of the roles that this one may become without already having their privileges. */
function othersOf(world: World): readonly World[] {
  const { surface, catalog } = world;
  return [...surface.settable]
    .filter((oid) => oid !== surface.role.oid)
    .slice(0, BECOMES_MAX)
    .flatMap((oid) => catalog.roles.get(oid) ?? [])
    .filter(({ name }) => !name.startsWith('pg_'))
    .map((role) => ({ ...world, surface: findSurface(catalog, role) }));
}

function after({ surface }: World, finding: Finding): Finding {
  const become = `set role ${ident(surface.role.name)};`;
  return {
    ...finding,
    why: `After SET ROLE ${surface.role.name}: ${finding.why}`,
    exploit: finding.exploit === null ? null : `${become}\n${finding.exploit}`,
  };
}

function blame(world: World, other: World, opened: readonly Finding[]): readonly Finding[] {
  const first = opened.find(({ verdict }) => verdict === 'leak');
  if (first === undefined) return [];
  const role = world.surface.role.name;
  const into = other.surface.role.name;
  const fault = {
    kind: 'member-of-wider-role',
    severity: first.severity,
    why: `${role} may become ${into}, for which ${first.object} is open: ${first.why}`,
    exploit:
      first.exploit === null
        ? `set role ${ident(into)};`
        : `set role ${ident(into)};\n${first.exploit}`,
    fix: `revoke ${ident(into)} from ${ident(role)};`,
  } as const;
  return [onRole(role, fault), onRole(into, fault)];
}

/** Which of the rows that were looked at it was says nothing to people, and changes from run to run. */
const withoutInstances = (finding: Finding): Finding => ({
  ...finding,
  why: finding.why.replace(/#\d+(?=\.)/g, ''),
});

const keyOf = ({ object, type, kind }: Finding) => JSON.stringify([object, type, kind]);

/** The same hole found on two ways is one hole; two sentences about one kind are two. */
function unique(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, Finding>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.object, finding.type, finding.kind, finding.why]);
    if (!seen.has(key)) seen.set(key, finding);
  }
  return [...seen.values()];
}
