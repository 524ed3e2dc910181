/**
 * Reads what stands in the outbox, before it is sealed.
 *
 * Promises: never fails. SQL wrote the row, perhaps an attacker's: what is not an event becomes one that says
 * so and commits to the bytes that were there, so that nothing stalls the log and nothing is lost from it.
 */
import { createHash } from 'node:crypto';
import {
  type AuditActor,
  EVENT_BYTES_MAX,
  type EventSource,
  PERSON_TYPES,
  type PersonalField,
  type RecordedEvent,
  recordedEventSchema,
  type SubjectRef,
  sources,
} from './event.ts';
import { findParsedFault } from './json-bounds.ts';
import { parsePointer } from './json-pointer.ts';
import { isUsualEvent } from './usual-event.ts';

/** A row of `audit_pending`. */
export interface PendingEvent {
  readonly tenant: string;
  readonly id: string;
  /** When the database wrote it down, RFC 3339 in UTC, with milliseconds. */
  readonly recorded: string;
  /** `type:id`, from the verified context. */
  readonly actor: string | null;
  readonly source: string;
  readonly event: string;
}

/** A personal field with its pointer read. */
export interface PersonalPlace {
  readonly path: string;
  readonly parts: readonly string[];
  readonly subject: SubjectRef;
  /** Someone's id: the leaf has their pseudonym in its place. */
  readonly isId: boolean;
}

export interface ReadEvent {
  readonly tenant: string;
  readonly id: string;
  readonly recorded: string;
  readonly source: EventSource;
  readonly actor: AuditActor;
  /** Belongs to whoever seals it, who takes the personal values out of it. */
  readonly event: RecordedEvent;
  /**
   * The actor, when all that is personal stands in the usual places and is theirs; `personal` is empty then, and
   * `usual-leaf.ts` seals it.
   */
  readonly usual?: SubjectRef | undefined;
  /** Deepest first, so that a field inside another is taken out of it before. */
  readonly personal: readonly PersonalPlace[];
  /** The text it was read from. */
  readonly text: string;
}

const ACTOR = /^([a-z][a-z0-9_.]{0,63}):(.{1,256})$/s;
const UNKNOWN_ACTOR: AuditActor = { type: 'system', id: 'unknown' };
const TARGET_ID = /^\/targets\/(\d{1,2})\/id$/;
/** What tells about whoever sent the request. */
const SENDER_FIELDS = (['ip', 'userAgent', 'location', 'sessionId'] as const).map((name) => ({
  name,
  path: `/${name}`,
  parts: [name],
}));
const ACTOR_ID = ['actor', 'id'];
const ACTOR_NAME = ['actor', 'name'];

export function readPending(row: PendingEvent): ReadEvent {
  const fault = { text: '' };
  const event = parseEvent(row.event, fault);
  if (event === undefined) return unreadable(row, fault.text);
  const actor = readActor(row.actor);
  const name = event.actor?.name;
  const usual = isUsual(event, actor) ? actor : undefined;
  // Every event passes here: fields one by one, because spreading objects takes as long as parsing them.
  return {
    tenant: row.tenant,
    id: row.id,
    recorded: row.recorded,
    source: readSource(row.source),
    actor: name === undefined ? actor : { type: actor.type, id: actor.id, name },
    event,
    usual,
    personal: usual === undefined ? personalPlaces(event, actor) : [],
    text: row.event,
  };
}

/** A person acts, the event names nobody else, and it has nothing of which its catalogue says that it is personal. */
function isUsual(event: RecordedEvent, actor: AuditActor): boolean {
  if (!PERSON_TYPES.has(actor.type)) return false;
  if (event.personal !== undefined || event.time !== undefined || event.location !== undefined) {
    return false;
  }
  for (const { type } of event.targets) if (PERSON_TYPES.has(type)) return false;
  return true;
}

/** The event that stands for one that cannot be read, or whose leaf would be too long. */
export function unreadable(
  row: Omit<PendingEvent, 'actor'> & { actor: string | null | AuditActor },
  fault: string,
): ReadEvent {
  const bytes = Buffer.from(row.event);
  const actor =
    typeof row.actor === 'object' && row.actor !== null ? row.actor : readActor(row.actor);
  const event: RecordedEvent = {
    action: 'audit.unreadable',
    targets: [],
    outcome: 'failure',
    metadata: {
      bytes: bytes.length,
      fault,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    },
  };
  return {
    tenant: row.tenant,
    id: row.id,
    recorded: row.recorded,
    source: readSource(row.source),
    actor: { type: actor.type, id: actor.id },
    event,
    personal: personalPlaces(event, actor),
    text: row.event,
  };
}

const readSource = (source: string): EventSource =>
  sources.find((known) => known === source) ?? 'record';

function parseEvent(text: string, fault: { text: string }): RecordedEvent | undefined {
  const refuse = (why: string): undefined => {
    fault.text = why;
    return undefined;
  };
  // UTF-8 takes at most three bytes for what JavaScript counts as one.
  if (text.length * 3 > EVENT_BYTES_MAX && Buffer.byteLength(text) > EVENT_BYTES_MAX) {
    return refuse(`has more than ${EVENT_BYTES_MAX} bytes`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('is not JSON');
  }
  // First, because the schema's own walk is not bounded.
  const json = findParsedFault(value, text);
  if (json !== undefined) return refuse(`has a value that ${json.fault}`);
  if (isUsualEvent(value)) return value;
  const parsed = recordedEventSchema.safeParse(value);
  // The names of what is wrong stay out: whoever wrote the row chose them.
  return parsed.success ? parsed.data : refuse('has not the fields of an event');
}

/** Few people act at a time, each of them often; and one who is the same object is found sooner. */
const actors = new Map<string, AuditActor>();
const ACTORS_MAX = 2_000;

function readActor(text: string | null): AuditActor {
  const known = actors.get(text ?? '');
  if (known !== undefined) return known;
  const [, type, id] = ACTOR.exec(text ?? '') ?? [];
  const actor = type === undefined || id === undefined ? UNKNOWN_ACTOR : { type, id };
  if (actors.size === ACTORS_MAX) actors.clear();
  actors.set(text ?? '', actor);
  return actor;
}

/**
 * Every field that belongs to a person: those the event names, and without being named the actor, targets
 * that are people, and what tells about whoever sent the request.
 */
export function personalPlaces(event: RecordedEvent, actor: AuditActor): PersonalPlace[] {
  const places: PersonalPlace[] = [];
  const add = (path: string, parts: readonly string[], subject: SubjectRef, isId: boolean) => {
    // A handful: looking through them is quicker than a map.
    if (!places.some((place) => place.path === path)) places.push({ path, parts, subject, isId });
  };
  for (const { path, subject } of event.personal ?? []) addNamed(path, subject, event, add);
  let sender: SubjectRef | undefined;
  if (PERSON_TYPES.has(actor.type)) {
    sender = { type: actor.type, id: actor.id };
    add('/actor/id', ACTOR_ID, sender, true);
    if (event.actor?.name !== undefined) add('/actor/name', ACTOR_NAME, sender, false);
  }
  event.targets.forEach(({ type, id, name }, index) => {
    if (!PERSON_TYPES.has(type)) return;
    const subject = { type, id };
    // Of a request whose actor is no person (a failed sign-in), the person it is about.
    sender ??= subject;
    add(`/targets/${index}/id`, ['targets', `${index}`, 'id'], subject, true);
    if (name !== undefined)
      add(`/targets/${index}/name`, ['targets', `${index}`, 'name'], subject, false);
  });
  // Else whoever has the address, who can be named by it alone.
  if (event.ip !== undefined) sender ??= { type: 'address', id: event.ip };
  if (sender !== undefined) {
    for (const { name, path, parts } of SENDER_FIELDS) {
      if (name in event) add(path, parts, sender, false);
    }
  }
  return places.sort((a, b) => b.parts.length - a.parts.length);
}

function addNamed(
  path: PersonalField['path'],
  subject: SubjectRef,
  event: RecordedEvent,
  add: (path: string, parts: readonly string[], subject: SubjectRef, isId: boolean) => void,
): void {
  const parts = parsePointer(path);
  const [root] = parts ?? [];
  if (parts === undefined || root === undefined || !COMMITTABLE.has(root)) return;
  const index = TARGET_ID.exec(path)?.[1];
  if (index !== undefined) {
    const target = event.targets[Number(index)];
    // A target's own id stands for that target, whatever else was said.
    if (target !== undefined) add(path, parts, { type: target.type, id: target.id }, true);
    return;
  }
  if (root === 'targets' && parts[2] !== 'name') return;
  if (root === 'actor' && parts[1] !== 'name') return;
  add(path, parts, subject, false);
}

/** Where a personal value may stand: what an event is and when it was stays readable for all time. */
const COMMITTABLE: ReadonlySet<string> = new Set([
  'actor',
  'after',
  'before',
  'ip',
  'location',
  'metadata',
  'reason',
  'requestId',
  'sessionId',
  'targets',
  'userAgent',
]);
