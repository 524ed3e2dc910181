/** Where the operations on policies are reached over HTTP. */
import type { RouteDefinition } from '../kernel/route.ts';

const POLICIES = '/tenants/{tenant}/policies';

export const policyRoutes: readonly RouteDefinition[] = [
  { method: 'GET', path: POLICIES, operation: 'policy.list' },
  { method: 'GET', path: `${POLICIES}/{kind}`, operation: 'policy.get' },
  {
    method: 'PUT',
    path: `${POLICIES}/{kind}`,
    operation: 'policy.set',
    etagOf: 'policy.get',
  },
  { method: 'POST', path: `${POLICIES}/{kind}/preview`, operation: 'policy.preview' },
  { method: 'GET', path: `${POLICIES}/{kind}/history`, operation: 'policy.history' },
];
