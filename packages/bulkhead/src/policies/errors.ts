import { errorFactory } from '../kernel/errors.ts';

/** The policies room's codes. */
export const policyErrors = {
  'policies.password_too_short': {
    status: 400,
    title: 'The password is shorter than the organization allows.',
    next: 'Choose a longer one; several unrelated words make a good one.',
  },
  'policies.password_too_long': {
    status: 400,
    title: 'The password is longer than the organization allows.',
    next: 'Choose a shorter one.',
  },
  'policies.password_reused': {
    status: 400,
    title: 'The password is one that was used before.',
    next: 'Choose one that was not used lately.',
  },
  'policies.password_breached': {
    status: 400,
    title: 'The password is known from a breach of some other service.',
    next: 'Choose another one, and change it wherever else it is used.',
  },
  'policies.password_expired': {
    status: 403,
    title: 'The password is older than the organization allows.',
    next: 'Set a new password to go on.',
  },
  'policies.address_not_allowed': {
    status: 403,
    title: 'The organization does not allow access from this network.',
    next: 'Connect from a network of the organization, or ask one of its administrators.',
  },
  'policies.session_ended': {
    status: 401,
    title: 'The session has ended by the organization’s policy.',
    next: 'Sign in again.',
  },
  'policies.key_too_old': {
    status: 401,
    title: 'The API key is older than the organization allows.',
    next: 'Rotate the key and use the new one.',
  },
  'policies.scope_not_allowed': {
    status: 403,
    title: 'The API key carries permissions that the organization does not allow keys to have.',
    next: 'Make a key with fewer permissions.',
  },
  'policies.mfa_enrolment_required': {
    status: 403,
    title: 'The organization demands a second factor, which is not set up yet.',
    next: 'Set up a second factor to go on.',
  },
  'policies.mfa_required': {
    status: 403,
    title: 'The organization demands a second factor, which this session has not shown.',
    next: 'Confirm with the second factor to go on.',
  },
  'policies.step_up_required': {
    status: 403,
    title: 'This action needs the second factor anew.',
    next: 'Confirm with the second factor, then repeat the action.',
  },
  'policies.policy_invalid': {
    status: 400,
    title: 'The policy is not valid.',
    next: 'Correct the settings that the message names.',
  },
  'policies.version_conflict': {
    status: 409,
    title: 'The policy was changed by somebody else meanwhile.',
    next: 'Read the policy as it is now, then set it again.',
  },
  'policies.owners_locked_out': {
    status: 409,
    title: 'The policy would leave no owner who can enter.',
    next: 'Add the network that you, or another owner, come from, then set it again; `policies.preview` says who would be shut out.',
  },
  'policies.unavailable': {
    status: 503,
    title: 'The organization’s policies can’t be read.',
    next: 'Try again shortly. If it lasts, check the database and that `bulkhead migrate` has run.',
  },
} as const;

export const policyError = errorFactory(policyErrors);
