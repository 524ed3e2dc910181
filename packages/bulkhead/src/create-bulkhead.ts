/**
 * Puts the rooms together: one configuration in, one object out.
 *
 * Promises: a configuration with any fault is refused as a whole, and nothing here weakens a wall that a
 * room has put up.
 */
import type pg from 'pg';
import {
  type Access,
  accessSection,
  accessStatements,
  createAccess,
  createAuthorizer,
  isDangerous,
  type PermissionCatalogue,
  type PermissionEntries,
  type PermissionOf,
} from './access/index.ts';
import {
  type ActionCatalogue,
  type ActionDefinitions,
  type Audit,
  clientAddress,
  createAudit,
  type RequestWatch,
  recordingStatements,
  ridingStatements,
} from './audit/index.ts';
import { type BulkheadConfig, resolveConfig } from './config.ts';
import { type ControlPlaneHandle, openControlPlane } from './http/open-control-plane.ts';
import {
  createIdentityRoom,
  createRequestGate,
  createTenantCache,
  createTenantDirectory,
  createTenantLookup,
  type EntryFacts,
  type IdentityConfig,
  type IdentityDoor,
  identityError,
  type RequestGate,
  readTenantName,
  type TenantDirectory,
} from './identity/index.ts';
import {
  type ExpressErrorMiddleware,
  type ExpressMiddleware,
  expressErrors,
  expressMiddleware,
  type FastifyPlugin,
  type FetchHandler,
  fastifyPlugin,
  fetchHandler,
  type HonoMiddleware,
  honoErrors,
  honoMiddleware,
  type NextRouteHandler,
  nextHandler,
} from './integrations/index.ts';
import {
  type Actor,
  currentTenant,
  Isolation,
  isolationError,
  peekContext,
  type TenantContext,
} from './isolation/index.ts';
import type { OperationDenial } from './kernel/operation-denial.ts';
import { createPolicies, type Policies } from './policies/index.ts';

export interface AsTenantOptions {
  /** Who acts; a job of the system unless given. */
  readonly actor?: Actor;
  /** How long the context holds, in milliseconds; ten minutes by default, one hour at most. */
  readonly lifetimeMs?: number;
}

export interface AsOperatorOptions extends AsTenantOptions {
  /** Why, for the record; 1 to 1000 characters. */
  readonly reason: string;
}

/** What `bulkhead.start()` does in the background. */
export type BackgroundTask = 'audit' | 'mail' | 'domains' | 'sessions';

export interface Bulkhead<
  A extends ActionDefinitions = ActionDefinitions,
  P extends PermissionEntries = PermissionEntries,
> {
  /**
   * The drop-in pool: every statement runs in the context of the code that sends it.
   *
   * @throws `isolation.pool_foreign` for anything but an unused `pg.Pool`.
   */
  protect(pool: pg.Pool): pg.Pool;
  /**
   * Runs `fn` as one tenant, named by id or slug: for jobs and scripts.
   *
   * @throws `identity.tenant_unknown`, `identity.tenant_disabled`, `identity.directory_unavailable`
   */
  asTenant<T>(tenant: string, fn: () => Promise<T> | T, options?: AsTenantOptions): Promise<T>;
  /**
   * Runs `fn` across all tenants, on the operators' own connection, with the reason on record first.
   *
   * @throws `isolation.reason_missing`, `isolation.operator_unconfigured`
   */
  asOperator<T>(options: AsOperatorOptions, fn: () => Promise<T> | T): Promise<T>;
  /**
   * The tenant context here.
   *
   * @throws `isolation.context_missing`, `isolation.context_expired`; an operator's crossing has no tenant.
   */
  context(): TenantContext;
  /** `app.use(bulkhead.express())`, before the routes. */
  express(): ExpressMiddleware;
  /** `app.use(bulkhead.expressErrors())`, after the routes: Bulkhead's errors become problem details. */
  expressErrors(): ExpressErrorMiddleware;
  /** `app.register(bulkhead.fastify())`, before the routes. */
  fastify(): FastifyPlugin;
  /** `app.use(bulkhead.hono())`, before the routes. */
  hono(): HonoMiddleware;
  /** `app.onError(bulkhead.honoErrors())`; another handler may be given for all other errors. */
  honoErrors: typeof honoErrors;
  /** `export const GET = bulkhead.next(handler)`, for route handlers of Next's App Router. */
  next<R extends Request, C>(handler: NextRouteHandler<R, C>): NextRouteHandler<R, C>;
  /** Wraps a `fetch` handler: Deno, Bun, workers, tests. */
  fetch<Rest extends unknown[]>(handler: FetchHandler<Rest>): FetchHandler<Rest>;
  /** Keeps the directory of tenants, over the operators' connection. */
  readonly tenants: TenantDirectory;
  /** What the actor of a context may do. */
  readonly access: Access<PermissionOf<P>>;
  /** What the tenant in context demands of passwords, sessions, API keys and second factors. */
  readonly policies: Policies;
  /** Users, sessions, service accounts and API keys. */
  readonly identity: IdentityDoor;
  /** Records events in a log that cannot be changed unseen. Needs the section `audit`. */
  readonly audit: Audit<A>;
  /** What the middleware asks for each request; for adapters of your own. */
  readonly gate: RequestGate;
  /**
   * The control plane: its API and the console, to be mounted at the path of `http.publicUrl`.
   *
   * @throws `http.unconfigured` without the sections `http` and `audit` and `isolation.operatorUrl`.
   */
  controlPlane(): ControlPlaneHandle;
  /**
   * Does in this process what has to be done though no request asks for it: the audit worker, as far as it is
   * configured, sending mail, looking again for the records of domains, forgetting ended sessions; until
   * `close()`. Says what it does. Any number of processes may: `bulkhead work` is one that does nothing else.
   *
   * @throws `audit.signing_key_invalid`, `audit.vault_key_invalid`
   */
  start(): readonly BackgroundTask[];
  /** Commits the events that are queued, then ends every protected pool that is still open, and the operators'. */
  close(): Promise<void>;
}

/**
 * Starts Bulkhead from its configuration; connects to nothing until the first query.
 *
 * @throws `kernel.config_invalid` listing every fault.
 *
 * @example
 * const bulkhead = createBulkhead(config);
 * const pool = bulkhead.protect(new pg.Pool({ connectionString: process.env.DATABASE_URL }));
 */
export function createBulkhead<
  const A extends ActionDefinitions = ActionDefinitions,
  const P extends PermissionEntries = PermissionEntries,
>(
  given: BulkheadConfig & {
    audit?: { actions?: ActionCatalogue<A> | undefined } | undefined;
    access?: { permissions?: PermissionCatalogue<P> | undefined } | undefined;
  },
): Bulkhead<A, P> {
  const config = resolveConfig(given);
  const [firstKey, ...otherKeys] = config.isolation.contextKeys;
  // The schema demands at least one key; the tuple says so to the compiler.
  if (firstKey === undefined) throw isolationError('isolation.context_key_invalid');
  let watch: RequestWatch | undefined;
  const isolation = new Isolation({
    ...config.isolation,
    contextKeys: [firstKey, ...otherKeys],
    operatorUrl: config.isolation.operatorUrl,
    ownStatements: [
      ...(config.audit === undefined ? [] : recordingStatements),
      ...accessStatements,
    ],
    ridingStatements,
    onRefusal: (context, code) => watch?.statementRefused(context, code),
  });
  const directory = createTenantCache(
    createTenantLookup({ query: (text, values) => isolation.systemQuery(text, values) }),
  );

  const findActive = async (tenant: string) => {
    const name = readTenantName(tenant);
    const record = name === undefined ? null : await directory.find(name.how, name.value);
    if (record === null) throw identityError('identity.tenant_unknown');
    if (record.status !== 'active') throw identityError(`identity.tenant_${record.status}`);
    return record;
  };

  const { audit, ...auditRoom } = createAudit<A>(config.audit, {
    systemQuery: (text, values) => isolation.systemQuery(text, values),
    signParcel: (lines) => isolation.signParcel(lines),
    contextQuery: (text, values) => isolation.contextQuery(text, values),
    trustProxy: config.identity.trustProxy,
  });
  watch = auditRoom.requests;
  const denied = (denial: OperationDenial): void => {
    const context = peekContext();
    if (context?.kind === 'tenant') watch?.accessDenied(context, denial);
  };
  const policiesRoom = createPolicies({
    contextQuery: (text, values) => isolation.contextQuery(text, values),
    systemQuery: (text, values) => isolation.systemQuery(text, values),
    contextToken: (tenant) => isolation.contextToken(tenant, { type: 'system', id: 'policies' }),
    denied,
  });
  const confirmDangerous = ({ tenant, session }: TenantContext): Promise<void> | undefined => {
    if (session === undefined) return undefined;
    const mfa = { enrolled: session.hasFactor, passedAtMs: session.mfaAtMs };
    return policiesRoom.check(tenant.id, { nowMs: Date.now(), mfa, dangerous: true });
  };
  const confirmHere = async (): Promise<void> => {
    const context = peekContext();
    if (context?.kind === 'tenant') await confirmDangerous(context);
  };
  const authorizer = createAuthorizer(
    {
      systemQuery: (text, values) => isolation.systemQuery(text, values),
      contextToken: (tenant, actor) => isolation.contextToken(tenant, actor),
      systemConnection: (events) => isolation.systemConnection(events),
      recordDenial: (context, check) => watch?.accessDenied(context, check),
      confirmDangerous,
    },
    config.access ?? accessSection.parse({}),
  );
  const { trustProxy } = config.identity;
  const identityRoom = createIdentityRoom(config.identity, {
    controlPlaneUrl: config.http?.publicUrl,
    systemQuery: (text, values) => isolation.systemQuery(text, values),
    contextQuery: (text, values) => isolation.contextQuery(text, values),
    changed: (tenantId) => authorizer.changed(tenantId),
    denied,
    addressOf: (request) =>
      clientAddress(request.raw, trustProxy ? request.header('x-forwarded-for') : undefined),
    contextKeys: [firstKey, ...otherKeys],
  });
  const ownCredentials =
    config.identity.sessions !== undefined || config.identity.apiKeys !== undefined;
  const gateOf = (identity: IdentityConfig): RequestGate =>
    createRequestGate(identity, directory, Date.now, {
      ...identityRoom.gate,
      ...(watch !== undefined && { originOf: watch.originOf }),
      // Policies are about Bulkhead's own sessions and keys, and hold for tokens wherever those are in use.
      ...(ownCredentials && {
        policyCheck: (tenant: string, facts: EntryFacts) => policiesRoom.check(tenant, facts),
      }),
      // An app that declares nothing asks nothing: its requests do not wait for what nobody needs.
      ...(config.access !== undefined && { preload: (context) => authorizer.preload(context) }),
    });
  const plainGate = gateOf(config.identity);
  const gate: RequestGate = watch === undefined ? plainGate : watch.watch(plainGate);

  let controlPlane: ControlPlaneHandle | undefined;

  return {
    protect: (pool) => isolation.protect(pool),
    async asTenant(tenant, fn, options) {
      const record = await findActive(tenant);
      return isolation.enterTenant(record, fn, options);
    },
    asOperator: (options, fn) => isolation.enterOperator(options, fn),
    context: currentTenant,
    express: () => expressMiddleware(gate),
    expressErrors,
    fastify: () => fastifyPlugin(gate),
    hono: () => honoMiddleware(gate),
    honoErrors,
    next: (handler) => nextHandler(gate, handler),
    fetch: (handler) => fetchHandler(gate, handler),
    tenants: createTenantDirectory(
      { query: (text, values) => isolation.operatorQuery(text, values) },
      'system:app',
      directory.forget,
    ),
    access: createAccess(authorizer, {
      kinds: config.access?.kinds ?? [],
      contextQuery: (text, values) => isolation.contextQuery(text, values),
      currentTenant() {
        const context = peekContext();
        return context?.kind === 'tenant' ? context : undefined;
      },
      changed: (tenantId) => authorizer.changed(tenantId),
      recordDenial: (context, denial) => watch?.accessDenied(context, denial),
    }),
    policies: policiesRoom.policies,
    identity: identityRoom.identity,
    audit,
    gate,
    controlPlane() {
      controlPlane ??= openControlPlane({
        config,
        isolation,
        directory,
        audit,
        ...auditRoom,
        gateOf,
        csrf: identityRoom.identity.sessions.csrf,
        people: identityRoom.identity,
        sessions: identityRoom.gate.sessions,
        authorize: (permission) => authorizer.authorize(permission),
        confirm: confirmHere,
        others: {
          access: { query: (text, values) => isolation.contextQuery(text, values) },
          policies: policiesRoom.ports,
          identity: identityRoom.ports,
          hooks: {
            changed() {
              const context = peekContext();
              if (context?.kind === 'tenant') authorizer.changed(context.tenant.id);
            },
            denied,
            async confirm(permission) {
              if (isDangerous(permission)) await confirmHere();
            },
          },
        },
      });
      return controlPlane;
    },
    start() {
      const { sequencerUrl, signerUrl } = config.audit ?? {};
      const audits = sequencerUrl !== undefined || signerUrl !== undefined;
      if (audits) audit.start();
      return [...(audits ? (['audit'] as const) : []), ...identityRoom.start()];
    },
    async close() {
      await controlPlane?.close();
      authorizer.close();
      await identityRoom.close();
      await auditRoom.close();
      await isolation.close();
    },
  };
}
