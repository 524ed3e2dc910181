/**
 * Columns that name a thing as far as their type and name tell, though no foreign key says so: whoever writes
 * them may name another tenant's.
 */
import type { Column } from '../catalog/model.ts';
import type { World } from '../world.ts';
import { type Colour, only, type Possible } from './value.ts';

const NAMES_SOMEONE =
  /(^|_)(tenant|org|organi[sz]ation|workspace|account|company|customer|team|user|member|viewer|target|grantee|scope|slug|owner|email)(_|$)/i;

export function looksLikeReference({ name, type, generated }: Column): boolean {
  return generated === null && (type === 'uuid' || /(^|_)id$/i.test(name));
}

/** The same, where tenants or their people may be named by text or number. */
export function mayNameSomeone(world: World, column: Column): boolean {
  if (looksLikeReference(column)) return true;
  const { name, type, generated } = column;
  return generated === null && type === world.convention.tenantType && NAMES_SOMEONE.test(name);
}

export function thingOf(colour: Colour, { name, type }: Column): Possible {
  return only({ kind: 'coloured', colour, identity: `new.${name}`, type, context: false });
}
