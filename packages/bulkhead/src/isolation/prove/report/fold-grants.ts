/**
 * Findings that one careless GRANT makes on every table, told once a schema: Supabase's defaults alone give a
 * row for each table, between which a person would no longer see the others.
 *
 * Promises: folds only for reading; JSON, SARIF and the fix have every object.
 */
import type { ProvedObject } from '../model.ts';
import { isByGrantAlone, type Placed } from './order.ts';

/** One row of the report: a finding, and the objects that share it. */
export interface Folded extends Placed {
  readonly alike: readonly ProvedObject[];
}

/** Fewer are read at a glance. */
const FOLDED_MIN = 4;

/** @param marked what must not be mixed within a row, such as what a baseline knows */
export function foldGrants(
  findings: readonly Placed[],
  marked: (placed: Placed) => string,
): readonly Folded[] {
  const groups = new Map<string, Placed[]>();
  const keyOf = (placed: Placed): string => {
    const { at, finding } = placed;
    if (!isByGrantAlone(finding)) return JSON.stringify([at.object, at.type, finding]);
    const schema = at.object.slice(0, Math.max(0, at.object.indexOf('.')));
    return JSON.stringify([schema, finding.kind, finding.severity, at.verdict, marked(placed)]);
  };
  for (const placed of findings) {
    const key = keyOf(placed);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [placed]);
    else group.push(placed);
  }
  return [...groups.values()].flatMap((group): readonly Folded[] => {
    const [first] = group;
    if (first === undefined) return [];
    if (group.length < FOLDED_MIN) return group.map((one) => ({ ...one, alike: [one.at] }));
    return [{ ...first, alike: group.map(({ at }) => at) }];
  });
}

/** Objects at fault through nothing but such grants. */
export function countByGrantAlone(objects: readonly ProvedObject[]): number {
  return objects.filter(
    ({ verdict, findings }) =>
      verdict === 'leak' && findings.length > 0 && findings.every(isByGrantAlone),
  ).length;
}
