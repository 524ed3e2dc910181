-- Who may do what, on which node: the catalogue that all tenants share, and each tenant's own members, tree,
-- roles, groups and grants. The runner executes this file as the role `bulkhead`, which owns everything in it.

-- What all tenants share -----------------------------------------------------------------------------------

create table bulkhead.permission (
  name text collate "C" primary key
    check (name ~ '^[a-z][a-z0-9_]{0,47}:[a-z][a-z0-9_]{0,47}$'),
  bit smallint not null unique check (bit between 0 and 4095),
  description text not null check (length(description) between 1 and 300),
  dangerous boolean not null default false,
  retired_at timestamptz
);
comment on table bulkhead.permission is 'Every permission there is: Bulkhead''s own and the app''s, published by bulkhead migrate.';
comment on column bulkhead.permission.name is 'resource:action.';
comment on column bulkhead.permission.bit is 'Its place in masks; never given to another permission, not even when this one is retired.';
comment on column bulkhead.permission.description is 'One sentence for whoever composes a role.';
comment on column bulkhead.permission.dangerous is 'The database is asked each time, whatever a process remembers.';
comment on column bulkhead.permission.retired_at is 'Since when the app declares it no more; nobody holds a retired permission.';

create table bulkhead.builtin_role (
  key text collate "C" primary key,
  name text not null,
  description text not null
);
comment on table bulkhead.builtin_role is 'The roles that every tenant has; published by bulkhead migrate.';
comment on column bulkhead.builtin_role.key is 'owner, admin, member, viewer, auditor or billing; no custom role may be called so.';
comment on column bulkhead.builtin_role.name is 'What people are shown.';
comment on column bulkhead.builtin_role.description is 'One sentence: for whom it is.';

create table bulkhead.builtin_role_permission (
  role text collate "C" not null references bulkhead.builtin_role (key),
  permission text collate "C" not null references bulkhead.permission (name),
  primary key (role, permission)
);
create index builtin_role_permission_permission on bulkhead.builtin_role_permission (permission, role);
comment on table bulkhead.builtin_role_permission is 'What the roles of every tenant hold.';
comment on column bulkhead.builtin_role_permission.role is 'The role.';
comment on column bulkhead.builtin_role_permission.permission is 'What it holds.';

create table bulkhead.node_kind (
  name text collate "C" primary key check (name ~ '^[a-z][a-z0-9_]{0,47}$'),
  rank smallint not null unique deferrable initially immediate check (rank between 0 and 63),
  retired_at timestamptz
);
comment on table bulkhead.node_kind is 'The kinds of nodes from the top down; a node stands below one of an earlier kind.';
comment on column bulkhead.node_kind.name is 'tenant, workspace, project, then what the app declares.';
comment on column bulkhead.node_kind.rank is 'Its place in that order.';
comment on column bulkhead.node_kind.retired_at is 'Since when the app declares it no more; no node of it can be made.';

-- What each tenant has -------------------------------------------------------------------------------------

create table bulkhead.access_epoch (
  tenant_id uuid primary key,
  epoch bigint not null default 0,
  disabled boolean not null default false
) with (fillfactor = 50);
comment on table bulkhead.access_epoch is 'One row per tenant that every change of who may do what moves on: what a process remembers holds for one epoch. It is also the lock that puts those changes one after the other.';
comment on column bulkhead.access_epoch.tenant_id is 'Whose.';
comment on column bulkhead.access_epoch.epoch is 'Grows by one with every change.';
comment on column bulkhead.access_epoch.disabled is 'The tenant is shut: nobody but operators may do anything in it.';

create table bulkhead.membership (
  tenant_id uuid not null,
  type text not null check (type in ('user', 'service_account')),
  id text collate "C" not null check (id ~ '^[!-~]{1,200}$'),
  name text not null check (length(name) between 1 and 200),
  email text check (length(email) between 3 and 320),
  status text not null default 'active' check (status in ('active', 'suspended')),
  shut_out boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, type, id)
);
create index membership_actor on bulkhead.membership (type, id);
comment on table bulkhead.membership is 'Who belongs to a tenant. Without an active row nobody may do anything in it, whatever they were granted.';
comment on column bulkhead.membership.tenant_id is 'The tenant.';
comment on column bulkhead.membership.type is 'A person or a service account.';
comment on column bulkhead.membership.id is 'The actor''s id, as the signed context has it.';
comment on column bulkhead.membership.name is 'What people of the tenant are shown.';
comment on column bulkhead.membership.email is 'Where a person is written to, in the canonical form; null where nobody said.';
comment on column bulkhead.membership.status is 'A suspended member keeps what they were granted and may do nothing.';
comment on column bulkhead.membership.shut_out is 'Whether nobody can come in as this member just now, as where the account is disabled: an owner who is shut out is none that a tenant could be left to.';
comment on column bulkhead.membership.created_at is 'When they joined.';
comment on column bulkhead.membership.updated_at is 'When the row last changed.';

create table bulkhead.node (
  tenant_id uuid not null,
  id uuid not null,
  parent uuid,
  kind text collate "C" not null references bulkhead.node_kind (name),
  name text not null check (length(name) between 1 and 200),
  ancestors uuid[] not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  foreign key (tenant_id, parent) references bulkhead.node (tenant_id, id),
  check ((parent is null) = (id = tenant_id) and (kind = 'tenant') = (id = tenant_id)),
  check ((parent is null and ancestors = '{}') or (parent = ancestors[cardinality(ancestors)] and ancestors[1] = tenant_id))
);
create index node_parent on bulkhead.node (tenant_id, parent, id);
create index node_kind_id on bulkhead.node (tenant_id, kind, id);
create index node_ancestors on bulkhead.node using gin (ancestors);
comment on table bulkhead.node is 'The tree of a tenant: what is granted on a node holds on everything below it.';
comment on column bulkhead.node.tenant_id is 'The tenant.';
comment on column bulkhead.node.id is 'The node; the root''s is the tenant''s own, others may be those of the app''s rows.';
comment on column bulkhead.node.parent is 'The node above; null for the root.';
comment on column bulkhead.node.kind is 'What it is.';
comment on column bulkhead.node.name is 'What people are shown.';
comment on column bulkhead.node.ancestors is 'All nodes above, from the root down; kept by the functions that move nodes.';
comment on column bulkhead.node.created_at is 'When it was made.';

create table bulkhead.role (
  tenant_id uuid not null,
  key text collate "C" not null check (key ~ '^[a-z][a-z0-9_-]{0,62}$'),
  name text not null check (length(name) between 1 and 200),
  description text not null default '' check (length(description) <= 1000),
  kind text collate "C" references bulkhead.node_kind (name),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, key)
);
comment on table bulkhead.role is 'The roles that a tenant made itself.';
comment on column bulkhead.role.tenant_id is 'The tenant.';
comment on column bulkhead.role.key is 'Names the role in grants; never changes.';
comment on column bulkhead.role.name is 'What people are shown.';
comment on column bulkhead.role.description is 'For whom it is.';
comment on column bulkhead.role.kind is 'The only kind of node that it can be granted on; null for any.';
comment on column bulkhead.role.created_at is 'When it was made.';
comment on column bulkhead.role.updated_at is 'When it last changed.';

create table bulkhead.role_permission (
  tenant_id uuid not null,
  role text collate "C" not null,
  permission text collate "C" not null references bulkhead.permission (name),
  primary key (tenant_id, role, permission),
  foreign key (tenant_id, role) references bulkhead.role (tenant_id, key) on delete cascade
);
create index role_permission_permission on bulkhead.role_permission (tenant_id, permission, role);
comment on table bulkhead.role_permission is 'What a tenant''s own roles hold themselves.';
comment on column bulkhead.role_permission.tenant_id is 'The tenant.';
comment on column bulkhead.role_permission.role is 'The role.';
comment on column bulkhead.role_permission.permission is 'What it holds.';

create table bulkhead.role_inherits (
  tenant_id uuid not null,
  role text collate "C" not null,
  inherits text collate "C" not null,
  primary key (tenant_id, role, inherits),
  foreign key (tenant_id, role) references bulkhead.role (tenant_id, key) on delete cascade,
  check (role <> inherits)
);
create index role_inherits_inherits on bulkhead.role_inherits (tenant_id, inherits, role);
comment on table bulkhead.role_inherits is 'Which roles hold all that another holds; a chain has at most 64 roles and never closes.';
comment on column bulkhead.role_inherits.tenant_id is 'The tenant.';
comment on column bulkhead.role_inherits.role is 'The role that inherits.';
comment on column bulkhead.role_inherits.inherits is 'From which: one of the tenant''s own or a built-in one.';

create table bulkhead.actor_group (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
comment on table bulkhead.actor_group is 'Groups of members: what is granted to a group, each of them holds.';
comment on column bulkhead.actor_group.tenant_id is 'The tenant.';
comment on column bulkhead.actor_group.id is 'The group.';
comment on column bulkhead.actor_group.name is 'What people are shown.';
comment on column bulkhead.actor_group.created_at is 'When it was made.';

create table bulkhead.group_member (
  tenant_id uuid not null,
  group_id uuid not null,
  type text not null,
  id text collate "C" not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, group_id, type, id),
  foreign key (tenant_id, group_id) references bulkhead.actor_group (tenant_id, id),
  foreign key (tenant_id, type, id) references bulkhead.membership (tenant_id, type, id)
);
create index group_member_member on bulkhead.group_member (tenant_id, type, id, group_id);
comment on table bulkhead.group_member is 'Who is in a group.';
comment on column bulkhead.group_member.tenant_id is 'The tenant.';
comment on column bulkhead.group_member.group_id is 'The group.';
comment on column bulkhead.group_member.type is 'A person or a service account.';
comment on column bulkhead.group_member.id is 'The member.';
comment on column bulkhead.group_member.created_at is 'Since when.';

create table bulkhead.access_grant (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  holder_type text not null check (holder_type in ('user', 'service_account', 'group')),
  holder_id text collate "C" not null,
  role text collate "C" not null,
  node uuid not null,
  source text not null default 'direct' check (source ~ '^[a-z][a-z0-9_.-]{0,63}$'),
  expires_at timestamptz,
  granted_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  unique (tenant_id, holder_type, holder_id, node, role, source),
  foreign key (tenant_id, node) references bulkhead.node (tenant_id, id)
);
create index access_grant_node on bulkhead.access_grant (tenant_id, node, id);
create index access_grant_role on bulkhead.access_grant (tenant_id, role, id);
comment on table bulkhead.access_grant is 'Roles given to members and groups, each on a node and all below it.';
comment on column bulkhead.access_grant.tenant_id is 'The tenant.';
comment on column bulkhead.access_grant.id is 'The grant.';
comment on column bulkhead.access_grant.holder_type is 'A person, a service account or a group.';
comment on column bulkhead.access_grant.holder_id is 'Who holds it.';
comment on column bulkhead.access_grant.role is 'What was given: one of the tenant''s own roles or a built-in one.';
comment on column bulkhead.access_grant.node is 'Where.';
comment on column bulkhead.access_grant.source is 'By which way it came: direct, invitation, scim.';
comment on column bulkhead.access_grant.expires_at is 'From then on it gives nothing; null for a grant without an end.';
comment on column bulkhead.access_grant.granted_by is 'Who gave it, as type:id.';
comment on column bulkhead.access_grant.created_at is 'When.';

create table bulkhead.delegation (
  tenant_id uuid not null,
  actor_type text not null check (actor_type = 'api_key'),
  actor_id text collate "C" not null check (actor_id ~ '^[!-~]{1,200}$'),
  holder_type text not null check (holder_type in ('user', 'service_account')),
  holder_id text collate "C" not null,
  permissions text[],
  nodes uuid[],
  expires_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, actor_type, actor_id)
);
create index delegation_holder on bulkhead.delegation (tenant_id, holder_type, holder_id);
comment on table bulkhead.delegation is 'Keys that act for a member: never more than the member may, and within the limits of the key.';
comment on column bulkhead.delegation.tenant_id is 'The tenant.';
comment on column bulkhead.delegation.actor_type is 'api_key.';
comment on column bulkhead.delegation.actor_id is 'The key''s id, as the signed context has it.';
comment on column bulkhead.delegation.holder_type is 'For whom it acts: a person or a service account.';
comment on column bulkhead.delegation.holder_id is 'For whom it acts.';
comment on column bulkhead.delegation.permissions is 'The only permissions it passes on; null for all of the holder''s.';
comment on column bulkhead.delegation.nodes is 'The only nodes, with all below them; null for everywhere.';
comment on column bulkhead.delegation.expires_at is 'From then on it may nothing.';
comment on column bulkhead.delegation.revoked_at is 'When it was withdrawn.';
comment on column bulkhead.delegation.created_at is 'When it was made.';

-- Walls ----------------------------------------------------------------------------------------------------

-- The tables' owner, and so every function below, is bound to the tenant of the context as well, so that a slip
-- in one of them reaches no other tenant. Only without a context does it see them all: that is how people are
-- found before a tenant is, by roles of their own, and never by the app's.
do $$
declare
  name text;
begin
  foreach name in array array['permission', 'builtin_role', 'builtin_role_permission', 'node_kind']
  loop
    execute format('alter table bulkhead.%I enable row level security', name);
    execute format('alter table bulkhead.%I force row level security', name);
    execute format('revoke all on bulkhead.%I from public', name);
    execute format('create policy bulkhead_owner on bulkhead.%I to bulkhead using (true) with check (true)', name);
  end loop;
  foreach name in array array['access_epoch', 'membership', 'node', 'role', 'role_permission', 'role_inherits',
    'actor_group', 'group_member', 'access_grant', 'delegation']
  loop
    execute format('alter table bulkhead.%I enable row level security', name);
    execute format('alter table bulkhead.%I force row level security', name);
    execute format('revoke all on bulkhead.%I from public', name);
    execute format(
      'create policy bulkhead_owner on bulkhead.%I to bulkhead using (coalesce(tenant_id = (select bulkhead.tenant_id()), true)) with check (coalesce(tenant_id = (select bulkhead.tenant_id()), true))',
      name);
    execute format(
      'create policy bulkhead_tenant on bulkhead.%I for select to public using (tenant_id = (select bulkhead.tenant_id()))',
      name);
  end loop;
end
$$;
