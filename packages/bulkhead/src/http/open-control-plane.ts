/**
 * The way from `createBulkhead` to the control plane, which loads nothing before somebody asks for it.
 */
import type { AuditReader, RequestWatch, SystemRecorder } from '../audit/index.ts';
import type { ResolvedConfig } from '../config.ts';
import { createRequestGate, type TenantFinder } from '../identity/index.ts';
import type { Isolation } from '../isolation/index.ts';
import { type PolicyPorts, policyOperations } from '../policies/index.ts';
import type { MountedControlPlane } from './compose.ts';
import { httpError } from './errors.ts';
import { type ControlPlaneHandle, createHandle } from './mounted.ts';

export type { ControlPlaneHandle } from './mounted.ts';

export interface ControlPlaneSources {
  readonly config: ResolvedConfig;
  readonly isolation: Isolation;
  readonly directory: TenantFinder;
  readonly audit: AuditReader & { readonly waiting: number };
  readonly system: SystemRecorder | undefined;
  readonly requests: RequestWatch | undefined;
  /** What the operations of other rooms work with. */
  readonly policies: PolicyPorts;
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
    const [{ composeControlPlane, controlRoom }, { policyRoutes }, { capabilities }, { version }] =
      await Promise.all([
        import('./index.ts'),
        import('../policies/routes.ts'),
        import('../capabilities.ts'),
        import('../audit/version.ts'),
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
      gate: (name) => createRequestGate(controlIdentity(config.identity, name), directory),
      audit,
      auditConfig,
      system,
      watch: requests,
      trustProxy: config.identity.trustProxy,
      errors: Object.assign({}, ...capabilities.map(({ errors }) => errors)),
      rooms: [controlRoom(policyRoutes, policyOperations, sources.policies)],
    });
  };
  return createHandle(load, new URL(http.publicUrl).pathname.replace(/\/+$/, ''));
}

/**
 * The app's own identity, with the tenant named by a header that the control plane writes from the path, and
 * nothing public or skipped. Where the app reads the tenant from a claim, the claim still says who belongs where.
 */
function controlIdentity(
  identity: ResolvedConfig['identity'],
  header: string,
): ResolvedConfig['identity'] {
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
