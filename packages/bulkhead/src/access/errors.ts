import { errorFactory } from '../kernel/errors.ts';

/** The access room's codes. */
export const accessErrors = {
  'access.denied': {
    status: 403,
    title: 'You may not do this here.',
    next: 'Ask whoever manages roles in this tenant; `explain` says what is missing.',
  },
  'access.snapshot_missing': {
    status: 500,
    title: 'Nothing was loaded for this context, so `can` has nothing to answer from.',
    next: 'Await `authorize` or `canAll`, which load; `can` is for requests that came through the middleware.',
  },
  'access.unavailable': {
    status: 503,
    title: 'Who may do what can’t be known for certain at the moment.',
    next: 'Try again shortly. If it lasts, check the database and that `bulkhead migrate` has run.',
  },
  'access.exceeds_own': {
    status: 403,
    title: 'This would hand on more than you hold there yourself, or for longer.',
    next: 'Give a role with fewer permissions, on a lower node or with an earlier end, or ask an owner.',
  },
  'access.owner_protected': {
    status: 403,
    title: 'This concerns an owner, and only an owner may do that.',
    next: 'Ask one of the owners.',
  },
  'access.last_owner': {
    status: 409,
    title: 'The tenant would be left without an active owner.',
    next: 'Make somebody else an owner first, without an end date.',
  },
  'access.permission_unknown': {
    status: 400,
    title: 'There is no such permission.',
    next: 'Declare it with definePermissions and run `bulkhead migrate`, or correct its name.',
  },
  'access.permissions_invalid': {
    status: 500,
    title: 'The catalogue of permissions has faults.',
    next: 'Correct the permissions that the message names.',
  },
  'access.member_absent': {
    status: 404,
    title: 'The tenant has no such member.',
    next: 'Check the id; `members.list` shows who belongs to the tenant.',
  },
  'access.member_exists': {
    status: 409,
    title: 'They belong to the tenant already.',
    next: 'Change the member that is there.',
  },
  'access.node_absent': {
    status: 404,
    title: 'The tenant has no such node.',
    next: 'Check the id; `nodes.list` shows what there is.',
  },
  'access.node_exists': {
    status: 409,
    title: 'The tenant has a node of this id already.',
    next: 'Use another id, or change the node that is there.',
  },
  'access.node_kind_invalid': {
    status: 409,
    title: 'A node of this kind cannot stand there.',
    next: 'A node stands below one of an earlier kind: tenant, workspace, project, then those of access.kinds.',
  },
  'access.role_absent': {
    status: 404,
    title: 'The tenant has no such role.',
    next: 'Check its key; `roles.list` shows what there is.',
  },
  'access.role_exists': {
    status: 409,
    title: 'There is a role of this key already.',
    next: 'Use another key, or change the role that is there.',
  },
  'access.role_builtin': {
    status: 409,
    title: 'Built-in roles cannot be changed.',
    next: 'Make a role of your own that inherits it.',
  },
  'access.role_in_use': {
    status: 409,
    title: 'The role is granted to somebody, or another role inherits it.',
    next: 'Revoke its grants and take it out of other roles first.',
  },
  'access.role_cycle': {
    status: 409,
    title: 'A role would inherit itself.',
    next: 'Leave out the role that already inherits this one.',
  },
  'access.role_too_deep': {
    status: 409,
    title: 'The chain of roles would be longer than 64.',
    next: 'Inherit from a role nearer to the end of the chain.',
  },
  'access.role_not_for_node': {
    status: 409,
    title: 'This role is for another kind of node.',
    next: 'Give it on a node of its kind, or give another role.',
  },
  'access.group_absent': {
    status: 404,
    title: 'The tenant has no such group.',
    next: 'Check the id; `groups.list` shows what there is.',
  },
  'access.group_exists': {
    status: 409,
    title: 'There is a group of this name already.',
    next: 'Use another name.',
  },
  'access.grant_absent': {
    status: 404,
    title: 'The tenant has no such grant.',
    next: 'Check the id; `grants.list` shows what there is.',
  },
  'access.grant_exists': {
    status: 409,
    title: 'They hold this role there already.',
    next: 'Change the end of the grant that is there.',
  },
  'access.end_invalid': {
    status: 400,
    title: 'The end lies in the past.',
    next: 'Give a moment to come, or none.',
  },
  'access.limit_reached': {
    status: 409,
    title: 'The tenant has as many of these as there may be.',
    next: 'Delete some first.',
  },
} as const;

export const accessError = errorFactory(accessErrors);
