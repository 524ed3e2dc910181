/**
 * The way from `createBulkhead` to the control plane, which loads nothing before somebody asks for it.
 */
import type { RequestWatch, SystemRecorder } from '../audit/index.ts';
import type { ResolvedConfig } from '../config.ts';
import type {
  CsrfTokens,
  GatePorts,
  IdentityConfig,
  IdentityDoor,
  RequestGate,
  TenantCache,
} from '../identity/index.ts';
import type { Isolation } from '../isolation/index.ts';
import type { MountedControlPlane } from './compose.ts';
import { httpError } from './errors.ts';
import { type ControlPlaneHandle, createHandle } from './mounted.ts';
import type { ControlAudit } from './operations/work.ts';
import type { OtherPorts } from './other-rooms.ts';

export type { ControlPlaneHandle } from './mounted.ts';

export interface ControlPlaneSources {
  readonly config: ResolvedConfig;
  readonly isolation: Isolation;
  readonly directory: TenantCache;
  readonly audit: ControlAudit;
  readonly system: SystemRecorder | undefined;
  readonly requests: RequestWatch | undefined;
  /** What the operations of other rooms work with. */
  readonly others: OtherPorts;
  /** The gate of the app's own requests, for another way of naming the tenant. */
  readonly gateOf: (identity: IdentityConfig) => RequestGate;
  readonly csrf: CsrfTokens;
  readonly people: IdentityDoor;
  readonly sessions: GatePorts['sessions'];
  readonly authorize: (permission: string) => Promise<void>;
  readonly confirm: () => Promise<void>;
}

/** @throws `http.unconfigured` */
export function openControlPlane(sources: ControlPlaneSources): ControlPlaneHandle {
  const { config, isolation, directory, audit, system, requests } = sources;
  const { http, audit: auditConfig } = config;
  const { operatorUrl, contextKeys } = config.isolation;
  const [secret] = contextKeys;
  if (
    http === undefined ||
    auditConfig === undefined ||
    system === undefined ||
    requests === undefined ||
    operatorUrl === undefined ||
    secret === undefined
  ) {
    throw httpError('http.unconfigured');
  }
  const load = async (): Promise<MountedControlPlane> => {
    const [{ composeControlPlane }, { capabilities }, { version }] = await Promise.all([
      import('./index.ts'),
      import('../capabilities.ts'),
      import('../kernel/version.ts'),
    ]);
    return composeControlPlane({
      config: http,
      version,
      isolation,
      operatorUrl,
      secret,
      appRole: config.database.appRole,
      operatorRole: config.database.operatorRole ?? null,
      directory,
      gate: (name) => sources.gateOf(controlIdentity(config.identity, name)),
      csrf: sources.csrf,
      people: sources.people,
      sessions: sources.sessions,
      audit,
      auditConfig,
      system,
      watch: requests,
      trustProxy: config.identity.trustProxy,
      errors: Object.assign({}, ...capabilities.map(({ errors }) => errors)),
      others: sources.others,
      authorize: sources.authorize,
      confirm: sources.confirm,
    });
  };
  return createHandle(load, new URL(http.publicUrl).pathname.replace(/\/+$/, ''));
}

/**
 * The app's own identity, with the tenant named by a header that the control plane writes from the path, and
 * nothing public or skipped. Where the app reads the tenant from a claim, the claim still says who belongs where.
 */
function controlIdentity(identity: IdentityConfig, header: string): IdentityConfig {
  const claim = identity.tenantFrom.find((source) => source.from === 'claim');
  return {
    ...identity,
    tenantFrom: [{ from: 'header', name: header }],
    publicPaths: [],
    skip: undefined,
    jwt: identity.jwt.map((issuer) => ({
      ...issuer,
      tenantClaim: issuer.tenantClaim ?? claim?.name,
    })),
  };
}
