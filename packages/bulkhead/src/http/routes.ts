/** Where the control plane's own operations are reached; those of other rooms stand in their `routes.ts`. */
import type { RouteDefinition } from '../kernel/route.ts';

const TENANT = '/tenants/{tenant}';

export const controlRoutes: readonly RouteDefinition[] = [
  { method: 'GET', path: '/me', operation: 'me.get', scope: 'signed-in' },
  { method: 'GET', path: '/overview', operation: 'overview.get' },
  { method: 'GET', path: '/overview/hull', operation: 'overview.hull' },
  { method: 'GET', path: '/stream', operation: 'stream.get', scope: 'signed-in' },
  { method: 'GET', path: '/settings', operation: 'settings.get' },
  { method: 'GET', path: '/audit/tracked-tables', operation: 'tracked_table.list' },

  { method: 'GET', path: '/isolation', operation: 'isolation.get' },
  { method: 'POST', path: '/isolation/proofs', operation: 'isolation.prove', status: 202 },
  { method: 'POST', path: '/audit/verifications', operation: 'audit.verify', status: 202 },
  { method: 'GET', path: '/jobs', operation: 'job.list' },
  { method: 'GET', path: '/jobs/{job}', operation: 'job.get' },
  { method: 'DELETE', path: '/jobs/{job}', operation: 'job.cancel' },

  { method: 'GET', path: '/tenants', operation: 'tenant.list' },
  { method: 'POST', path: '/tenants', operation: 'tenant.create', status: 201 },
  { method: 'GET', path: TENANT, operation: 'tenant.get', scope: 'directory' },
  {
    method: 'PATCH',
    path: TENANT,
    operation: 'tenant.rename',
    scope: 'directory',
    etagOf: 'tenant.get',
  },
  { method: 'POST', path: `${TENANT}/disable`, operation: 'tenant.disable', scope: 'operators' },
  { method: 'POST', path: `${TENANT}/enable`, operation: 'tenant.enable', scope: 'operators' },
  {
    method: 'POST',
    path: `${TENANT}/domains`,
    operation: 'tenant.add_domain',
    scope: 'operators',
    status: 201,
  },
  {
    method: 'DELETE',
    path: `${TENANT}/domains/{domain}`,
    operation: 'tenant.remove_domain',
    scope: 'operators',
  },

  { method: 'GET', path: '/users', operation: 'user.list' },
  { method: 'POST', path: '/users', operation: 'user.create', status: 201 },
  { method: 'GET', path: '/users/{user}', operation: 'user.get' },
  { method: 'PATCH', path: '/users/{user}', operation: 'user.rename', etagOf: 'user.get' },
  { method: 'POST', path: '/users/{user}/disable', operation: 'user.disable' },
  { method: 'POST', path: '/users/{user}/enable', operation: 'user.enable' },
  { method: 'POST', path: '/users/{user}/factors/reset', operation: 'user.reset_factors' },
  { method: 'GET', path: '/users/{user}/sessions', operation: 'user.sessions' },
  { method: 'POST', path: '/users/{user}/sessions/end', operation: 'user.end_sessions' },

  { method: 'GET', path: `${TENANT}/events`, operation: 'event.search' },
  { method: 'GET', path: `${TENANT}/events/histogram`, operation: 'event.histogram' },
  { method: 'GET', path: `${TENANT}/events/facets`, operation: 'event.facets' },
  { method: 'GET', path: `${TENANT}/events/export`, operation: 'event.export' },
  { method: 'GET', path: `${TENANT}/events/{event}`, operation: 'event.get' },
  { method: 'GET', path: `${TENANT}/events/{event}/proof`, operation: 'event.prove' },
  { method: 'GET', path: `${TENANT}/logs`, operation: 'log.list' },
  { method: 'GET', path: `${TENANT}/logs/{class}/consistency`, operation: 'log.prove' },
  { method: 'POST', path: `${TENANT}/erasures`, operation: 'audit.erase' },
];
