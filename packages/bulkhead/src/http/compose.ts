/**
 * Puts the control plane together from the rooms' doors.
 *
 * Promises: it stands on the same pools, gate and contexts as the app's own requests, so no wall is lower for it.
 */
import { hkdfSync } from 'node:crypto';
import {
  type AuditConfig,
  builtInActions,
  clientAddress,
  parseSigningKey,
  type RequestWatch,
  type SystemRecorder,
  verifierKeyOf,
} from '../audit/index.ts';
import {
  type CsrfTokens,
  createTenantDirectory,
  type GatePorts,
  identityError,
  type RequestGate,
  readTenantName,
  type TenantCache,
} from '../identity/index.ts';
import type { Isolation, TenantContext } from '../isolation/index.ts';
import { runInContext } from '../isolation/index.ts';
import type { ErrorCatalogue } from '../kernel/errors.ts';
import type { HttpConfig } from './config.ts';
import { type ControlGate, createControlGate, OPERATORS, TENANT_HEADER } from './control-gate.ts';
import { type ControlPlane, createControlPlane } from './control-plane.ts';
import { createEntryRecord } from './entry-record.ts';
import { createJobRunner } from './jobs/job-runner.ts';
import { createEventCounter } from './live/event-counter.ts';
import { createLiveHub } from './live/live-hub.ts';
import { createMetrics } from './metrics.ts';
import { SESSION_COOKIE } from './openapi/document.ts';
import type { AccountDoors } from './operations/account.ts';
import type { ControlAudit, ControlWork, RowQuery } from './operations/work.ts';
import { type OtherPorts, otherRooms } from './other-rooms.ts';
import { ownRoom } from './own-room.ts';
import { createAntiForgery } from './request/cross-site.ts';
import { createIdempotency } from './request/idempotency.ts';

export interface ControlPlaneParts {
  readonly config: HttpConfig;
  readonly version: string;
  readonly isolation: Isolation;
  readonly operatorUrl: string;
  /** Secrets of this process: what is derived from them is the same in every process. */
  readonly secret: string;
  readonly appRole: string;
  readonly operatorRole: string | null;
  readonly directory: TenantCache;
  /** The gate of the configuration, told the tenant by a header of ours. */
  readonly gate: (tenantHeader: string) => RequestGate;
  readonly csrf: CsrfTokens;
  readonly people: AccountDoors;
  /** Finds sessions by their cookie; absent where `identity.sessions` is not configured. */
  readonly sessions: GatePorts['sessions'];
  readonly audit: ControlAudit;
  readonly auditConfig: AuditConfig;
  readonly system: SystemRecorder;
  readonly watch: RequestWatch;
  readonly trustProxy: boolean;
  readonly errors: ErrorCatalogue;
  /** What the operations of other rooms work with. */
  readonly others: OtherPorts;
  /** @throws `access.denied` when the actor of the context here does not hold it; on record. */
  readonly authorize: (permission: string) => Promise<void>;
  /** @throws `policies.step_up_required` when the session of the context here has not shown a second factor of late. */
  readonly confirm: () => Promise<void>;
}

export interface MountedControlPlane extends ControlPlane {
  /** Counts, proves and verifies by itself from now on. */
  start(): void;
  close(): Promise<void>;
}

const SCHEDULE_EVERY_MS = 30_000;
const READY_WITHIN_MS = 2_000;

export function composeControlPlane(parts: ControlPlaneParts): MountedControlPlane {
  const { config, isolation, audit, auditConfig, system, directory } = parts;
  const operatorQuery: RowQuery = (text, values) => isolation.operatorQuery(text, values);
  const contextQuery: RowQuery = (text, values) => isolation.contextQuery(text, values);
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', parts.secret, '', `bulkhead http ${purpose}`, 32));
  const signingKeys = auditConfig.signingKeys.map(parseSigningKey);
  const verifierKeys = (origin: string) => signingKeys.map((key) => verifierKeyOf(key, origin));
  const antiForgery = createAntiForgery(parts.csrf);
  const actor = (context: TenantContext) => context.actor;

  const work: ControlWork = {
    operatorQuery,
    contextQuery,
    audit,
    version: parts.version,
    appRole: parts.appRole,
    operatorRole: parts.operatorRole,
    actions: [
      ...(auditConfig.actions?.actions.values() ?? []),
      ...builtInActions.actions.values(),
    ].map(({ name, description }) => ({ action: name, description })),
    verifierKeys,
    originOf: (tenant) => `${auditConfig.origin}/${tenant}/standard`,
    directory: (by) => createTenantDirectory({ query: operatorQuery }, by, directory.forget),
    async permissionsOf(context) {
      const { rows } = await operatorQuery('select name from bulkhead.permission order by bit', []);
      const held = await runInContext(context, () =>
        contextQuery(
          'select n.name from unnest($1::text[]) with ordinality as n (name, place) where bulkhead.permits(n.name, null) order by n.place',
          [rows.map(({ name }) => name)],
        ),
      );
      return held.rows.map(({ name }) => String(name));
    },
    async countsOf(tenant) {
      const { rows } = await operatorQuery(COUNTS, [tenant]);
      const { invitations, api_keys: apiKeys, sessions } = rows[0] ?? {};
      return {
        invitations: Number(invitations ?? 0),
        apiKeys: Number(apiKeys ?? 0),
        sessions: Number(sessions ?? 0),
      };
    },
    async record({ context }, event) {
      await system.record({
        tenant: OPERATORS,
        around: {
          actor: actor(context),
          requestId: context.requestId,
          ...context.origin,
          ...(event.reason !== undefined && { reason: event.reason }),
        },
        event: {
          action: event.action,
          outcome: 'success',
          ...(event.targets !== undefined && { targets: event.targets }),
          ...(event.metadata !== undefined && { metadata: event.metadata }),
        },
      });
    },
  };

  const jobs = createJobRunner(operatorQuery, work.record, {
    proof: async (progress) =>
      (await import('./jobs/prove-isolation.ts')).proveIsolation(
        {
          url: config.proverUrl ?? parts.operatorUrl,
          appRole: parts.appRole,
          probe: config.proverUrl !== undefined,
        },
        progress,
      ),
    verification: async (progress) =>
      (await import('./jobs/verify-logs.ts')).verifyLogs(
        {
          url: parts.operatorUrl,
          originBase: auditConfig.origin,
          vaultKeys: auditConfig.vaultKeys,
          verifierKeys,
        },
        progress,
      ),
  });
  const hub = createLiveHub(operatorQuery);
  const counter = createEventCounter(operatorQuery);
  const entries = createEntryRecord(system);
  const metrics = createMetrics();
  metrics.gauge(
    'bulkhead_stream_listeners',
    'Who listens to the live stream of this process.',
    () => hub.listeners,
  );
  metrics.gauge(
    'bulkhead_audit_waiting',
    'Events of this process that wait to be committed.',
    () => audit.waiting,
  );

  const own = ownRoom({
    work,
    antiForgery,
    hub,
    jobs,
    people: parts.people,
    streamsPerActor: config.streamsPerActor,
  });
  const gate = parts.watch.watch(createControlGate(parts.gate(TENANT_HEADER)));

  const plane = createControlPlane({
    config,
    version: parts.version,
    rooms: [own, ...otherRooms(parts.others)],
    errors: parts.errors,
    sessionCookie: parts.sessions?.cookie.nameOn(new URL(config.publicUrl).host) ?? SESSION_COOKIE,
    metrics,
    rates: { query: operatorQuery, secret: derive('rates') },
    // A stack and a code; what the database says of values is in neither.
    onFault: (error, requestId) =>
      process.emitWarning(
        `A request failed as nobody foresaw, x-request-id ${requestId}: ${traceOf(error.cause)}`,
        { type: 'BULKHEAD_HTTP', code: error.code },
      ),
    addressOf: (raw, forwarded) => clientAddress(raw, parts.trustProxy ? forwarded : undefined),
    answered: (request, context, status) => gate.answered(request, context, status),
    async isReady() {
      const asked = operatorQuery('select 1', []).then(
        () => true,
        () => false,
      );
      const late = new Promise<boolean>((resolve) =>
        setTimeout(resolve, READY_WITHIN_MS, false).unref(),
      );
      return Promise.race([asked, late]);
    },
    ports: {
      // Admits to a tenant or throws: it has no public paths.
      gate: gate as ControlGate,
      antiForgery,
      async sessionOf(request) {
        const token = parts.sessions?.cookie.read(request.header('cookie'), request.host);
        if (parts.sessions === undefined || token === undefined) {
          throw identityError('identity.credentials_missing');
        }
        const { session, actor, tenants } = await parts.sessions.finder.find(token, request);
        if (session === undefined) throw identityError('identity.session_invalid');
        return { id: session.id, userId: actor.id, tenants };
      },
      idempotency: createIdempotency(operatorQuery, derive('idempotency')),
      async stampOf(context) {
        const { rows } = await runInContext(context, () =>
          contextQuery('select bulkhead.precondition_stamp() as stamp', []),
        );
        return String(rows[0]?.stamp);
      },
      async findTenant(name) {
        const read = readTenantName(name);
        if (read === undefined) return null;
        const record = await directory.find(read.how, read.value);
        return record === null ? null : { id: record.id, slug: record.slug };
      },
      authorize: (context, permission) => runInContext(context, () => parts.authorize(permission)),
      confirm: (context) => runInContext(context, parts.confirm),
      refused: (context, reached) =>
        parts.watch.accessDenied(context, { code: 'http.operators_only', ...reached }),
      entered: (caller, tenant, reason) => entries.note(caller, tenant, reason),
      contextOf(caller, tenant) {
        return {
          kind: 'tenant',
          tenant: { id: tenant.id as TenantContext['tenant']['id'], slug: tenant.slug },
          actor: { ...actor(caller.context), type: 'operator' },
          expiresAtMs: caller.context.expiresAtMs,
          ...(caller.context.requestId !== undefined && { requestId: caller.context.requestId }),
          ...(caller.context.origin !== undefined && { origin: caller.context.origin }),
        };
      },
    },
  });

  let schedule: NodeJS.Timeout | undefined;
  const runSchedule = async (): Promise<void> => {
    const due = async (kind: 'proof' | 'verification', everyMinutes: number): Promise<boolean> => {
      if (everyMinutes === 0) return false;
      const minutes = await jobs.minutesSince(kind);
      return minutes === null || minutes >= everyMinutes;
    };
    if (await due('proof', config.proveEveryMinutes)) {
      await jobs.startBySchedule('proof', 'Proving isolation');
    }
    if (await due('verification', config.verifyEveryMinutes)) {
      await jobs.startBySchedule('verification', 'Verifying the audit log');
    }
  };

  return {
    ...plane,
    start() {
      counter.start();
      // A database that is away is asked again at the next turn.
      const turn = () => void runSchedule().catch(() => undefined);
      schedule ??= setInterval(turn, SCHEDULE_EVERY_MS);
      schedule.unref();
      turn();
    },
    async close() {
      plane.drain();
      clearInterval(schedule);
      entries.flush();
      hub.close();
      await counter.stop();
      await jobs.close();
    },
  };
}

const COUNTS = 'select * from bulkhead.control_tenant_counts($1)';

function traceOf(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  const { code } = cause as { code?: unknown };
  const frames = (cause.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [`${cause.name} ${typeof code === 'string' ? code : ''}`, ...frames.slice(0, 10)].join(
    '\n',
  );
}
