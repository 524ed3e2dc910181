/**
 * The functions that verify Bulkhead's signed context, known by their text and by how they run.
 *
 * Promises: a function of that name with another byte in it is taken for what it does, not for what it is
 * called. A later version of a function is a line more; the earlier one stays, since databases have it.
 */
import { createHash } from 'node:crypto';
import type { Routine } from './catalog/model.ts';

const GENUINE: ReadonlyMap<string, readonly string[]> = new Map([
  ['bulkhead.tenant_id()', ['03684aa641716fcc46e456a045d4e0fd0530dea8c761f4aab41df1495bc11203']],
  ['bulkhead.actor()', ['be06624ee2d164cd561bd438ed35679d8112bd7a9ba11a64fae772a7481f81ec']],
]);

/** Is it the very function that was read, with the rights and the path that it was read with? */
export function isGenuine(routine: Routine): boolean {
  let answer = answers.get(routine);
  if (answer === undefined) {
    answer = looksGenuine(routine);
    answers.set(routine, answer);
  }
  return answer;
}

/** Every policy asks, for every row that is tried. */
const answers = new WeakMap<Routine, boolean>();

function looksGenuine(routine: Routine): boolean {
  const known = GENUINE.get(routine.signature);
  if (known === undefined || !routine.securityDefiner || routine.language !== 'plpgsql')
    return false;
  if (routine.config.get('search_path') !== 'pg_catalog, pg_temp') return false;
  return known.includes(createHash('sha256').update(routine.source).digest('hex'));
}

/** A body that checks a signature in a way of its own: whether it holds is not for us to say. */
export const checksSignature = ({ source, sqlBody }: Routine): boolean =>
  /\b(sha\d{3}|hmac|digest|crypt|verify\w*)\s*\(/i.test(`${source} ${sqlBody ?? ''}`);
