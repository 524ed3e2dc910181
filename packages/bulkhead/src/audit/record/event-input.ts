/** What `record` and `enqueue` take. */
import type { builtInDefinitions } from '../catalogue/built-in-actions.ts';
import type {
  ActionDefinition,
  ActionDefinitions,
  MetadataOf,
} from '../catalogue/define-actions.ts';
import type { AuditLocation, AuditTarget, Outcome } from '../event.ts';

export interface EventFieldsInput {
  /** A UUID; a second event of the same id and tenant is dropped, so that a repeated job records once. */
  readonly id?: string | undefined;
  /** When it happened, if not now. Ahead of the database's clock by over five minutes, it counts as now. */
  readonly time?: Date | string | undefined;
  /** How people know the actor; who acts is always the actor of the verified context. */
  readonly actor?: { readonly name?: string | undefined } | undefined;
  readonly targets?: readonly AuditTarget[] | undefined;
  /** `success` unless given. */
  readonly outcome?: Outcome | undefined;
  /** That of the request unless given; so are user agent and request id. */
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly location?: AuditLocation | undefined;
  readonly requestId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly reason?: string | undefined;
}

/** Bulkhead's actions that an app records itself, where somebody else signs its people in. */
export const APP_RECORDED = ['session.started', 'session.refused', 'session.ended'] as const;

type SharedActions = Pick<typeof builtInDefinitions, (typeof APP_RECORDED)[number]>;

/** Without a catalogue known to the compiler, any action may be named. */
type Recordable<A extends ActionDefinitions> = string extends keyof A ? A : A & SharedActions;

type InputOf<Name, D extends ActionDefinition> = EventFieldsInput & {
  readonly action: Name;
} & MetadataOf<D>;

/** One member for each action of a catalogue, so that the compiler knows an action's metadata. */
export type EventInput<A extends ActionDefinitions = ActionDefinitions> = {
  [Name in keyof Recordable<A> & string]: InputOf<Name, Recordable<A>[Name]>;
}[keyof Recordable<A> & string];
