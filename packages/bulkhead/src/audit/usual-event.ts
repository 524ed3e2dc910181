/**
 * Tells at a glance that a parsed event is one of the usual shape, on the sequencer's hot path: the schema says
 * the same at five times the cost.
 *
 * Promises: what passes here passes `recordedEventSchema` (a test holds one against the other). What does not
 * is the schema's to judge. Its texts must have been found whole by `findJsonFault` before.
 */
import { ACTION, type RecordedEvent } from './event.ts';
import { type Glance, isUsualField } from './usual-fields.ts';

const parsed: Glance = {
  isText: (value, lengthMax) =>
    typeof value === 'string' && value.length > 0 && value.length <= lengthMax,
  isPlainObject,
};

export function isUsualEvent(value: unknown): value is RecordedEvent {
  if (!isPlainObject(value)) return false;
  let required = 0;
  for (const key of Object.keys(value)) {
    const member = value[key];
    switch (key) {
      case 'action':
        if (!parsed.isText(member, 100) || !ACTION.test(member as string)) return false;
        required += 1;
        break;
      case 'metadata':
      case 'before':
      case 'after':
        if (!isPlainObject(member)) return false;
        break;
      default:
        if (!isUsualField(key, member, parsed)) return false;
        if (key === 'outcome' || key === 'targets') required += 1;
    }
  }
  return required === 3;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
