/**
 * The audit room at work: what `bulkhead.audit` is.
 *
 * Promises: without its section in the configuration every use of it says so, and nothing else changes.
 */
import type { Actor } from '../isolation/index.ts';
import type { ActionCatalogue, ActionDefinitions } from './catalogue/define-actions.ts';
import type { AuditConfig } from './config.ts';
import { auditError } from './errors.ts';
import { createEventQueue } from './record/event-queue.ts';
import { type AuditRecorder, createRecorder } from './record/recorder.ts';
import { createSystemRecorder, type SystemRecorder } from './record/system-recorder.ts';
import { startConfiguredWorker, type WorkerReports } from './worker/configured-worker.ts';
import type { AuditWorker } from './worker/worker.ts';

/** What the room is given of isolation. */
export interface AuditPorts {
  /** Runs one statement as the app's role, in no context. */
  systemQuery(text: string, values: unknown[]): Promise<unknown>;
  /** Signs a context for a tenant and an actor. */
  contextToken(tenant: string, actor: Actor): string;
}

export interface Audit<A extends ActionDefinitions = ActionDefinitions> extends AuditRecorder<A> {
  /** How many events wait in this process to be committed. */
  readonly waiting: number;
  /**
   * Starts the worker in this process: sequences, signs and indexes until `close` or its `stop`. Any number of
   * processes may; `bulkhead audit run` is the same in a process of its own.
   *
   * @throws `audit.worker_unconfigured`
   */
  start(reports?: WorkerReports): AuditWorker;
}

/** The same with what other rooms and the middleware use of it. */
export interface AuditRoom<A extends ActionDefinitions = ActionDefinitions> {
  readonly audit: Audit<A>;
  /** Records what Bulkhead itself does; absent without configuration. */
  readonly system: SystemRecorder | undefined;
  /** Commits what is queued, and takes nothing more. */
  close(): Promise<void>;
}

export function createAudit<A extends ActionDefinitions>(
  config: AuditConfig | undefined,
  ports: AuditPorts,
): AuditRoom<A> {
  if (config === undefined) return unconfigured();
  const queue = createEventQueue({
    queueMax: config.queueMax,
    query: (text, values) => ports.systemQuery(text, values),
    sign: ({ tenant, type, id }) =>
      // An actor of a context or of Bulkhead's own: its type is one of those.
      ports.contextToken(tenant, { type: type as Actor['type'], id }),
  });
  const workers: AuditWorker[] = [];
  // The schema knows that it is a catalogue, not which.
  const catalogue = config.actions as ActionCatalogue<A> | undefined;
  return {
    audit: {
      ...createRecorder(catalogue, queue),
      get waiting() {
        return queue.waiting;
      },
      start(reports) {
        const worker = startConfiguredWorker(config, reports);
        workers.push(worker);
        return worker;
      },
    },
    system: createSystemRecorder(queue),
    async close() {
      await queue.close();
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

function unconfigured<A extends ActionDefinitions>(): AuditRoom<A> {
  const refuse = async (): Promise<never> => {
    throw auditError('audit.unconfigured');
  };
  return {
    audit: {
      record: refuse,
      recordAll: refuse,
      enqueue: refuse,
      waiting: 0,
      start() {
        throw auditError('audit.unconfigured');
      },
    },
    system: undefined,
    close: async () => {},
  };
}
