/** Where this room's operations are reached over HTTP. */
import type { RouteDefinition } from '../kernel/route.ts';

const ACCOUNTS = '/tenants/{tenant}/service-accounts';
const KEYS = '/tenants/{tenant}/api-keys';
const SESSIONS = '/tenants/{tenant}/sessions';
const INVITATIONS = '/tenants/{tenant}/invitations';
const DOMAINS = '/tenants/{tenant}/verified-domains';

export const identityRoutes: readonly RouteDefinition[] = [
  { method: 'POST', path: '/tenants/{tenant}/close', operation: 'tenant.close', status: 204 },
  { method: 'GET', path: ACCOUNTS, operation: 'service_account.list' },
  { method: 'POST', path: ACCOUNTS, operation: 'service_account.create', status: 201 },
  { method: 'GET', path: `${ACCOUNTS}/{id}`, operation: 'service_account.get' },
  {
    method: 'PATCH',
    path: `${ACCOUNTS}/{id}`,
    operation: 'service_account.update',
    etagOf: 'service_account.get',
  },
  { method: 'DELETE', path: `${ACCOUNTS}/{id}`, operation: 'service_account.delete', status: 204 },
  { method: 'POST', path: `${ACCOUNTS}/{id}/disable`, operation: 'service_account.disable' },
  { method: 'POST', path: `${ACCOUNTS}/{id}/enable`, operation: 'service_account.enable' },
  { method: 'GET', path: KEYS, operation: 'api_key.list' },
  { method: 'POST', path: KEYS, operation: 'api_key.create', status: 201, secret: true },
  { method: 'POST', path: `${KEYS}/{id}/rotate`, operation: 'api_key.rotate', secret: true },
  { method: 'DELETE', path: `${KEYS}/{id}`, operation: 'api_key.revoke' },
  { method: 'GET', path: SESSIONS, operation: 'session.list' },
  { method: 'DELETE', path: `${SESSIONS}/{id}`, operation: 'session.revoke' },
  { method: 'POST', path: `${SESSIONS}/revoke-all`, operation: 'session.revoke_all' },
  { method: 'GET', path: INVITATIONS, operation: 'invitation.list' },
  { method: 'POST', path: INVITATIONS, operation: 'invitation.create', status: 201 },
  { method: 'DELETE', path: `${INVITATIONS}/{id}`, operation: 'invitation.revoke' },
  { method: 'POST', path: `${INVITATIONS}/{id}/resend`, operation: 'invitation.resend' },
  { method: 'POST', path: `${INVITATIONS}/import`, operation: 'invitation.import' },
  { method: 'GET', path: `${INVITATIONS}/export`, operation: 'invitation.export' },
  { method: 'GET', path: DOMAINS, operation: 'verified_domain.list' },
  { method: 'POST', path: DOMAINS, operation: 'verified_domain.add', status: 201 },
  { method: 'DELETE', path: `${DOMAINS}/{domain}`, operation: 'verified_domain.remove' },
  { method: 'POST', path: `${DOMAINS}/{domain}/verify`, operation: 'verified_domain.verify' },
];
