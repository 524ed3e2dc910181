/**
 * Triggers and rules that work with their owner's rights when the app's role writes: into other tenants'
 * rows, or out of everyone's rows into a table that keeps nobody apart.
 */
import type { Relation, Routine } from '../catalog/model.ts';
import type { Effect } from '../logic/environment.ts';
import { judgeRule, judgeTrigger } from '../logic/judge-trigger.ts';
import { isBoundByRowSecurity } from '../logic/role-rights.ts';
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import type { Rule, World } from '../world.ts';
import { onRelation, onRoutine, table } from './finding.ts';

export const definerTriggers: Rule = function* (world) {
  for (const { relation } of world.surface.relations.values()) {
    for (const trigger of world.catalog.triggers.get(relation.oid) ?? []) {
      const fires =
        trigger.enabled &&
        trigger.events.some(
          (event) => event !== 'truncate' && world.surface.can(relation.oid, event),
        );
      const routine = fires ? world.catalog.routines.get(trigger.function) : undefined;
      if (routine === undefined || routine.extension !== null) continue;
      yield null;
      const answer = judgeTrigger(world, relation, routine);
      yield* copies(world, relation, answer.effects);
      if (!routine.securityDefiner) continue;
      if (answer.unread) yield unread(routine);
      else yield* writes(relation, routine, answer.effects);
      if (answer.doubt !== null) yield undecided(routine, answer.doubt);
    }
    for (const rule of world.catalog.rules.get(relation.oid) ?? []) {
      if (!rule.enabled || !world.surface.can(relation.oid, rule.event)) continue;
      const answer = judgeRule(world, relation, rule);
      yield* copies(world, relation, answer.effects);
      if (answer.doubt !== null) {
        const why = `Could not decide what the rule ${rule.name} does: ${answer.doubt}.`;
        const kind = 'rule-undecided';
        yield onRelation(relation, { kind, severity: 'medium', verdict: 'unknown', why });
      }
      const write = answer.effects.find((e) => e.what !== 'copy' && e.chance === 2);
      if (write === undefined) continue;
      yield onRelation(relation, {
        kind: 'rule-runs-as-owner',
        severity: 'high',
        why: `The rule ${rule.name} runs with the rights of the owner of ${relation.name}: ${write.because}.`,
        fix: `drop rule ${ident(rule.name)} on ${table(relation)};`,
      });
    }
  }
};

function writes(
  relation: Relation,
  routine: Routine,
  effects: readonly Effect[],
): readonly Finding[] {
  const write = effects.find((e) => e.what !== 'copy' && e.chance === 2);
  if (write === undefined) return [];
  const fault = {
    kind: 'definer-trigger-writes',
    severity: 'high',
    why: `The trigger on ${relation.name} runs as its owner, whom no policy binds: ${write.because}.`,
  } as const;
  return [onRoutine(routine, fault), onRelation(relation, fault)];
}

/** The table copied into is at fault if the role reads it and no policy stands in between. */
function copies(world: World, from: Relation, effects: readonly Effect[]): readonly Finding[] {
  const found: Finding[] = [];
  for (const { what, relation, chance } of effects) {
    if (what !== 'copy' || relation === null || chance < 2) continue;
    if (
      !world.surface.can(relation.oid, 'select') ||
      isBoundByRowSecurity(world, world.surface.role.oid, relation)
    )
      continue;
    found.push(
      onRelation(relation, {
        kind: 'trigger-copies-rows',
        severity: 'high',
        why: `What is written to ${table(from)} is copied into this table, which keeps no tenant apart and which ${world.surface.role.name} may read.`,
        exploit: `select * from ${table(relation)};`,
        fix: `revoke select on ${table(relation)} from ${ident(world.surface.role.name)};`,
      }),
    );
  }
  return found.slice(0, 1);
}

function undecided(routine: Routine, doubt: string): Finding {
  return onRoutine(routine, {
    kind: 'definer-undecided',
    severity: 'medium',
    verdict: 'unknown',
    why: `The trigger function runs as its owner; could not decide ${doubt}.`,
  });
}

function unread(routine: Routine): Finding {
  return onRoutine(routine, {
    kind: 'definer-language-unread',
    severity: 'medium',
    verdict: 'unknown',
    why: `The trigger function runs as its owner and is written in ${routine.language}, which cannot be read.`,
  });
}
