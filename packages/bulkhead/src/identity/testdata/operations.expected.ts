/**
 * Who may do what with a tenant's keys, sessions, invitations and domains: one line for each operation, by hand.
 * An operation without a line here fails the test beside it.
 */
import type { Expected } from '#test/operation-table';

const managers = 'owner admin system operator';
const people = 'owner admin member viewer auditor system operator';
const readers = 'owner admin auditor system operator';

export const expected: Readonly<Record<string, Expected>> = {
  'tenant.read': { yes: readers },
  'tenant.set_name': { yes: managers },
  'tenant.close': { yes: 'owner system operator' },

  'service_account.list': { yes: people },
  'service_account.get': { yes: people, foreign: 'identity.service_account_absent' },
  'service_account.create': { yes: managers },
  'service_account.update': { yes: managers, foreign: 'identity.service_account_absent' },
  'service_account.disable': { yes: managers, foreign: 'identity.service_account_absent' },
  'service_account.enable': { yes: managers, foreign: 'identity.service_account_absent' },
  'service_account.delete': { yes: managers, foreign: 'identity.service_account_absent' },

  'api_key.list': { yes: readers },
  'api_key.create': { yes: managers, foreign: 'identity.api_key_holder_invalid' },
  'api_key.rotate': { yes: managers, foreign: 'identity.api_key_absent' },
  'api_key.revoke': { yes: managers, foreign: 'identity.api_key_absent' },

  'session.list': { yes: readers },
  'session.revoke': { yes: managers },
  'session.revoke_all': { yes: managers },

  'invitation.list': { yes: managers },
  'invitation.export': { yes: managers },
  'invitation.create': { yes: managers, foreign: 'access.node_absent' },
  'invitation.import': { yes: managers },
  'invitation.resend': { yes: managers, foreign: 'identity.invitation_absent' },
  'invitation.revoke': { yes: managers, foreign: 'identity.invitation_absent' },

  'verified_domain.list': { yes: readers },
  'verified_domain.add': { yes: managers },
  'verified_domain.remove': { yes: managers, foreign: 'identity.domain_unknown' },
  'verified_domain.verify': { yes: managers, foreign: 'identity.domain_unknown' },
};
