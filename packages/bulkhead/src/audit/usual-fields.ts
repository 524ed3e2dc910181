/**
 * The fields that an event has both as it is recorded and as it is read back, told at a glance to be of the usual
 * shape. The bounds are those of the schemas, which the tests of `usual-event.ts` and `usual-input.ts` hold
 * against them.
 */
import { isIP } from 'node:net';
import { outcomes, TARGETS_MAX } from './event.ts';

/** How either side tells a text and an object: what was parsed from JSON needs less of a look than a caller's. */
export interface Glance {
  isText(value: unknown, lengthMax: number): boolean;
  isPlainObject(value: unknown): value is Record<string, unknown>;
}

const TYPE = /^[a-z][a-z0-9_.]{0,63}$/;
const OUTCOMES: ReadonlySet<unknown> = new Set(outcomes);
const NAME_LENGTH_MAX = 256;

export function isUsualField(key: string, value: unknown, glance: Glance): boolean {
  switch (key) {
    case 'outcome':
      return OUTCOMES.has(value);
    case 'targets':
      if (!Array.isArray(value) || value.length > TARGETS_MAX) return false;
      for (const target of value) if (!isTarget(target, glance)) return false;
      return true;
    case 'actor':
      return isNamed(value, glance);
    case 'ip':
      return (
        glance.isText(value, 45) && isIP(value as string) !== 0 && !String(value).includes('%')
      );
    case 'userAgent':
      return glance.isText(value, 512);
    case 'requestId':
      return glance.isText(value, 128);
    case 'sessionId':
      return glance.isText(value, 256);
    case 'reason':
      return glance.isText(value, 1000);
    default:
      return false;
  }
}

function isTarget(value: unknown, glance: Glance): boolean {
  if (!glance.isPlainObject(value)) return false;
  for (const key of Object.keys(value)) {
    if (key !== 'type' && key !== 'id' && key !== 'name') return false;
  }
  const { type, id, name } = value;
  return (
    typeof type === 'string' &&
    TYPE.test(type) &&
    glance.isText(id, 256) &&
    (name === undefined || glance.isText(name, NAME_LENGTH_MAX))
  );
}

function isNamed(value: unknown, glance: Glance): boolean {
  if (!glance.isPlainObject(value)) return false;
  for (const key of Object.keys(value)) if (key !== 'name') return false;
  return value.name === undefined || glance.isText(value.name, NAME_LENGTH_MAX);
}
