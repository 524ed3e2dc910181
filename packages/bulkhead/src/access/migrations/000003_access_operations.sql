-- What changes who may do what. Each operation takes the tenant and the actor from the verified context, puts
-- itself behind the tenant's other changes, asks whether the actor may, keeps the guards and writes the event.
-- The runner executes this file as the role `bulkhead`.
--
-- Functions that take a tenant and `who` ask nobody: they are for the rooms above, and no role may call them.

-- An id that stood for one thing must not come to stand for another in the hands of somebody else.
create table bulkhead.node_gone (
  tenant_id uuid not null,
  id uuid not null,
  deleted_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id)
);
comment on table bulkhead.node_gone is 'Ids of deleted nodes: nobody but the system may make a node of such an id again, or deleting and making would be a way to move without being asked.';
comment on column bulkhead.node_gone.tenant_id is 'The tenant.';
comment on column bulkhead.node_gone.id is 'The node that was.';
comment on column bulkhead.node_gone.deleted_at is 'When it was deleted.';
alter table bulkhead.node_gone enable row level security;
alter table bulkhead.node_gone force row level security;
revoke all on bulkhead.node_gone from public;
create policy bulkhead_owner on bulkhead.node_gone to bulkhead
  using (coalesce(tenant_id = (select bulkhead.tenant_id()), true))
  with check (coalesce(tenant_id = (select bulkhead.tenant_id()), true));

-- What the operations share --------------------------------------------------------------------------------

create function bulkhead.access_time(moment timestamptz) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$ select to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;
comment on function bulkhead.access_time(timestamptz) is 'A moment as RFC 3339 in UTC.';

create function bulkhead.access_target(kind text, key text, shown text default null) returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('type', kind, 'id', key)
      || case when shown is null then '{}' else jsonb_build_object('name', left(shown, 200)) end
$$;
comment on function bulkhead.access_target(text, text, text) is 'What an event is about.';

create function bulkhead.access_event(
  tenant uuid, who text, action text, targets jsonb, before jsonb default null, after jsonb default null,
  personal jsonb default '[]')
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  event jsonb := jsonb_build_object('action', action, 'outcome', 'success', 'targets', targets)
    || case when personal = '[]' then '{}' else jsonb_build_object('personal', personal) end;
begin
  -- A role of a thousand permissions has no room in a leaf; its hash has.
  if octet_length(before::text) > 14000 then
    before := bulkhead.audit_value(to_jsonb(before::text), 0);
  end if;
  if octet_length(after::text) > 14000 then
    after := bulkhead.audit_value(to_jsonb(after::text), 0);
  end if;
  perform bulkhead.audit_note(tenant, who, event
    || case when before is null then '{}' else jsonb_build_object('before', before) end
    || case when after is null then '{}' else jsonb_build_object('after', after) end);
end
$$;
comment on function bulkhead.access_event(uuid, text, text, jsonb, jsonb, jsonb, jsonb) is 'Writes one event of a change into the tenant''s log.';

create function bulkhead.access_begin(wanted text, place uuid) returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
begin
  perform bulkhead.access_changed(tenant);
  perform bulkhead.require_permission(wanted, place);
  return tenant;
end
$$;
comment on function bulkhead.access_begin(text, uuid) is 'Begins a change: behind all others of the tenant, and only for who may.';

create function bulkhead.access_root(tenant uuid) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into bulkhead.node (tenant_id, id, parent, kind, name, ancestors)
  values (tenant, tenant, null, 'tenant', 'Tenant', '{}') on conflict (tenant_id, id) do nothing
$$;
comment on function bulkhead.access_root(uuid) is 'Makes the root of a tenant''s tree where it is not there yet.';

create function bulkhead.access_root_named(tenant uuid, shown text) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into bulkhead.node (tenant_id, id, parent, kind, name, ancestors)
  values (tenant, tenant, null, 'tenant', shown, '{}') on conflict (tenant_id, id) do update set name = excluded.name
$$;
comment on function bulkhead.access_root_named(uuid, text) is 'Gives the root of a tenant''s tree the tenant''s name.';

-- Guards ---------------------------------------------------------------------------------------------------

create function bulkhead.access_owner_roles(tenant uuid) returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive owning (role) as (
    select 'owner' collate "C"
    union
    select i.role from owning o join bulkhead.role_inherits i on i.tenant_id = tenant and i.inherits = o.role)
  select array_agg(role) from owning
$$;
comment on function bulkhead.access_owner_roles(uuid) is 'The role of an owner, and those that inherit it.';

-- Who owns a tenant is said here, for the guard of the last owner and for the rank of owners alike.
create function bulkhead.access_ownerships(tenant uuid) returns setof bulkhead.access_grant
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Known before the statement is planned, which takes the few grants of them by their key: most have other roles.
  roles constant text[] := bulkhead.access_owner_roles(tenant);
begin
  return query
    select * from bulkhead.access_grant g
     where g.tenant_id = tenant and g.node = tenant and g.role = any (roles)
       and (g.expires_at is null or g.expires_at > clock_timestamp());
end
$$;
comment on function bulkhead.access_ownerships(uuid) is 'The grants that make somebody, or a group, an owner: on the tenant, of the role of an owner or one that inherits it.';

-- A service account does not count, nor does who is shut out: nobody could ask them. A grant with an end does not either:
-- it would end by itself.
create function bulkhead.access_owners(tenant uuid) returns setof text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  users text[];
  groups uuid[];
begin
  select array_agg(g.holder_id) filter (where g.holder_type = 'user'),
         array_agg(g.holder_id::uuid) filter (where g.holder_type = 'group')
    into users, groups
    from bulkhead.access_ownerships(tenant) g where g.expires_at is null;
  -- Asked before and after each change: by the keys alone, however many members and groups there are.
  if groups is not null then
    users := users || array(
      select o.id from bulkhead.group_member o where o.tenant_id = tenant and o.group_id = any (groups) and o.type = 'user');
  end if;
  return query
    select m.id from bulkhead.membership m
     where m.tenant_id = tenant and m.type = 'user' and m.id = any (users) and m.status = 'active' and not m.shut_out;
end
$$;
comment on function bulkhead.access_owners(uuid) is 'The active people who own a tenant without an end.';

create function bulkhead.access_keep_owner(tenant uuid, had_owner boolean) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if had_owner and not exists (select from bulkhead.access_owners(tenant)) then
    raise exception using errcode = 'BH001', message = 'access.last_owner';
  end if;
end
$$;
comment on function bulkhead.access_keep_owner(uuid, boolean) is 'Refuses a change after which a tenant that had an active owner has none. What it is about stands behind the tenant''s epoch, so no two changes can each leave it to the other.';

create function bulkhead.access_is_owner(tenant uuid, of_kind text, of_key text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from bulkhead.access_ownerships(tenant) g
     where g.holder_type = of_kind and g.holder_id = of_key
        or g.holder_type = 'group' and g.holder_id = any (bulkhead.access_groups(tenant, of_kind, of_key)))
$$;
comment on function bulkhead.access_is_owner(uuid, text, text) is 'Whether somebody, or a group, has been made an owner, also by a role that inherits, also one who is suspended or for whom it ends.';

create function bulkhead.access_ranks_as_owner(tenant uuid, actor_kind text, actor_key text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select bulkhead.access_covers(tenant, actor_kind, actor_key,
    bulkhead.access_role_permissions(tenant, array['owner']), tenant, clock_timestamp())
$$;
comment on function bulkhead.access_ranks_as_owner(uuid, text, text) is 'Whether an actor holds now all that an owner holds.';

create function bulkhead.access_protect_owner(tenant uuid, of_kind text, of_key text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if bulkhead.access_is_owner(tenant, of_kind, of_key)
     and not bulkhead.access_ranks_as_owner(tenant, bulkhead.actor_type(), bulkhead.actor_id()) then
    raise exception using errcode = 'BH001', message = 'access.owner_protected';
  end if;
end
$$;
comment on function bulkhead.access_protect_owner(uuid, text, text) is 'Refuses to anybody below an owner what takes an owner out.';

create function bulkhead.access_guard_handing_on(tenant uuid, handed text[], place uuid, until timestamptz) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not bulkhead.access_covers(tenant, bulkhead.actor_type(), bulkhead.actor_id(), handed, place, until) then
    raise exception using errcode = 'BH001', message = 'access.exceeds_own';
  end if;
end
$$;
comment on function bulkhead.access_guard_handing_on(uuid, text[], uuid, timestamptz) is 'Refuses to hand on what the actor of the context does not hold there, or not for as long.';

-- Members --------------------------------------------------------------------------------------------------

create function bulkhead.access_member_json(of bulkhead.membership) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('type', of.type, 'id', of.id, 'name', of.name, 'email', of.email,
    'status', of.status, 'createdAt', bulkhead.access_time(of.created_at))
$$;
comment on function bulkhead.access_member_json(bulkhead.membership) is 'A member as operations give it back.';

-- In an event, a person's name and address are theirs: the log commits to them and holds them apart.
create function bulkhead.access_member_event(who text, action text, of bulkhead.membership, before jsonb, after jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  personal jsonb := '[]';
begin
  if of.type = 'user' then
    select coalesce(jsonb_agg(jsonb_build_object('path', '/' || side.name || '/' || field,
             'subject', jsonb_build_object('type', of.type, 'id', of.id))), '[]')
      into personal
      from (values ('before', before), ('after', after)) as side (name, doc)
     cross join unnest(array['name', 'email']) as field
     where jsonb_typeof(side.doc -> field) = 'string';
  end if;
  perform bulkhead.access_event(of.tenant_id, who, action,
    jsonb_build_array(bulkhead.access_target(of.type, of.id)), before, after, personal);
end
$$;
comment on function bulkhead.access_member_event(text, text, bulkhead.membership, jsonb, jsonb) is 'An event about a member.';

create function bulkhead.access_member(tenant uuid, member_kind text, member_key text) returns bulkhead.membership
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  found_row bulkhead.membership;
begin
  select * into found_row from bulkhead.membership m
   where m.tenant_id = tenant and m.type = member_kind and m.id = member_key;
  if not found then
    raise exception using errcode = 'BH001', message = 'access.member_absent';
  end if;
  return found_row;
end
$$;
comment on function bulkhead.access_member(uuid, text, text) is 'One member, or access.member_absent.';

create function bulkhead.access_put_member(
  tenant uuid, who text, member_kind text, member_key text, shown text, address text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  made bulkhead.membership;
begin
  insert into bulkhead.membership (tenant_id, type, id, name, email)
  values (tenant, member_kind, member_key, shown, address)
  on conflict (tenant_id, type, id) do nothing
  returning * into made;
  if not found then
    return false;
  end if;
  perform bulkhead.access_member_event(who, 'member.added', made, null,
    jsonb_build_object('status', made.status, 'name', made.name, 'email', made.email));
  return true;
end
$$;
comment on function bulkhead.access_put_member(uuid, text, text, text, text, text) is 'Adds a member; false where they belong to the tenant already.';

create function bulkhead.access_set_status(tenant uuid, who text, member_kind text, member_key text, wanted text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  old_row bulkhead.membership := bulkhead.access_member(tenant, member_kind, member_key);
  new_row bulkhead.membership;
  had_owner boolean := exists (select from bulkhead.access_owners(tenant));
begin
  if old_row.status = wanted then
    return bulkhead.access_member_json(old_row);
  end if;
  update bulkhead.membership m set status = wanted, updated_at = clock_timestamp()
   where m.tenant_id = tenant and m.type = member_kind and m.id = member_key
  returning * into new_row;
  perform bulkhead.access_keep_owner(tenant, had_owner);
  perform bulkhead.access_member_event(who,
    case wanted when 'suspended' then 'member.suspended' else 'member.restored' end, new_row,
    jsonb_build_object('status', old_row.status), jsonb_build_object('status', new_row.status));
  return bulkhead.access_member_json(new_row);
end
$$;
comment on function bulkhead.access_set_status(uuid, text, text, text, text) is 'Suspends or restores a member.';

create function bulkhead.access_drop_member(tenant uuid, who text, member_kind text, member_key text, action text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  old_row bulkhead.membership := bulkhead.access_member(tenant, member_kind, member_key);
  had_owner boolean := exists (select from bulkhead.access_owners(tenant));
  had jsonb;
begin
  select coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'node', g.node)), '[]') into had
    from (select o.role, o.node from bulkhead.access_grant o
           where o.tenant_id = tenant and o.holder_type = member_kind and o.holder_id = member_key
           order by o.created_at limit 100) as g;
  delete from bulkhead.access_grant g
   where g.tenant_id = tenant and g.holder_type = member_kind and g.holder_id = member_key;
  delete from bulkhead.group_member m
   where m.tenant_id = tenant and m.type = member_kind and m.id = member_key;
  update bulkhead.delegation d set revoked_at = clock_timestamp()
   where d.tenant_id = tenant and d.holder_type = member_kind and d.holder_id = member_key and d.revoked_at is null;
  delete from bulkhead.membership m
   where m.tenant_id = tenant and m.type = member_kind and m.id = member_key;
  perform bulkhead.access_keep_owner(tenant, had_owner);
  perform bulkhead.access_member_event(who, action, old_row, jsonb_build_object(
    'status', old_row.status, 'name', old_row.name, 'email', old_row.email, 'grants', had), null);
end
$$;
comment on function bulkhead.access_drop_member(uuid, text, text, text, text) is 'Ends a membership with all that came with it: grants, groups and keys.';

create function bulkhead.member_add(member_kind text, member_key text, shown text, address text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('member:manage', null);
begin
  if not bulkhead.access_put_member(tenant, bulkhead.actor(), member_kind, member_key, shown, address) then
    raise exception using errcode = 'BH001', message = 'access.member_exists';
  end if;
  return bulkhead.access_member_json(bulkhead.access_member(tenant, member_kind, member_key));
end
$$;
comment on function bulkhead.member_add(text, text, text, text) is 'Operation member.add.';

create function bulkhead.member_rename(member_kind text, member_key text, shown text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
  old_row bulkhead.membership;
  new_row bulkhead.membership;
begin
  perform bulkhead.require_permission('member:manage', null);
  old_row := bulkhead.access_member(tenant, member_kind, member_key);
  update bulkhead.membership m set name = shown, updated_at = clock_timestamp()
   where m.tenant_id = tenant and m.type = member_kind and m.id = member_key
  returning * into new_row;
  perform bulkhead.access_member_event(bulkhead.actor(), 'member.renamed', new_row,
    jsonb_build_object('name', old_row.name), jsonb_build_object('name', new_row.name));
  return bulkhead.access_member_json(new_row);
end
$$;
comment on function bulkhead.member_rename(text, text, text) is 'Operation member.rename.';

create function bulkhead.member_suspend(member_kind text, member_key text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('member:manage', null);
begin
  perform bulkhead.access_protect_owner(tenant, member_kind, member_key);
  return bulkhead.access_set_status(tenant, bulkhead.actor(), member_kind, member_key, 'suspended');
end
$$;
comment on function bulkhead.member_suspend(text, text) is 'Operation member.suspend.';

create function bulkhead.member_restore(member_kind text, member_key text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('member:manage', null);
begin
  perform bulkhead.access_protect_owner(tenant, member_kind, member_key);
  return bulkhead.access_set_status(tenant, bulkhead.actor(), member_kind, member_key, 'active');
end
$$;
comment on function bulkhead.member_restore(text, text) is 'Operation member.restore.';

create function bulkhead.member_remove(member_kind text, member_key text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('member:manage', null);
begin
  perform bulkhead.access_protect_owner(tenant, member_kind, member_key);
  perform bulkhead.access_drop_member(tenant, bulkhead.actor(), member_kind, member_key, 'member.removed');
  return '{}';
end
$$;
comment on function bulkhead.member_remove(text, text) is 'Operation member.remove.';

create function bulkhead.member_leave() returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
begin
  perform bulkhead.access_changed(tenant);
  if bulkhead.actor_type() <> 'user' then
    raise exception using errcode = 'BH001', message = 'access.denied', detail = 'Only a person leaves by themself.';
  end if;
  perform bulkhead.access_drop_member(tenant, bulkhead.actor(), 'user', bulkhead.actor_id(), 'member.left');
  return '{}';
end
$$;
comment on function bulkhead.member_leave() is 'Operation member.leave.';

-- For the rooms above.
create function bulkhead.access_member_join(
  tenant uuid, who text, member_kind text, member_key text, shown text, address text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.access_changed(tenant);
  return bulkhead.access_put_member(tenant, who, member_kind, member_key, shown, address);
end
$$;
comment on function bulkhead.access_member_join(uuid, text, text, text, text, text) is 'Makes somebody a member; false where they are one, suspended or not. Asks nobody.';

create function bulkhead.access_member_leave(tenant uuid, who text, member_kind text, member_key text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.access_changed(tenant);
  perform bulkhead.access_drop_member(tenant, who, member_kind, member_key, 'member.removed');
end
$$;
comment on function bulkhead.access_member_leave(uuid, text, text, text) is 'Ends a membership, except the last owner''s. Asks nobody.';

create function bulkhead.access_member_suspend(tenant uuid, who text, member_kind text, member_key text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.access_changed(tenant);
  perform bulkhead.access_set_status(tenant, who, member_kind, member_key, 'suspended');
end
$$;
comment on function bulkhead.access_member_suspend(uuid, text, text, text) is 'Suspends a member, except the last owner. Asks nobody.';

create function bulkhead.access_member_restore(tenant uuid, who text, member_kind text, member_key text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.access_changed(tenant);
  perform bulkhead.access_set_status(tenant, who, member_kind, member_key, 'active');
end
$$;
comment on function bulkhead.access_member_restore(uuid, text, text, text) is 'Restores a suspended member. Asks nobody.';

-- What people are called is told to their tenants, and changes no answer.
create function bulkhead.access_member_describe(member_kind text, member_key text, shown text, address text) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update bulkhead.membership m set name = shown, email = address, updated_at = clock_timestamp()
   where m.type = member_kind and m.id = member_key
$$;
comment on function bulkhead.access_member_describe(text, text, text, text) is 'Sets name and address on every membership of somebody; without a context in all tenants. Asks nobody and records nothing.';

create function bulkhead.access_member_shut(member_kind text, member_key text, shut boolean) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update bulkhead.membership m set shut_out = shut, updated_at = clock_timestamp()
   where m.type = member_kind and m.id = member_key and m.shut_out <> shut
$$;
comment on function bulkhead.access_member_shut(text, text, boolean) is 'Says on every membership of somebody whether they can come in at all; without a context in all tenants. Takes no permission away. Asks nobody and records nothing.';

-- Grants ---------------------------------------------------------------------------------------------------

create function bulkhead.access_grant_json(of bulkhead.access_grant) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('id', of.id, 'holder', jsonb_build_object('type', of.holder_type, 'id', of.holder_id),
    'role', of.role, 'node', of.node, 'source', of.source, 'expiresAt', bulkhead.access_time(of.expires_at),
    'grantedBy', of.granted_by, 'createdAt', bulkhead.access_time(of.created_at))
$$;
comment on function bulkhead.access_grant_json(bulkhead.access_grant) is 'A grant as operations give it back.';

-- The holder stands among the targets, where a person is a pseudonym.
create function bulkhead.access_grant_event(who text, action text, of bulkhead.access_grant, before jsonb, after jsonb)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select bulkhead.access_event(of.tenant_id, who, action, jsonb_build_array(
    bulkhead.access_target('grant', of.id::text),
    bulkhead.access_target(of.holder_type, of.holder_id),
    bulkhead.access_target('node', of.node::text)), before, after)
$$;
comment on function bulkhead.access_grant_event(text, text, bulkhead.access_grant, jsonb, jsonb) is 'An event about a grant.';

create function bulkhead.access_grant_facts(of bulkhead.access_grant) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('role', of.role, 'node', of.node, 'source', of.source,
    'expiresAt', bulkhead.access_time(of.expires_at))
$$;
comment on function bulkhead.access_grant_facts(bulkhead.access_grant) is 'A grant as events tell of it.';

create function bulkhead.access_assert_role(tenant uuid, wanted text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from bulkhead.builtin_role b where b.key = wanted)
     and not exists (select from bulkhead.role r where r.tenant_id = tenant and r.key = wanted) then
    raise exception using errcode = 'BH001', message = 'access.role_absent';
  end if;
end
$$;
comment on function bulkhead.access_assert_role(uuid, text) is 'Refuses a role that the tenant does not have.';

create function bulkhead.access_put_grant(
  tenant uuid, who text, to_kind text, to_key text, given_role text, place uuid, by_way text, ends timestamptz)
returns bulkhead.access_grant
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  old_row bulkhead.access_grant;
  new_row bulkhead.access_grant;
begin
  perform bulkhead.access_root(tenant);
  perform bulkhead.access_assert_role(tenant, given_role);
  if not exists (select from bulkhead.node n where n.tenant_id = tenant and n.id = place) then
    raise exception using errcode = 'BH001', message = 'access.node_absent';
  end if;
  if exists (select from bulkhead.role r
               join bulkhead.node n on n.tenant_id = r.tenant_id and n.id = place and n.kind <> r.kind
              where r.tenant_id = tenant and r.key = given_role) then
    raise exception using errcode = 'BH001', message = 'access.role_not_for_node';
  end if;
  if ends <= clock_timestamp() then
    raise exception using errcode = 'BH001', message = 'access.end_invalid';
  end if;
  if to_kind = 'group' then
    if not exists (select from bulkhead.actor_group g where g.tenant_id = tenant and g.id::text = to_key) then
      raise exception using errcode = 'BH001', message = 'access.group_absent';
    end if;
  else
    perform bulkhead.access_member(tenant, to_kind, to_key);
  end if;
  -- One that has ended makes room for the new one.
  delete from bulkhead.access_grant g
   where g.tenant_id = tenant and g.holder_type = to_kind and g.holder_id = to_key and g.node = place
     and g.role = given_role and g.source = by_way and g.expires_at <= clock_timestamp()
  returning * into old_row;
  insert into bulkhead.access_grant (tenant_id, holder_type, holder_id, role, node, source, expires_at, granted_by)
  values (tenant, to_kind, to_key, given_role, place, by_way, ends, who)
  on conflict (tenant_id, holder_type, holder_id, node, role, source) do nothing
  returning * into new_row;
  if not found then
    raise exception using errcode = 'BH001', message = 'access.grant_exists';
  end if;
  perform bulkhead.access_grant_event(who, 'grant.created', new_row,
    case when old_row.id is null then null else bulkhead.access_grant_facts(old_row) end,
    bulkhead.access_grant_facts(new_row));
  return new_row;
end
$$;
comment on function bulkhead.access_put_grant(uuid, text, text, text, text, uuid, text, timestamptz) is 'Adds a grant that fits: a role, a node of its kind and a holder of the tenant.';

create function bulkhead.grant_create(to_kind text, to_key text, given_role text, place uuid, ends timestamptz)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('grant:manage', place);
begin
  perform bulkhead.access_guard_handing_on(tenant,
    bulkhead.access_role_permissions(tenant, array[given_role]), place, ends);
  return bulkhead.access_grant_json(bulkhead.access_put_grant(
    tenant, bulkhead.actor(), to_kind, to_key, given_role, coalesce(place, tenant), 'direct', ends));
end
$$;
comment on function bulkhead.grant_create(text, text, text, uuid, timestamptz) is 'Operation grant.create.';

-- Whoever may manage grants there is told that the grant is absent, all others that they may not.
create function bulkhead.access_grant_to_change(key uuid) returns bulkhead.access_grant
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
  found_row bulkhead.access_grant;
begin
  perform bulkhead.access_changed(tenant);
  select * into found_row from bulkhead.access_grant g where g.tenant_id = tenant and g.id = key;
  if not found then
    perform bulkhead.require_permission('grant:manage', null);
    raise exception using errcode = 'BH001', message = 'access.grant_absent';
  end if;
  perform bulkhead.require_permission('grant:manage', found_row.node);
  if found_row.node = tenant and found_row.role = any (bulkhead.access_owner_roles(tenant)) then
    perform bulkhead.access_protect_owner(tenant, found_row.holder_type, found_row.holder_id);
  end if;
  return found_row;
end
$$;
comment on function bulkhead.access_grant_to_change(uuid) is 'A grant that the actor of the context may change.';

create function bulkhead.grant_revoke(key uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  old_row bulkhead.access_grant := bulkhead.access_grant_to_change(key);
  had_owner boolean := exists (select from bulkhead.access_owners(old_row.tenant_id));
begin
  delete from bulkhead.access_grant g where g.tenant_id = old_row.tenant_id and g.id = key;
  perform bulkhead.access_keep_owner(old_row.tenant_id, had_owner);
  perform bulkhead.access_grant_event(bulkhead.actor(), 'grant.revoked', old_row,
    bulkhead.access_grant_facts(old_row), null);
  return '{}';
end
$$;
comment on function bulkhead.grant_revoke(uuid) is 'Operation grant.revoke.';

create function bulkhead.grant_change_end(key uuid, ends timestamptz) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  old_row bulkhead.access_grant := bulkhead.access_grant_to_change(key);
  new_row bulkhead.access_grant;
  had_owner boolean := exists (select from bulkhead.access_owners(old_row.tenant_id));
begin
  if ends <= clock_timestamp() then
    raise exception using errcode = 'BH001', message = 'access.end_invalid';
  end if;
  if coalesce(ends, 'infinity') > coalesce(old_row.expires_at, 'infinity') then
    perform bulkhead.access_guard_handing_on(old_row.tenant_id,
      bulkhead.access_role_permissions(old_row.tenant_id, array[old_row.role]), old_row.node, ends);
  end if;
  update bulkhead.access_grant g set expires_at = ends
   where g.tenant_id = old_row.tenant_id and g.id = key returning * into new_row;
  perform bulkhead.access_keep_owner(old_row.tenant_id, had_owner);
  perform bulkhead.access_grant_event(bulkhead.actor(), 'grant.end_changed', new_row,
    bulkhead.access_grant_facts(old_row), bulkhead.access_grant_facts(new_row));
  return bulkhead.access_grant_json(new_row);
end
$$;
comment on function bulkhead.grant_change_end(uuid, timestamptz) is 'Operation grant.change_end.';

create function bulkhead.access_give(
  tenant uuid, who text, to_kind text, to_key text, given_role text, place uuid, by_way text, ends timestamptz)
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  made bulkhead.access_grant;
begin
  perform bulkhead.access_changed(tenant);
  made := bulkhead.access_put_grant(tenant, who, to_kind, to_key, given_role, coalesce(place, tenant), by_way, ends);
  return made.id;
end
$$;
comment on function bulkhead.access_give(uuid, text, text, text, text, uuid, text, timestamptz) is 'Gives a role on a node (NULL: on the tenant). Asks nobody: whoever calls it asks access_may_give, in the same transaction.';

create function bulkhead.ownership_transfer(to_key text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('grant:manage', null);
  own_grants uuid[] := array(
    select g.id from bulkhead.access_ownerships(tenant) g
     where g.holder_type = 'user' and g.holder_id = bulkhead.actor_id());
  heir bulkhead.membership;
begin
  if bulkhead.actor_type() <> 'user' or not exists (
       select from bulkhead.access_grant g
        where g.tenant_id = tenant and g.id = any (own_grants) and g.expires_at is null) then
    raise exception using errcode = 'BH001', message = 'access.denied', detail = 'Only an owner hands the tenant over.';
  end if;
  heir := bulkhead.access_member(tenant, 'user', to_key);
  -- Also where others own the tenant: whoever hands it over means somebody who can come in.
  if heir.status <> 'active' or heir.shut_out or heir.id = bulkhead.actor_id() then
    raise exception using errcode = 'BH001', message = 'access.member_absent', detail = 'The new owner must be another active member.';
  end if;
  -- One with an end is replaced by one without.
  delete from bulkhead.access_grant g
   where g.tenant_id = tenant and g.holder_type = 'user' and g.holder_id = to_key and g.node = tenant
     and g.role = 'owner' and g.expires_at is not null;
  if not exists (select from bulkhead.access_grant g
                  where g.tenant_id = tenant and g.holder_type = 'user' and g.holder_id = to_key
                    and g.node = tenant and g.role = 'owner') then
    perform bulkhead.access_put_grant(tenant, bulkhead.actor(), 'user', to_key, 'owner', tenant, 'direct', null);
  end if;
  delete from bulkhead.access_grant g where g.tenant_id = tenant and g.id = any (own_grants);
  if not exists (select from bulkhead.access_grant g
                  where g.tenant_id = tenant and g.holder_type = 'user' and g.holder_id = bulkhead.actor_id()
                    and g.node = tenant and g.role = 'admin' and g.expires_at is null and g.source = 'direct') then
    delete from bulkhead.access_grant g
     where g.tenant_id = tenant and g.holder_type = 'user' and g.holder_id = bulkhead.actor_id()
       and g.node = tenant and g.role = 'admin' and g.source = 'direct';
    perform bulkhead.access_put_grant(tenant, bulkhead.actor(), 'user', bulkhead.actor_id(), 'admin', tenant, 'direct', null);
  end if;
  perform bulkhead.access_event(tenant, bulkhead.actor(), 'ownership.transferred', jsonb_build_array(
    bulkhead.access_target('tenant', tenant::text), bulkhead.access_target('user', to_key),
    bulkhead.access_target('user', bulkhead.actor_id())),
    jsonb_build_object('role', 'owner'), jsonb_build_object('role', 'admin'));
  return '{}';
end
$$;
comment on function bulkhead.ownership_transfer(text) is 'Operation ownership.transfer: the actor''s ownership goes to another member, and the actor stays as an admin.';
