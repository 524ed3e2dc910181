/**
 * Functions that run with their owner's rights and give their caller other tenants' rows, or write them.
 */
import type { Routine } from '../catalog/model.ts';
import { judgeRoutine, type RoutineAnswer } from '../logic/judge-routine.ts';
import type { Finding } from '../model.ts';
import type { Rule, World } from '../world.ts';
import { callOf, onRoutine } from './finding.ts';

export const definerRoutines: Rule = function* (world) {
  for (const oid of world.surface.routines) {
    const routine = world.catalog.routines.get(oid);
    if (routine === undefined || !routine.securityDefiner || routine.extension !== null) continue;
    if (/^(event_)?trigger$/.test(routine.returns) || routine.schema === 'pg_catalog') continue;
    if (world.schemas?.includes(routine.schema) === false) continue;
    yield null;
    const answer = judgeRoutine(world, routine);
    if (answer === 'unread') yield unread(routine);
    else yield* leaksOf(world, routine, answer);
  }
};

const WRITES = new Set(['insert', 'update', 'delete']);

function unread(routine: Routine): Finding {
  return onRoutine(routine, {
    kind: 'definer-language-unread',
    severity: 'medium',
    verdict: 'unknown',
    why: `The function runs as its owner and is written in ${routine.language}, which cannot be read.`,
  });
}

function leaksOf(world: World, routine: Routine, answer: RoutineAnswer): readonly Finding[] {
  const found: Finding[] = [];
  const owner = world.catalog.roles.get(routine.owner)?.name ?? 'its owner';
  const state = answer.scenario === 'present' ? '' : ' when no tenant is set';
  const injection = answer.effects.find((e) => e.what === 'injection');
  if (injection !== undefined) {
    found.push(
      onRoutine(routine, {
        kind: 'definer-dynamic-sql',
        severity: 'critical',
        why: `The function runs as ${owner} and ${injection.because}.`,
        exploit: null,
        fix: null,
      }),
    );
  }
  const message = answer.effects.find((e) => e.what === 'message' && e.chance === 2);
  if (message !== undefined) {
    found.push(
      onRoutine(routine, {
        kind: 'definer-message',
        severity: 'medium',
        why: `The function runs as ${owner}, and ${message.because}${state}.`,
        exploit: `select ${callOf(routine)};`,
        fix: revoke(routine),
      }),
    );
  }
  const write = answer.effects.find((e) => WRITES.has(e.what) && e.chance === 2);
  if (write !== undefined) {
    found.push(
      onRoutine(routine, {
        kind: 'definer-writes',
        severity: 'high',
        why: `The function runs as ${owner}, whom no policy binds: ${write.because}${state}.`,
        exploit: `select ${callOf(routine)};`,
        fix: revoke(routine),
      }),
    );
  }
  if (answer.reads === 2) {
    found.push(
      onRoutine(routine, {
        kind: 'definer-reads',
        severity: 'high',
        why: `The function runs as ${owner}, whom no policy binds, and gives back rows that it does not filter by the tenant of the context${state}.`,
        exploit: `select * from ${callOf(routine)};`,
        fix: revoke(routine),
      }),
    );
  } else if (answer.oracle === 2) {
    found.push(
      onRoutine(routine, {
        kind: 'definer-oracle',
        severity: 'medium',
        why: `The function runs as ${owner} and tells whether, or how many, rows of other tenants there are${state}.`,
        exploit: `select ${callOf(routine)};`,
        fix: revoke(routine),
      }),
    );
  }
  if (found.length > 0) return found;
  const doubtful =
    answer.reads === 1 || answer.oracle === 1 || answer.effects.some((e) => e.chance === 1);
  if (answer.doubt === null && !doubtful) return [];
  return [
    onRoutine(routine, {
      kind: 'definer-undecided',
      severity: 'medium',
      verdict: 'unknown',
      why: `The function runs as ${owner}; could not decide ${answer.doubt ?? answer.because ?? 'what it gives back'}.`,
    }),
  ];
}

function revoke(routine: Routine): string {
  const kind = routine.kind === 'procedure' ? 'procedure' : 'function';
  return `revoke execute on ${kind} ${routine.signature} from public;`;
}
