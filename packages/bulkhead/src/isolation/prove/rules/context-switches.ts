/**
 * Functions that set the context's own setting to a tenant that their caller names: whoever may send SQL as
 * the app's role calls them too. A setter that only trusted code calls belongs to a role of its own.
 */
import type { Routine } from '../catalog/model.ts';
import { newEnvironment, newSession } from '../logic/environment.ts';
import { argumentSets } from '../logic/judge-routine.ts';
import { run } from '../logic/routine-call.ts';
import { ask } from '../logic/too-large.ts';
import type { Possible, Value } from '../logic/value.ts';
import type { Rule, World } from '../world.ts';
import { callOf, onRoutine, readExploit } from './finding.ts';

export const contextSwitches: Rule = function* (world) {
  // A signature cannot be set.
  if (world.convention.kind === 'signed') return;
  for (const oid of world.surface.routines) {
    const routine = world.catalog.routines.get(oid);
    if (routine === undefined || routine.extension !== null || !mentionsSetting(routine)) continue;
    if (/^(event_)?trigger$/.test(routine.returns)) continue;
    yield null;
    const setting = world.convention.trustedSettings.find((name) => switches(world, routine, name));
    if (setting === undefined) continue;
    yield onRoutine(routine, {
      kind: 'switches-context',
      severity: 'medium',
      why: `The function sets ${setting} to the tenant that its caller names, and ${world.surface.role.name} may call it: any statement sent as that role may become any tenant first.`,
      exploit: [`select ${callOf(routine)};`, someRead(world)].filter(Boolean).join('\n'),
      fix: null,
    });
  }
};

const mentionsSetting = ({ source, sqlBody }: Routine): boolean =>
  /\bset_config\b|\bset\s+(local\s+|session\s+)?"?\w+"?\./i.test(`${source} ${sqlBody ?? ''}`);

/** Is the setting another tenant's after a call with some arguments? */
function switches(world: World, routine: Routine, setting: string): boolean {
  return argumentSets(routine).some((args) => {
    const variables = new Map<string, Possible>();
    const env = newEnvironment(newSession(world, 'present'), world.surface.role.oid);
    // What is too large to follow is told of where functions are judged.
    ask(env.session, () =>
      run({ ...env, scope: { sources: [], variables, parent: null } }, routine, args),
    );
    const left = variables.get(`set ${setting.toLowerCase()}`) ?? [];
    return left.some(({ value, chance }) => chance === 2 && isAnother(value));
  });
}

const isAnother = (value: Value): boolean =>
  value.kind === 'chosen' || value.kind === 'coloured'
    ? value.colour === 'A' || (value.kind === 'chosen' && value.colour === null)
    : value.kind === 'constant' && value.text !== '';

function someRead(world: World): string | null {
  for (const { relation } of world.surface.relations.values()) {
    if (
      world.tenancy.get(relation.oid)?.kind === 'tenant' &&
      world.surface.can(relation.oid, 'select')
    )
      return readExploit(world, relation);
  }
  return null;
}
