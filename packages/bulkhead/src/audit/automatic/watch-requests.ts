/**
 * Records requests at the gate that every one of them goes through: those that were refused, and, once they
 * are answered, those that may have changed something.
 *
 * Promises: a request that would be recorded is turned away while events cannot be taken, before the app has
 * done anything; no answer waits for its event. A query string is never recorded, because it may hold a secret.
 * Does not promise an event for a request without credentials, which is a door that nobody knocked at.
 */
import type { TenantContext } from '../../isolation/index.ts';
import { isBulkheadError } from '../../kernel/errors.ts';
import { auditError } from '../errors.ts';
import { type AuditTarget, OPERATORS_LOG } from '../event.ts';
import { surroundingsOf } from '../record/recorder.ts';
import type { SystemRecorder } from '../record/system-recorder.ts';
import { wholeCharacters } from '../whole-characters.ts';
import { clientAddress } from './client-address.ts';
import { createRefusalMeter, type RefusalMeter } from './refusal-meter.ts';

/** What is used of a request, whatever framework it came by. */
export interface WatchedRequest {
  readonly method: string;
  readonly path: string;
  header(name: string): string | undefined;
  readonly raw: unknown;
}

type Admitted = TenantContext | null;

/** The gate as the middleware knows it. */
export interface WatchedGate<R extends WatchedRequest> {
  admit(request: R): Admitted | Promise<Admitted>;
  /** Told of an admitted request when it is answered. */
  answered?(request: R, context: Admitted, status: number): void;
  /** False where `answered` would do nothing. */
  awaitsAnswer?(request: R): boolean;
  /** Who was refused by an error that `admit` threw, and in which tenant, where that was known by then. */
  refusedAs?(error: object): TenantContext | undefined;
}

export interface WatchOptions {
  readonly requests: 'none' | 'changes' | 'all';
  readonly trustProxy: boolean;
  /** True while the queue takes nothing. */
  readonly isFull: () => boolean;
}

export interface RequestWatch {
  /** What events say of where a request came from. */
  originOf(request: WatchedRequest): NonNullable<TenantContext['origin']>;
  watch<R extends WatchedRequest>(
    gate: WatchedGate<R>,
  ): Required<Omit<WatchedGate<R>, 'refusedAs'>>;
  /** A statement of the app's that the guard refused. */
  statementRefused(context: TenantContext, code: string): void;
  /** Somebody asked for what they may not do. */
  accessDenied(context: TenantContext, check: DeniedCheck): void;
  /** Tells what is counted and not told yet. */
  flush(): void;
}

/** What was reached for: a permission that was lacking, or an operation upon somebody of a higher rank. */
export interface DeniedCheck {
  readonly permission?: string | undefined;
  readonly operation?: string | undefined;
  readonly node?: string | undefined;
  readonly code?: string | undefined;
  readonly target?: AuditTarget | undefined;
}

interface Refusal {
  readonly context: TenantContext | undefined;
  readonly action: 'request.denied' | 'statement.denied' | 'access.denied';
  readonly code: string;
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly status?: number | undefined;
  readonly permission?: string | undefined;
  readonly operation?: string | undefined;
  readonly node?: string | undefined;
  readonly target?: AuditTarget | undefined;
}

const PATH_LENGTH_MAX = 512;
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const GATE = { actor: { type: 'system', id: 'gate' } } as const;

export function createRequestWatch(system: SystemRecorder, options: WatchOptions): RequestWatch {
  const meter: RefusalMeter<Refusal> = createRefusalMeter(
    (refusal, count) => noteRefusal(system, refusal, count),
    ({ action, code, context }) => ({
      kind: `${action} ${code} ${context?.tenant.id}`,
      refusal: { action, code, context },
    }),
  );
  const isRecorded = (method: string): boolean =>
    options.requests === 'all' || (options.requests === 'changes' && !SAFE_METHODS.has(method));
  const started = new WeakMap<object, number>();

  function refused(
    request: WatchedRequest,
    error: unknown,
    refusedAs: WatchedGate<never>['refusedAs'],
  ): void {
    // Refusals are those of the client's making; that we cannot answer is another thing.
    if (!isBulkheadError(error) || error.status < 400 || error.status >= 500) return;
    if (error.code === 'identity.credentials_missing') return;
    const ip = addressOf(request);
    const context = refusedAs?.(error);
    const who = context && `${context.tenant.id} ${context.actor.type}:${context.actor.id}`;
    meter.count(`${error.code} ${ip} ${who}`, {
      context,
      action: 'request.denied',
      code: error.code,
      status: error.status,
      ip,
      userAgent: ip === undefined ? undefined : agentOf(request),
      method: methodOf(request),
      path: pathOf(request),
    });
  }

  const addressOf = (request: WatchedRequest): string | undefined =>
    clientAddress(request.raw, options.trustProxy ? request.header('x-forwarded-for') : undefined);

  return {
    originOf: (request) => ({ ip: addressOf(request), userAgent: agentOf(request) }),
    watch: (gate) => ({
      admit(request) {
        if (isRecorded(request.method)) {
          if (options.isFull()) throw auditError('audit.queue_full');
          started.set(request, performance.now());
        }
        let admitted: Admitted | Promise<Admitted>;
        try {
          admitted = gate.admit(request);
        } catch (error) {
          refused(request, error, gate.refusedAs?.bind(gate));
          throw error;
        }
        if (!(admitted instanceof Promise)) return admitted;
        return admitted.catch((error: unknown) => {
          refused(request, error, gate.refusedAs?.bind(gate));
          throw error;
        });
      },
      awaitsAnswer: (request) => isRecorded(request.method),
      answered(request, context, status) {
        if (context === null || !isRecorded(request.method)) return;
        const startedMs = started.get(request);
        system.note({
          tenant: context.tenant.id,
          around: surroundingsOf(context),
          event: {
            action: 'request.completed',
            outcome: outcomeOf(status),
            metadata: {
              method: methodOf(request),
              path: pathOf(request),
              status,
              ...(startedMs !== undefined && {
                durationMs: Math.round(performance.now() - startedMs),
              }),
            },
          },
        });
      },
    }),
    statementRefused(context, code) {
      const { type, id } = context.actor;
      meter.count(`${code} ${context.tenant.id} ${type}:${id}`, {
        context,
        action: 'statement.denied',
        code,
      });
    },
    accessDenied(context, check) {
      const { type, id } = context.actor;
      const short = (text: string | undefined) =>
        text === undefined ? undefined : wholeCharacters(text, 100);
      const [permission, operation, node] = [
        short(check.permission),
        short(check.operation),
        short(check.node),
      ];
      const { code = 'access.denied', target } = check;
      const about = `${permission} ${operation} ${node} ${target?.type}:${target?.id}`;
      meter.count(`${code} ${about} ${context.tenant.id} ${type}:${id}`, {
        context,
        action: 'access.denied',
        code,
        permission,
        operation,
        node,
        target,
      });
    },
    flush: () => meter.flush(),
  };
}

function noteRefusal(system: SystemRecorder, refusal: Refusal, count: number): void {
  const { context, action, code, ip, userAgent, method, path, status } = refusal;
  const { permission, operation, node, target } = refusal;
  const around = context === undefined ? GATE : surroundingsOf(context);
  system.note({
    tenant: context?.tenant.id ?? OPERATORS_LOG,
    around,
    event: {
      action,
      outcome: 'denied',
      ...(target !== undefined && { targets: [target] }),
      ...(ip !== undefined && { ip }),
      ...(userAgent !== undefined && { userAgent }),
      metadata: {
        code,
        ...(method !== undefined && { method }),
        ...(path !== undefined && { path }),
        ...(status !== undefined && { status }),
        ...(permission !== undefined && { permission }),
        ...(operation !== undefined && { operation }),
        ...(node !== undefined && { node }),
        ...(count > 1 && { count }),
      },
    },
  });
}

const outcomeOf = (status: number): 'success' | 'denied' | 'failure' =>
  status < 400 ? 'success' : status === 401 || status === 403 ? 'denied' : 'failure';

function agentOf(request: WatchedRequest): string | undefined {
  const agent = request.header('user-agent');
  return agent === undefined || agent === '' ? undefined : wholeCharacters(agent, 512);
}

const methodOf = ({ method }: WatchedRequest): string => wholeCharacters(method, 20);
const pathOf = ({ path }: WatchedRequest): string =>
  wholeCharacters(path.split('?', 1)[0] ?? '', PATH_LENGTH_MAX);
