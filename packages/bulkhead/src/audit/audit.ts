/**
 * The audit room at work: what `bulkhead.audit` is.
 *
 * Promises: without its section in the configuration every use of it says so, and nothing else changes.
 */
import pg from 'pg';
import {
  currentContext,
  isolationError,
  parseTenantId,
  peekContext,
  type SignedParcel,
} from '../isolation/index.ts';
import { isBulkheadError } from '../kernel/errors.ts';
import { version } from '../kernel/version.ts';
import { createRequestWatch, type RequestWatch } from './automatic/watch-requests.ts';
import type { ActionCatalogue, ActionDefinitions } from './catalogue/define-actions.ts';
import type { AuditConfig } from './config.ts';
import { type ErasureResult, eraseSubject } from './erase/erase-subject.ts';
import { auditError } from './errors.ts';
import type { SubjectRef } from './event.ts';
import type { Query } from './open/event-opener.ts';
import { type AuditReader, createAuditReader } from './reader.ts';
import { createEventQueue } from './record/event-queue.ts';
import { type AuditRecorder, createRecorder, surroundingsOf } from './record/recorder.ts';
import { createSystemRecorder, type SystemRecorder } from './record/system-recorder.ts';
import { createLocalKeyWrapper } from './vault/key-wrapper.ts';
import { startConfiguredWorker } from './worker/configured-worker.ts';
import type { AuditWorker } from './worker/worker.ts';
import type { WorkerReports } from './worker/worker-part.ts';

/** What the room is given of isolation. */
export interface AuditPorts {
  /** Runs one statement as the app's role, in no context. */
  systemQuery(text: string, values: unknown[]): Promise<unknown>;
  /** Vouches for a text in which the room writes in the name of many. */
  signParcel(lines: string): SignedParcel;
  /** Runs one statement in the caller's context. */
  readonly contextQuery: Query;
  /** A trusted proxy in front says where requests come from. */
  readonly trustProxy: boolean;
}

export interface EraseOptions {
  /** Why, for the log. */
  readonly reason: string;
  /** Inside `asOperator`: the tenant in whose log. */
  readonly tenant?: string;
}

export interface Audit<A extends ActionDefinitions = ActionDefinitions>
  extends AuditRecorder<A>,
    AuditReader {
  /** How many events wait in this process to be committed. */
  readonly waiting: number;
  /**
   * Makes a person's values in the tenant's log unreadable for ever; every proof still verifies. Whether the
   * caller may is the app's to decide. Connects as `audit.sequencerUrl`.
   *
   * @throws `audit.erasure_unconfigured`, `audit.event_invalid`, `isolation.context_missing`
   */
  eraseSubject(subject: SubjectRef, options: EraseOptions): Promise<ErasureResult>;
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
  /** Watches the gate and the guard; absent without configuration. */
  readonly requests: RequestWatch | undefined;
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
    sign: (lines) => ports.signParcel(lines),
  });
  const system = createSystemRecorder(queue);
  system.onFailure = warnNowAndThen();
  const requests = createRequestWatch(system, {
    requests: config.requests,
    trustProxy: ports.trustProxy,
    isFull: () => queue.waiting >= config.queueMax,
  });
  const workers: AuditWorker[] = [];
  const wrapper = createLocalKeyWrapper(config.vaultKeys);
  let vaultPool: pg.Pool | undefined;
  // The schema knows that it is a catalogue, not which.
  const catalogue = config.actions as ActionCatalogue<A> | undefined;
  return {
    audit: {
      ...createRecorder(catalogue, queue, (lines) => ports.signParcel(lines)),
      ...createAuditReader({
        contextQuery: ports.contextQuery,
        currentContext,
        vaultKeys: config.vaultKeys,
        version,
      }),
      get waiting() {
        return queue.waiting;
      },
      async eraseSubject(subject, options) {
        // Callers without types leave things out.
        const { reason, tenant }: Partial<EraseOptions> = options ?? {};
        const { sequencerUrl } = config;
        if (sequencerUrl === undefined) throw auditError('audit.erasure_unconfigured');
        const context = peekContext();
        if (context === undefined) throw isolationError('isolation.context_missing');
        const of = context.kind === 'tenant' ? context.tenant.id : tenant;
        if (of === undefined || (tenant !== undefined && parseTenantId(tenant) !== of)) {
          throw auditError('audit.event_invalid', {
            message:
              context.kind === 'tenant'
                ? "A tenant's own context erases in that tenant's log alone."
                : 'An operator says in which tenant’s log.',
          });
        }
        vaultPool ??= quietPool(sequencerUrl);
        const pool = vaultPool;
        return eraseSubject((text, values) => pool.query(text, values), wrapper, {
          tenant: parseTenantId(of),
          subject,
          around: { ...surroundingsOf(context), reason },
        });
      },
      start(reports) {
        const worker = startConfiguredWorker(config, reports);
        workers.push(worker);
        return worker;
      },
    },
    system,
    requests,
    async close() {
      requests.flush();
      await queue.close();
      await Promise.all(workers.map((worker) => worker.stop()));
      await vaultPool?.end();
    },
  };
}

const WARN_EVERY_MS = 10_000;

/** Nobody waits for these events, so nobody would hear that they could not be recorded. */
function warnNowAndThen(): (error: unknown) => void {
  let silentUntilMs = 0;
  return (error) => {
    const nowMs = performance.now();
    if (nowMs < silentUntilMs) return;
    silentUntilMs = nowMs + WARN_EVERY_MS;
    const code = isBulkheadError(error) ? error.code : 'unknown';
    process.emitWarning(`Events of requests could not be recorded (${code}).`, {
      code: 'BULKHEAD_AUDIT',
    });
  };
}

function quietPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 1, connectionTimeoutMillis: 10_000 });
  // An idle connection that the server closes is replaced at the next query.
  pool.on('error', () => undefined);
  return pool;
}

function unconfigured<A extends ActionDefinitions>(): AuditRoom<A> {
  const refuse = async (): Promise<never> => {
    throw auditError('audit.unconfigured');
  };
  // biome-ignore lint/correctness/useYield: it refuses before there is anything to yield
  async function* refuseAll(): AsyncGenerator<never> {
    throw auditError('audit.unconfigured');
  }
  return {
    audit: {
      record: refuse,
      recordAll: refuse,
      enqueue: refuse,
      waiting: 0,
      eraseSubject: refuse,
      search: refuse,
      tally: refuse,
      get: refuse,
      prove: refuse,
      proveConsistency: refuse,
      events: refuseAll,
      export: refuseAll,
      start() {
        throw auditError('audit.unconfigured');
      },
    },
    system: undefined,
    requests: undefined,
    close: async () => {},
  };
}
