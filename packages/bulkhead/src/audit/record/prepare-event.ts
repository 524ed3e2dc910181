/**
 * Turns what a caller gives into what the outbox takes.
 *
 * Promises: what comes out is within all bounds and of the catalogue; what is wrong is said with its place
 * and without its value. Changes nothing that it is given.
 */
import { randomFillSync } from 'node:crypto';
import { z } from 'zod';
import { configFaults } from '../../kernel/config/index.ts';
import { canonicalJson, type JsonObject } from '../canonical-json.ts';
import { builtInActions } from '../catalogue/built-in-actions.ts';
import type { ActionCatalogue, CheckedAction, CheckedWhose } from '../catalogue/define-actions.ts';
import { expandPath } from '../catalogue/field-path.ts';
import { auditError } from '../errors.ts';
import {
  EVENT_BYTES_MAX,
  fieldSchemas,
  PERSON_TYPES,
  PERSONAL_FIELDS_MAX,
  type PersonalField,
  type RecordedEvent,
  type SubjectRef,
  TIME_MS_MAX,
} from '../event.ts';
import { findJsonFault } from '../json-bounds.ts';
import { formatPointer, valueAt } from '../json-pointer.ts';
import { hasWholeCharacters } from '../whole-characters.ts';
import { isUsualInput, usualText } from './usual-input.ts';

/** What the surroundings say of an event: the verified context and the request. */
export interface Surroundings {
  readonly actor: {
    readonly type: string;
    readonly id: string;
    readonly name?: string | undefined;
  };
  readonly requestId?: string | undefined;
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly reason?: string | undefined;
}

/** A row for the outbox, but for what the database adds. */
export interface PreparedEvent {
  readonly id: string;
  readonly class: string;
  /** Canonical JSON of a `RecordedEvent`. */
  readonly text: string;
}

const inputSchema = z.strictObject({
  ...fieldSchemas,
  action: z.string(),
  id: z.guid('must be a UUID').optional(),
  time: z.union([z.date(), z.iso.datetime({ offset: true })]).optional(),
  actor: z
    .strictObject({
      name: z
        .string()
        .min(1)
        .max(256)
        .refine(hasWholeCharacters, 'must hold whole Unicode characters')
        .optional(),
    })
    .optional(),
  targets: fieldSchemas.targets.default([]),
  outcome: fieldSchemas.outcome.default('success'),
  metadata: z.unknown().optional(),
});

/**
 * @throws `audit.action_unknown`, `audit.event_invalid`, `audit.event_too_large`
 */
export function prepareEvent(
  catalogue: ActionCatalogue | undefined,
  given: unknown,
  around: Surroundings,
): PreparedEvent {
  const action = findAction(catalogue, given);
  if (
    action.personal.length === 0 &&
    action.people.size === PERSON_TYPES.size &&
    isUsualInput(given)
  ) {
    const checked = checkMetadata(action, given.metadata);
    const text = usualText(action.name, given, checked, around);
    return { id: newEventId(), class: action.class, text: bounded(action, text) };
  }
  return prepareUnusual(action, given, around);
}

/** The same by the schema. */
export function prepareUnusual(
  action: CheckedAction,
  given: unknown,
  around: Surroundings,
): PreparedEvent {
  const parsed = inputSchema.safeParse(given);
  if (!parsed.success) {
    const faults = configFaults(parsed.error, given).map(({ path, fault }) => `${path}: ${fault}`);
    throw invalid(action.name, faults);
  }
  const { id, time, metadata, action: _, ...fields } = parsed.data;
  const checked = checkMetadata(action, metadata);
  const event: RecordedEvent = {
    action: action.name,
    ...fields,
    actor: named(fields.actor?.name ?? around.actor.name),
    ip: fields.ip ?? around.ip,
    userAgent: fields.userAgent ?? around.userAgent,
    requestId: fields.requestId ?? around.requestId,
    reason: fields.reason ?? around.reason,
    ...(time !== undefined && { time: readTime(action.name, time) }),
    ...(checked !== undefined && { metadata: checked }),
  };
  const personal = personalFields(action, event, around.actor);
  const text = canonicalJson(personal.length === 0 ? event : { ...event, personal });
  return {
    id: id?.toLowerCase() ?? newEventId(),
    class: action.class,
    text: bounded(action, text),
  };
}

function bounded(action: CheckedAction, text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= EVENT_BYTES_MAX) return text;
  throw auditError('audit.event_too_large', {
    message: `${action.name} would have ${bytes} bytes; an event has at most ${EVENT_BYTES_MAX}.`,
  });
}

export function findAction(catalogue: ActionCatalogue | undefined, given: unknown): CheckedAction {
  const name =
    typeof given === 'object' && given !== null && 'action' in given ? given.action : undefined;
  if (typeof name !== 'string') throw invalid('an event', ['action: is required']);
  const action = (catalogue ?? builtInActions).actions.get(name);
  if (action !== undefined) return action;
  // A name of the catalogue's form tells nothing that the app's own code does not hold.
  const shown = /^[a-z0-9_.]{1,100}$/.test(name) ? ` ${name}` : '';
  throw auditError('audit.action_unknown', { message: `The action${shown} is in no catalogue.` });
}

function invalid(action: string, faults: readonly string[]) {
  return auditError('audit.event_invalid', {
    message: `${action} cannot be recorded: ${faults.join('; ')}.`,
  });
}

const named = (name: string | undefined) => (name === undefined ? undefined : { name });

function readTime(action: string, time: Date | string): string {
  const ms = typeof time === 'string' ? Date.parse(time) : time.getTime();
  if (!(ms >= 0 && ms <= TIME_MS_MAX)) {
    throw invalid(action, ['time: must be a moment between 1970 and 9999']);
  }
  return new Date(ms).toISOString();
}

function checkMetadata(action: CheckedAction, given: unknown): JsonObject | undefined {
  const bounded = (value: unknown): void => {
    const found = findJsonFault(value);
    if (found !== undefined) throw invalid(action.name, [`metadata${found.path}: ${found.fault}`]);
  };
  // Before the schema, whose own walk is not bounded; and after it, because a schema may transform.
  if (given !== undefined) bounded(given);
  let metadata = given;
  if (action.metadata !== undefined) {
    const parsed = action.metadata.safeParse(given);
    if (!parsed.success) {
      const faults = configFaults(parsed.error, given);
      throw invalid(
        action.name,
        faults.map(({ path, fault }) => `metadata${path === '' ? '' : `.${path}`}: ${fault}`),
      );
    }
    metadata = parsed.data;
    if (metadata !== undefined) bounded(metadata);
  }
  if (metadata === undefined) return undefined;
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw invalid(action.name, ['metadata: must be an object']);
  }
  // It was just found to be plain JSON.
  return metadata as JsonObject;
}

function personalFields(
  action: CheckedAction,
  event: RecordedEvent,
  actor: SubjectRef,
): PersonalField[] {
  const fields: PersonalField[] = [];
  for (const { path, whose } of action.personal) {
    for (const place of expandPath(event, path)) {
      const subject = subjectOf(action, event, actor, whose, path);
      fields.push({ path: formatPointer(place), subject });
    }
  }
  for (const [index, { type, id, name }] of event.targets.entries()) {
    // People of Bulkhead's own types are known to whoever seals.
    if (PERSON_TYPES.has(type) || !action.people.has(type)) continue;
    fields.push({ path: `/targets/${index}/id`, subject: { type, id } });
    if (name !== undefined) fields.push({ path: `/targets/${index}/name`, subject: { type, id } });
  }
  if (fields.length > PERSONAL_FIELDS_MAX) {
    throw invalid(action.name, [
      `personal fields: at most ${PERSONAL_FIELDS_MAX}, not ${fields.length}`,
    ]);
  }
  return fields;
}

function subjectOf(
  action: CheckedAction,
  event: RecordedEvent,
  actor: SubjectRef,
  whose: CheckedWhose,
  path: readonly string[],
): SubjectRef {
  const missing = (what: string) =>
    invalid(action.name, [`${path.join('.')}: is personal, and ${what}`]);
  switch (whose.kind) {
    case 'actor':
      return { type: actor.type, id: actor.id };
    case 'target': {
      const target = event.targets.find(
        ({ type }) => whose.type === undefined || type === whose.type,
      );
      if (target === undefined) {
        throw missing(
          `there is no target${whose.type === undefined ? '' : ` of type ${whose.type}`} whose it is`,
        );
      }
      return { type: target.type, id: target.id };
    }
    case 'field': {
      const id = valueAt(event, whose.path);
      if (
        (typeof id !== 'string' && typeof id !== 'number') ||
        `${id}` === '' ||
        `${id}`.length > 256
      ) {
        throw missing(`${whose.path.join('.')} does not say whose it is`);
      }
      return { type: whose.type, id: `${id}` };
    }
  }
}

const idPage = Buffer.allocUnsafe(4_096);
let idUsed = idPage.length;

/** A UUID of version 7: events of one process have ids in order, which is kind to the index over them. */
export function newEventId(nowMs: number = Date.now()): string {
  if (idUsed === idPage.length) {
    randomFillSync(idPage);
    idUsed = 0;
  }
  const bytes = idPage.subarray(idUsed, idUsed + 16);
  idUsed += 16;
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
