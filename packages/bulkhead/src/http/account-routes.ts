/** Where one signs in and keeps what is one's own. */
import type { RouteDefinition } from '../kernel/route.ts';

const open = (path: `/${string}`, operation: string, status?: 201 | 204): RouteDefinition => ({
  method: 'POST',
  path,
  operation,
  scope: 'public',
  ...(status !== undefined && { status }),
});

const own = (
  method: RouteDefinition['method'],
  path: `/${string}` | '',
  operation: string,
  status?: 201 | 204,
): RouteDefinition => ({
  method,
  path: `/me${path}`,
  operation,
  scope: 'account',
  ...(status !== undefined && { status }),
});

export const accountRoutes: readonly RouteDefinition[] = [
  open('/sign-in/password', 'sign_in.password'),
  open('/sign-in/second-factor', 'sign_in.second_factor'),
  open('/sign-in/new-password', 'sign_in.new_password'),
  open('/sign-in/passkey/options', 'sign_in.passkey_options'),
  open('/sign-in/passkey/verify', 'sign_in.passkey_verify'),
  open('/sign-out', 'sign_out.all', 204),
  open('/password-resets', 'password_reset.request', 204),
  open('/password-resets/finish', 'password_reset.finish', 204),

  open('/invitations/look', 'invitation.look'),
  open('/invitations/register', 'invitation.register', 201),
  {
    method: 'POST',
    path: '/invitations/accept',
    operation: 'invitation.accept',
    scope: 'account',
  },
  {
    method: 'GET',
    path: '/joinable-tenants',
    operation: 'joinable_tenant.list',
    scope: 'account',
  },
  {
    method: 'POST',
    path: '/joinable-tenants/{id}/join',
    operation: 'joinable_tenant.join',
    scope: 'account',
  },

  { method: 'PATCH', path: '/me', operation: 'account.rename', scope: 'account', etagOf: 'me.get' },
  own('GET', '/tenants', 'account.tenants'),
  own('GET', '/factors', 'account.factors'),
  own('POST', '/step-up', 'account.step_up'),
  own('POST', '/email', 'account.change_email', 204),
  own('POST', '/email/confirm', 'account.confirm_email'),
  own('POST', '/password', 'account.change_password'),
  own('POST', '/totp', 'account.enrol_totp'),
  own('POST', '/totp/confirm', 'account.confirm_totp'),
  own('DELETE', '/totp', 'account.remove_totp', 204),
  own('POST', '/recovery-codes', 'account.renew_recovery_codes'),
  own('POST', '/passkeys/options', 'account.passkey_options'),
  own('POST', '/passkeys', 'account.add_passkey', 201),
  own('PATCH', '/passkeys/{id}', 'account.rename_passkey', 204),
  own('DELETE', '/passkeys/{id}', 'account.remove_passkey', 204),
  own('GET', '/sessions', 'account.sessions'),
  own('DELETE', '/sessions/{id}', 'account.end_session', 204),
  own('POST', '/sessions/end-others', 'account.end_other_sessions'),
];
