/**
 * Tells at a glance that a parsed event is one of the usual shape, on the sequencer's hot path: the schema says
 * the same at five times the cost.
 *
 * Promises: what passes here passes `recordedEventSchema` (a test holds one against the other). What does not
 * is the schema's to judge. Its texts must have been found whole by `findJsonFault` before.
 */
import { isIP } from 'node:net';
import { ACTION, outcomes, type RecordedEvent, TARGETS_MAX } from './event.ts';

const TYPE = /^[a-z][a-z0-9_.]{0,63}$/;
const OUTCOMES: ReadonlySet<unknown> = new Set(outcomes);

export function isUsualEvent(value: unknown): value is RecordedEvent {
  if (!isPlainObject(value)) return false;
  let required = 0;
  for (const key of Object.keys(value)) {
    const member = value[key];
    switch (key) {
      case 'action':
        if (!isText(member, 100) || !ACTION.test(member)) return false;
        required += 1;
        break;
      case 'outcome':
        if (!OUTCOMES.has(member)) return false;
        required += 1;
        break;
      case 'targets':
        if (!Array.isArray(member) || member.length > TARGETS_MAX || !member.every(isTarget)) {
          return false;
        }
        required += 1;
        break;
      case 'actor':
        if (!isPlainObject(member) || !hasOnlyName(member)) return false;
        break;
      case 'ip':
        if (!isText(member, 45) || isIP(member) === 0 || member.includes('%')) return false;
        break;
      case 'userAgent':
        if (!isText(member, 512)) return false;
        break;
      case 'requestId':
        if (!isText(member, 128)) return false;
        break;
      case 'sessionId':
        if (!isText(member, 256)) return false;
        break;
      case 'reason':
        if (!isText(member, 1000)) return false;
        break;
      case 'metadata':
      case 'before':
      case 'after':
        if (!isPlainObject(member)) return false;
        break;
      default:
        return false;
    }
  }
  return required === 3;
}

function isTarget(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  for (const key of Object.keys(value)) {
    if (key !== 'type' && key !== 'id' && key !== 'name') return false;
  }
  const { type, id, name } = value;
  return (
    typeof type === 'string' &&
    TYPE.test(type) &&
    isText(id, 256) &&
    (name === undefined || isText(name, 256))
  );
}

function hasOnlyName(value: Record<string, unknown>): boolean {
  for (const key of Object.keys(value)) if (key !== 'name') return false;
  return value.name === undefined || isText(value.name, 256);
}

function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= lengthMax;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
