/**
 * Records events: in the caller's transaction, or by way of the queue.
 *
 * Promises: `record` writes through the very transaction that it is given, so the event exists if and only if
 * the change does. Tenant and actor are those of the verified context, decided by the database.
 */
import {
  type Context,
  currentContext,
  isolationError,
  parseTenantId,
  peekContext,
  ScopedPool,
} from '../../isolation/index.ts';
import { builtInActions } from '../catalogue/built-in-actions.ts';
import type { ActionCatalogue, ActionDefinitions } from '../catalogue/define-actions.ts';
import { auditError } from '../errors.ts';
import { OPERATORS_LOG } from '../event.ts';
import { packEvents } from '../parcel.ts';
import { wholeCharacters } from '../whole-characters.ts';
import { APP_RECORDED, type EventInput } from './event-input.ts';
import type { EventQueue } from './event-queue.ts';
import { type Executor, runOn } from './executor.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { type PreparedEvent, prepareEvent, type Surroundings } from './prepare-event.ts';
import type { SignParcel } from './submit.ts';

export interface RecordOptions {
  /** Inside `asOperator` only: the tenant whose log it goes to; the operators' own unless given. */
  readonly tenant?: string;
}

export interface AuditRecorder<A extends ActionDefinitions = ActionDefinitions> {
  /**
   * Records in the transaction of `on`: a client on which you sent BEGIN, or the transaction of Kysely,
   * Drizzle or Prisma. Given the protected pool itself, it is a transaction of its own, which may commit
   * together with others of this process.
   *
   * @returns the event's id
   * @throws `audit.action_unknown`, `audit.event_invalid`, `audit.event_too_large`, `audit.executor_invalid`,
   * `audit.unconfigured`, `isolation.context_missing`
   *
   * @example
   * await client.query('begin');
   * await client.query('update invoice set status = $1 where id = $2', ['paid', id]);
   * await bulkhead.audit.record({ action: 'invoice.paid', targets: [{ type: 'invoice', id }] }, client);
   * await client.query('commit');
   */
  record(event: EventInput<A>, on: Executor, options?: RecordOptions): Promise<string>;
  /** The same for up to 1,000 events, in one statement. */
  recordAll(
    events: readonly EventInput<A>[],
    on: Executor,
    options?: RecordOptions,
  ): Promise<readonly string[]>;
  /**
   * Records an event that belongs to no transaction; resolves when it is committed.
   *
   * @throws as `record`, and `audit.queue_full`, `audit.queue_closed`, `audit.not_recorded`
   */
  enqueue(event: EventInput<A>, options?: RecordOptions): Promise<string>;
}

const EVENTS_MAX = 1_000;

const RECORD_ONE =
  'select bulkhead.audit_record(array[$1::uuid], array[$2::text], array[$3::text])';
const RECORD_PARCELS = 'select bulkhead.audit_record_parcels($1::text[])';
/** Of one to four, which as parameters of their own need no escaping. */
const RECORD_FEW_PARCELS = [1, 2, 3, 4].map((count) => {
  const parameters = Array.from({ length: count }, (_, at) => `$${at + 1}::text`);
  return `select bulkhead.audit_record_parcels(array[${parameters.join(', ')}])`;
});
const RECORD_ONE_AS =
  'select bulkhead.audit_record_as($4::uuid, $5::text, array[$1::uuid], array[$2::text], array[$3::text])';
const RECORD_MANY_AS =
  'select bulkhead.audit_record_as($4::uuid, $5::text, $1::uuid[], $2::text[], $3::text[])';

/** What the guard lets through by its whole text: it refuses every other call of these functions. */
export const recordingStatements: readonly string[] = [
  RECORD_ONE,
  RECORD_PARCELS,
  ...RECORD_FEW_PARCELS,
  RECORD_ONE_AS,
  RECORD_MANY_AS,
];

/** Within a transaction they go with its next statement: they have texts for parameters, and nothing to tell. */
export const ridingStatements: readonly string[] = [RECORD_ONE, ...RECORD_FEW_PARCELS];

export function createRecorder<A extends ActionDefinitions>(
  catalogue: ActionCatalogue<A> | undefined,
  queue: EventQueue,
  sign: SignParcel,
): AuditRecorder<A> {
  const groups = new WeakMap<ScopedPool, GroupCommit>();
  const groupOf = (pool: ScopedPool): GroupCommit => {
    let group = groups.get(pool);
    if (group === undefined) {
      group = createGroupCommit(pool, sign);
      groups.set(pool, group);
    }
    return group;
  };
  // What Bulkhead records by itself is nobody else's to say.
  const shared: readonly string[] = APP_RECORDED;
  const recordable: ActionCatalogue = {
    actions: new Map([
      ...[...builtInActions.actions].filter(([name]) => shared.includes(name)),
      ...(catalogue?.actions ?? []),
    ]),
  };
  const prepare = (event: unknown, around: Surroundings): PreparedEvent =>
    prepareEvent(recordable, event, around);

  return {
    async record(event, on, options) {
      const { around, as, tenant } = placeOf(options);
      const prepared = prepare(event, around);
      if (as.length === 0 && on instanceof ScopedPool) {
        const { type, id } = around.actor;
        await groupOf(on).add({ tenant, type, id }, prepared, currentContext().expiresAtMs);
        return prepared.id;
      }
      const { id, class: name, text } = prepared;
      await runOn(on, as.length > 0 ? RECORD_ONE_AS : RECORD_ONE, [id, name, text, ...as]);
      return id;
    },
    async recordAll(events, on, options) {
      if (events.length > EVENTS_MAX) {
        throw auditError('audit.event_too_large', {
          message: `At most ${EVENTS_MAX} events are recorded at once, not ${events.length}.`,
        });
      }
      const { around, as } = placeOf(options);
      const prepared = events.map((event) => prepare(event, around));
      if (prepared.length === 0) return [];
      const ids = prepared.map(({ id }) => id);
      if (as.length > 0) {
        const classes = prepared.map((event) => event.class);
        await runOn(on, RECORD_MANY_AS, [ids, classes, prepared.map(({ text }) => text), ...as]);
        return ids;
      }
      const parcels = packEvents(prepared);
      const few = RECORD_FEW_PARCELS[parcels.length - 1];
      if (few !== undefined) await runOn(on, few, parcels);
      else await runOn(on, RECORD_PARCELS, [parcels]);
      return ids;
    },
    enqueue(event, options) {
      // No async function: on the way of every request, each promise less counts.
      try {
        const { around, tenant } = placeOf(options);
        const { type, id } = around.actor;
        return queue.add({ tenant, type, id }, prepare(event, around));
      } catch (error) {
        return Promise.reject(error);
      }
    },
  };
}

interface Place {
  readonly tenant: string;
  readonly around: Surroundings;
  /** Parameters of `audit_record_as`: tenant and actor; none for a tenant's own context. */
  readonly as: readonly string[];
}

function placeOf(options: RecordOptions | undefined): Place {
  const context = peekContext();
  if (context === undefined) throw isolationError('isolation.context_missing');
  if (context.kind === 'operator') {
    const tenant = options?.tenant === undefined ? OPERATORS_LOG : parseTenantId(options.tenant);
    return {
      tenant,
      around: surroundingsOf(context),
      as: [tenant, `${context.actor.type}:${context.actor.id}`],
    };
  }
  if (options?.tenant !== undefined && parseTenantId(options.tenant) !== context.tenant.id) {
    throw auditError('audit.event_invalid', {
      message: "A tenant's own context records in that tenant's log; another needs asOperator.",
    });
  }
  return { tenant: context.tenant.id, around: surroundingsOf(context), as: [] };
}

/** What a context says of the events recorded in it. */
export function surroundingsOf(context: Context): Surroundings {
  const actor = nameable(context.actor);
  if (context.kind === 'operator')
    return { actor, reason: wholeCharacters(context.reason, REASON_MAX) };
  return { actor, requestId: context.requestId, ...context.origin };
}

const NAME_MAX = 256;
const REASON_MAX = 1_000;

/** Somebody else's directory said the name: what no log can hold of it costs nobody the event. */
function nameable(actor: Context['actor']): Surroundings['actor'] {
  const { type, id, name } = actor;
  if (name === undefined || name === '') return { type, id };
  return { type, id, name: wholeCharacters(name, NAME_MAX) };
}
