/**
 * The catalogue of an app's actions: what it records, what free metadata looks like, and what of it is
 * personal and whose.
 *
 * Promises: an action that is not in the catalogue is not recorded, and what belongs to a person is declared
 * where the action is, not where it happens. A fault in the catalogue shows when it is made.
 */
import { z } from 'zod';
import type { JsonObject } from '../canonical-json.ts';
import { auditError } from '../errors.ts';
import { actionSchema, classSchema, PERSON_TYPES } from '../event.ts';
import { parseFieldPath } from './field-path.ts';

/**
 * Whose a personal field is: the actor's, that of the first target (of a type, if one is named), or that of
 * somebody whose id stands in another field.
 */
export type Whose =
  | 'actor'
  | 'target'
  | `target:${string}`
  | { readonly type: string; readonly id: string };

export interface ActionDefinition {
  /** One sentence for whoever reads the log. */
  readonly description: string;
  /** A zod schema of an object; without one, metadata is free. An object's unknown keys are refused. */
  readonly metadata?: z.ZodType | undefined;
  /**
   * Fields that the log only commits to, and whose they are: `{ 'metadata.email': 'target' }`. `*` stands for
   * every element of a list or member of an object. The names of people, and what tells about the sender of a
   * request (ip, userAgent, location, sessionId), need no mention.
   */
  readonly personal?: Readonly<Record<string, Whose>> | undefined;
  /** Types of targets that are people, besides `user` and `operator`. */
  readonly people?: readonly string[] | undefined;
  /** The retention class, which has a log of its own; `standard` unless given. */
  readonly class?: string | undefined;
}

export type ActionDefinitions = Readonly<Record<string, ActionDefinition>>;

declare const definitions: unique symbol;
/** A checked catalogue; made by `defineActions` alone. */
export interface ActionCatalogue<A extends ActionDefinitions = ActionDefinitions> {
  readonly actions: ReadonlyMap<string, CheckedAction>;
  /** Carries the types; has no value. */
  readonly [definitions]?: A;
}

/** The definitions that a catalogue was made of, for the type of `bulkhead.audit`. */
export type ActionsOf<C> = C extends ActionCatalogue<infer A> ? A : never;

export interface CheckedAction {
  readonly name: string;
  readonly description: string;
  readonly class: string;
  readonly metadata: z.ZodType | undefined;
  readonly personal: readonly { readonly path: readonly string[]; readonly whose: CheckedWhose }[];
  readonly people: ReadonlySet<string>;
}

export type CheckedWhose =
  | { readonly kind: 'actor' }
  | { readonly kind: 'target'; readonly type: string | undefined }
  | { readonly kind: 'field'; readonly type: string; readonly path: readonly string[] };

/** The metadata that an action takes. */
export type MetadataOf<D extends ActionDefinition> = D extends {
  metadata: infer M extends z.ZodType;
}
  ? undefined extends z.input<M>
    ? { readonly metadata?: z.input<M> }
    : { readonly metadata: z.input<M> }
  : { readonly metadata?: JsonObject };

/**
 * Makes a catalogue.
 *
 * @throws `audit.actions_invalid` naming every fault.
 *
 * @example
 * const actions = defineActions({
 *   'note.shared': {
 *     description: 'A note was shared with somebody outside.',
 *     metadata: z.strictObject({ email: z.email(), role: z.enum(['reader', 'writer']) }),
 *     personal: { 'metadata.email': 'target:guest' },
 *     people: ['guest'],
 *   },
 * });
 */
export function defineActions<const A extends ActionDefinitions>(given: A): ActionCatalogue<A> {
  return checkActions(given, builtInName);
}

/** The same without keeping Bulkhead's own names free; for the catalogue that has them. */
export function checkActions<A extends ActionDefinitions>(
  given: A,
  isTaken: (name: string) => boolean,
): ActionCatalogue<A> {
  const faults: string[] = [];
  const actions = new Map<string, CheckedAction>();
  for (const [name, definition] of Object.entries(given)) {
    const fault = (text: string): void => void faults.push(`${name}: ${text}`);
    if (!actionSchema.safeParse(name).success) {
      fault('an action is words in lower case joined by dots, such as note.created');
    } else if (isTaken(name)) {
      fault("the name is one of Bulkhead's own");
    }
    const action = checkAction(name, definition, fault);
    if (action !== undefined) actions.set(name, action);
  }
  if (faults.length > 0) {
    throw auditError('audit.actions_invalid', {
      message: `The catalogue of actions has faults:\n${faults.map((line) => `  ${line}`).join('\n')}`,
    });
  }
  return { actions };
}

/** Words that Bulkhead's own actions begin with. */
const OWN_WORDS = new Set([
  'access',
  'audit',
  'context_key',
  'grant',
  'group',
  'member',
  'node',
  'operator',
  'ownership',
  'request',
  'role',
  'row',
  'session',
  'statement',
  'subject',
  'table',
  'tenant',
]);
const builtInName = (name: string): boolean => OWN_WORDS.has(name.split('.')[0] ?? '');

const definitionSchema = z.strictObject({
  description: z.string().min(1).max(300),
  metadata: z.custom<z.ZodType>(isSchema).optional(),
  personal: z
    .record(
      z.string(),
      z.union([
        z.string().regex(/^(?:actor|target(?::[a-z][a-z0-9_.]{0,63})?)$/),
        z.strictObject({ type: z.string(), id: z.string() }),
      ]),
    )
    .optional(),
  people: z
    .array(z.string().regex(/^[a-z][a-z0-9_.]{0,63}$/))
    .max(20)
    .optional(),
  class: classSchema.optional(),
});

function isSchema(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'safeParse' in value;
}

function checkAction(
  name: string,
  definition: ActionDefinition,
  fault: (text: string) => void,
): CheckedAction | undefined {
  const parsed = definitionSchema.safeParse(definition);
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) fault(`${path.join('.')}: ${message}`);
    return undefined;
  }
  const personal: CheckedAction['personal'][number][] = [];
  for (const [field, whose] of Object.entries(definition.personal ?? {})) {
    const path = parseFieldPath(field);
    const checked = checkWhose(whose);
    if (path === undefined) fault(`personal: ${field} is no field that the log could commit to`);
    else if (checked === undefined) fault(`personal: ${field} names an id that is no field`);
    else personal.push({ path, whose: checked });
  }
  return {
    name,
    description: definition.description,
    class: definition.class ?? 'standard',
    metadata: definition.metadata && refusingUnknownKeys(definition.metadata),
    personal,
    people: new Set([...PERSON_TYPES, ...(definition.people ?? [])]),
  };
}

function checkWhose(whose: Whose): CheckedWhose | undefined {
  if (whose === 'actor') return { kind: 'actor' };
  if (typeof whose === 'string') {
    return { kind: 'target', type: whose === 'target' ? undefined : whose.slice('target:'.length) };
  }
  const path = parseFieldPath(whose.id);
  return path === undefined || path.includes('*')
    ? undefined
    : { kind: 'field', type: whose.type, path };
}

/** What an object schema would silently drop, it refuses here: a misspelt key is a fault, not a loss. */
function refusingUnknownKeys(schema: z.ZodType): z.ZodType {
  const object = schema as Partial<z.ZodObject>;
  const isPlain = object.def?.type === 'object' && object.def.catchall === undefined;
  return isPlain && object.strict !== undefined ? object.strict() : schema;
}
