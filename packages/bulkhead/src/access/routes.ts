/** Where the operations of the access room are reached over HTTP. */
import type { RouteDefinition } from '../kernel/route.ts';

const MEMBERS = '/tenants/{tenant}/members';
const NODES = '/tenants/{tenant}/nodes';
const ROLES = '/tenants/{tenant}/roles';
const GROUPS = '/tenants/{tenant}/groups';
const GRANTS = '/tenants/{tenant}/grants';
const ACCESS = '/tenants/{tenant}/access';

export const accessRoutes: readonly RouteDefinition[] = [
  { method: 'GET', path: MEMBERS, operation: 'member.list' },
  { method: 'POST', path: MEMBERS, operation: 'member.add', status: 201 },
  { method: 'GET', path: `${MEMBERS}/{type}/{id}`, operation: 'member.get' },
  {
    method: 'PATCH',
    path: `${MEMBERS}/{type}/{id}`,
    operation: 'member.rename',
    etagOf: 'member.get',
  },
  {
    method: 'DELETE',
    path: `${MEMBERS}/{type}/{id}`,
    operation: 'member.remove',
    etagOf: 'member.get',
  },
  { method: 'POST', path: `${MEMBERS}/{type}/{id}/suspend`, operation: 'member.suspend' },
  { method: 'POST', path: `${MEMBERS}/{type}/{id}/restore`, operation: 'member.restore' },
  { method: 'POST', path: `${MEMBERS}/leave`, operation: 'member.leave' },
  { method: 'POST', path: '/tenants/{tenant}/ownership', operation: 'ownership.transfer' },

  { method: 'GET', path: NODES, operation: 'node.list' },
  { method: 'POST', path: NODES, operation: 'node.create', status: 201 },
  { method: 'GET', path: `${NODES}/{id}`, operation: 'node.get' },
  { method: 'PATCH', path: `${NODES}/{id}`, operation: 'node.rename', etagOf: 'node.get' },
  { method: 'POST', path: `${NODES}/{id}/move`, operation: 'node.move', etagOf: 'node.get' },
  { method: 'DELETE', path: `${NODES}/{id}`, operation: 'node.delete', etagOf: 'node.get' },

  { method: 'GET', path: ROLES, operation: 'role.list' },
  { method: 'POST', path: ROLES, operation: 'role.create', status: 201 },
  { method: 'GET', path: `${ROLES}/{key}`, operation: 'role.get' },
  { method: 'PATCH', path: `${ROLES}/{key}`, operation: 'role.update', etagOf: 'role.get' },
  { method: 'DELETE', path: `${ROLES}/{key}`, operation: 'role.delete', etagOf: 'role.get' },
  { method: 'GET', path: '/tenants/{tenant}/permissions', operation: 'permission.list' },

  { method: 'GET', path: GROUPS, operation: 'group.list' },
  { method: 'POST', path: GROUPS, operation: 'group.create', status: 201 },
  { method: 'GET', path: `${GROUPS}/{id}`, operation: 'group.get' },
  { method: 'PATCH', path: `${GROUPS}/{id}`, operation: 'group.rename', etagOf: 'group.get' },
  { method: 'DELETE', path: `${GROUPS}/{id}`, operation: 'group.delete', etagOf: 'group.get' },
  { method: 'GET', path: `${GROUPS}/{id}/members`, operation: 'group.members' },
  { method: 'POST', path: `${GROUPS}/{id}/members`, operation: 'group.add_members' },
  { method: 'POST', path: `${GROUPS}/{id}/members/remove`, operation: 'group.remove_members' },

  { method: 'GET', path: GRANTS, operation: 'grant.list' },
  { method: 'POST', path: GRANTS, operation: 'grant.create', status: 201 },
  { method: 'GET', path: `${GRANTS}/{id}`, operation: 'grant.get' },
  { method: 'PATCH', path: `${GRANTS}/{id}`, operation: 'grant.change_end', etagOf: 'grant.get' },
  { method: 'DELETE', path: `${GRANTS}/{id}`, operation: 'grant.revoke', etagOf: 'grant.get' },

  { method: 'POST', path: `${ACCESS}/check`, operation: 'access.check' },
  { method: 'POST', path: `${ACCESS}/explain`, operation: 'access.explain' },
  { method: 'GET', path: `${ACCESS}/nodes`, operation: 'access.permitted' },
  { method: 'GET', path: `${ACCESS}/matrix`, operation: 'access.matrix' },
];
