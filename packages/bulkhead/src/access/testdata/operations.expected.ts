/**
 * Who may do what: one line for each operation, by hand. The test beside it runs every operation as everybody and
 * compares; an operation without a line here fails it.
 *
 * `yes` is who may, all others are told `access.denied`. `foreign` is what an owner is told who names another
 * tenant's thing, which is what they are told of a thing that was never there.
 */
export const everybody =
  'owner admin member viewer auditor billing nobody suspended stranger key system operator';

export interface Expected {
  readonly yes: string;
  /** Absent where the input names nothing. */
  readonly foreign?: string;
}

const managers = 'owner admin system operator';
const readers = 'owner admin auditor system operator';

export const expected: Readonly<Record<string, Expected>> = {
  'member.list': { yes: `${readers} member viewer` },
  'member.get': { yes: `${readers} member viewer`, foreign: 'access.member_absent' },
  'member.add': { yes: managers },
  'member.rename': { yes: managers, foreign: 'access.member_absent' },
  'member.suspend': { yes: managers, foreign: 'access.member_absent' },
  'member.restore': { yes: managers, foreign: 'access.member_absent' },
  'member.remove': { yes: managers, foreign: 'access.member_absent' },
  // Also a suspended member may go; whoever is no member has nothing to leave, and only people leave.
  'member.leave': { yes: 'owner admin member viewer auditor billing nobody suspended' },
  'ownership.transfer': { yes: 'owner', foreign: 'access.member_absent' },

  'node.list': { yes: readers, foreign: 'access.node_absent' },
  'node.get': { yes: readers, foreign: 'access.node_absent' },
  // Members of the app make boards and cannot delete them.
  'node.create': { yes: `${managers} member`, foreign: 'access.node_absent' },
  'node.rename': { yes: managers, foreign: 'access.node_absent' },
  'node.move': { yes: managers, foreign: 'access.node_absent' },
  'node.delete': { yes: managers, foreign: 'access.node_absent' },

  'role.list': { yes: readers },
  'role.get': { yes: readers, foreign: 'access.role_absent' },
  'permission.list': { yes: everybody },
  'role.create': { yes: managers },
  'role.update': { yes: managers, foreign: 'access.role_absent' },
  'role.delete': { yes: managers, foreign: 'access.role_absent' },

  'group.list': { yes: readers },
  'group.get': { yes: readers, foreign: 'access.group_absent' },
  'group.members': { yes: readers, foreign: 'access.group_absent' },
  'group.create': { yes: managers },
  'group.rename': { yes: managers, foreign: 'access.group_absent' },
  'group.delete': { yes: managers, foreign: 'access.group_absent' },
  'group.add_members': { yes: managers, foreign: 'access.group_absent' },
  'group.remove_members': { yes: managers, foreign: 'access.group_absent' },

  'grant.list': { yes: readers, foreign: 'access.node_absent' },
  'grant.get': { yes: readers, foreign: 'access.grant_absent' },
  'grant.create': { yes: managers, foreign: 'access.node_absent' },
  'grant.revoke': { yes: managers, foreign: 'access.grant_absent' },
  'grant.change_end': { yes: managers, foreign: 'access.grant_absent' },

  // Why somebody else may; about oneself everybody may ask.
  'access.check': { yes: readers, foreign: 'access.node_absent' },
  'access.explain': { yes: readers, foreign: 'access.node_absent' },
  'access.permitted': { yes: readers, foreign: 'access.node_absent' },
  'access.matrix': { yes: readers, foreign: 'access.node_absent' },
};
