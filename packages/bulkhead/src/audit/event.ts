/**
 * The event in its three shapes: as it is recorded, as the log commits to it, and as it is read.
 *
 * `RecordedEvent`  what a caller or a trigger wrote, whole; lies in the outbox until it is sequenced
 * `SealedEvent`    the leaf: no personal value in it, only commitments and pseudonyms
 * `AuditEvent`     the leaf with what could be opened put back; what readers and exports are given
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import type { JsonObject } from './canonical-json.ts';
import { hasWholeCharacters } from './whole-characters.ts';

/** The operators' own log: what belongs to no tenant. */
export const OPERATORS_LOG = '00000000-0000-0000-0000-000000000000';

/** A leaf's length is a 16-bit number in a tile of entries (C2SP tlog-tiles). */
export const LEAF_BYTES_MAX = 65_535;
/** What is left of it for what sealing adds: a commitment for each personal field. */
export const EVENT_BYTES_MAX = 32_768;
export const TARGETS_MAX = 32;
export const PERSONAL_FIELDS_MAX = 64;
/** Of metadata, and of a row's old and new values. */
export const JSON_DEPTH_MAX = 12;
export const JSON_NODES_MAX = EVENT_BYTES_MAX / 2;
export const KEY_LENGTH_MAX = 128;

/** Actors and targets of these types are people: the log knows them by pseudonym. */
export const PERSON_TYPES: ReadonlySet<string> = new Set(['user', 'operator']);

/** What wrote an event: the app and its middleware, a trigger of a tracked table, or staff and the system. */
export const sources = ['record', 'row', 'operator'] as const;
export type EventSource = (typeof sources)[number];

export const outcomes = ['success', 'failure', 'denied'] as const;
export type Outcome = (typeof outcomes)[number];

export interface AuditActor {
  readonly type: string;
  readonly id: string;
  readonly name?: string | undefined;
}

export interface AuditTarget {
  readonly type: string;
  readonly id: string;
  readonly name?: string | undefined;
}

export interface AuditLocation {
  /** ISO 3166-1 alpha-2, such as DE. */
  readonly country?: string | undefined;
  readonly region?: string | undefined;
  readonly city?: string | undefined;
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
}

/** Whose personal data something is: someone's type and id in the app. */
export interface SubjectRef {
  readonly type: string;
  readonly id: string;
}

/** One field that the log may only commit to. A target's `id` becomes a pseudonym; all else a commitment. */
export interface PersonalField {
  /** A JSON pointer into the event, such as `/metadata/email`. */
  readonly path: string;
  readonly subject: SubjectRef;
}

/** What an event says, in all of its shapes. */
export interface EventFields {
  /** `note.created`: from the app's catalogue or Bulkhead's own. */
  readonly action: string;
  readonly targets: readonly AuditTarget[];
  readonly outcome: Outcome;
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly location?: AuditLocation | undefined;
  readonly requestId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly reason?: string | undefined;
  readonly metadata?: JsonObject | undefined;
  /** A tracked row before the change: of an update, the columns that changed and the key. */
  readonly before?: JsonObject | undefined;
  readonly after?: JsonObject | undefined;
}

/**
 * What stands in `audit_pending.event`, as canonical JSON. Tenant and actor are not in it: they stand beside
 * it, verified by the database. Without a time, the event's is that of the database's clock.
 */
export interface RecordedEvent extends EventFields {
  /** When it happened, as the caller says. */
  readonly time?: string | undefined;
  /** How people know the actor. */
  readonly actor?: { readonly name?: string | undefined } | undefined;
  readonly personal?: readonly PersonalField[] | undefined;
}

/** A leaf of a tenant's log; `leafText` writes it. Keys in a leaf are in the order of RFC 8785. */
export interface SealedEvent extends EventFields {
  readonly v: 1;
  readonly id: string;
  readonly tenant: string;
  readonly source: EventSource;
  /** When it happened, RFC 3339 in UTC, with milliseconds. */
  readonly time: string;
  /** When the database wrote it down. */
  readonly recorded: string;
  /** What a caller said whose clock is ahead of the database's by more than five minutes. */
  readonly claimedTime?: string | undefined;
  readonly actor: AuditActor;
  /** By JSON pointer: base64 of HMAC-SHA256(salt, value); a text by its UTF-8, all else as canonical JSON. */
  readonly commitments?: Readonly<Record<string, string>> | undefined;
  /** Pointers of commitments whose value is JSON other than a text. */
  readonly committedJson?: readonly string[] | undefined;
  /** Pointers of ids that are pseudonyms. */
  readonly pseudonyms?: readonly string[] | undefined;
}

/** Why a personal value is not there: its key is gone, or the reader may not open it. */
export type Closed = 'erased' | 'sealed';

/** An event as it is read: fields that could be opened stand in their places again. */
export interface AuditEvent extends SealedEvent {
  /** The retention class, which together with the tenant names the log. */
  readonly class: string;
  readonly leafIndex: number;
  /** By JSON pointer, what could not be opened. A closed id reads as its pseudonym. */
  readonly closed?: Readonly<Record<string, Closed>> | undefined;
}

/** Half a surrogate pair has no UTF-8, and PostgreSQL has no NUL. */
const wholeText = (text: string): boolean => hasWholeCharacters(text) && !text.includes('\0');
const UNWRITABLE = 'must hold whole Unicode characters and no NUL';

const text = (lengthMax: number) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(lengthMax, `must have at most ${lengthMax} characters`)
    .refine(wholeText, UNWRITABLE);

export const ACTION = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+$/;
export const actionSchema = z
  .string()
  .max(100, 'must have at most 100 characters')
  .regex(ACTION, 'must be words in lower case joined by dots, such as note.created');

export const classSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be a word of at most 32 lower-case letters and digits');

const typeSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_.]{0,63}$/, 'must be a word of at most 64 lower-case letters and digits');

export const subjectSchema = z.strictObject({ type: typeSchema, id: text(256) });

export const targetSchema = z.strictObject({
  type: typeSchema,
  id: text(256),
  name: text(256).optional(),
});

const locationSchema = z.strictObject({
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be two capital letters')
    .optional(),
  region: text(128).optional(),
  city: text(128).optional(),
  latitude: z.number().min(-90, 'must be at least -90').max(90, 'must be at most 90').optional(),
  longitude: z
    .number()
    .min(-180, 'must be at least -180')
    .max(180, 'must be at most 180')
    .optional(),
});

/** From the epoch to the last year that RFC 3339 can write. */
export const TIME_MS_MAX = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const timeSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, 'must be RFC 3339 in UTC')
  .refine((value) => {
    const ms = Date.parse(value);
    return ms >= 0 && ms <= TIME_MS_MAX && new Date(ms).toISOString() === value;
  }, 'must be a moment between 1970 and 9999');

/** Bounds of JSON inside an event are checked by `json-bounds.ts`. */
const objectSchema = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject>;

export const fieldSchemas = {
  targets: z.array(targetSchema).max(TARGETS_MAX, `must hold at most ${TARGETS_MAX}`),
  outcome: z.enum(outcomes),
  ip: z
    .string()
    .max(45, 'must have at most 45 characters')
    .refine((value) => isIP(value) !== 0 && !value.includes('%'), 'must be an IP address')
    .optional(),
  userAgent: text(512).optional(),
  location: locationSchema.optional(),
  requestId: text(128).optional(),
  sessionId: text(256).optional(),
  reason: text(1000).optional(),
};

const personalSchema = z.strictObject({
  path: z
    .string()
    .max(512, 'must have at most 512 characters')
    .regex(/^\/(?:[^~]|~[01])*$/, 'must be a JSON pointer')
    .refine(wholeText, UNWRITABLE),
  subject: subjectSchema,
});

/** What the outbox may hold. Everything in it is checked again when it is read: SQL wrote it. */
export const recordedEventSchema: z.ZodType<RecordedEvent> = z.strictObject({
  action: actionSchema,
  ...fieldSchemas,
  time: timeSchema.optional(),
  actor: z.strictObject({ name: text(256).optional() }).optional(),
  metadata: objectSchema.optional(),
  before: objectSchema.optional(),
  after: objectSchema.optional(),
  personal: z
    .array(personalSchema)
    .max(PERSONAL_FIELDS_MAX, `must hold at most ${PERSONAL_FIELDS_MAX}`)
    .optional(),
});
