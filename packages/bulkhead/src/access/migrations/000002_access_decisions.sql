-- Who may. Everything that asks goes through `access_permits` or `access_held`; the snapshot that processes keep
-- is made of the same rows. The runner executes this file as the role `bulkhead`.

-- The actor of the verified context, in its two halves. bulkhead.actor() has verified the token.
create function bulkhead.actor_type() returns text
language plpgsql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return split_part(bulkhead.actor(), ':', 1);
end
$$;
comment on function bulkhead.actor_type() is 'What acts: user, service_account, api_key, system or operator; NULL without a context.';

create function bulkhead.actor_id() returns text
language plpgsql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  who text := bulkhead.actor();
begin
  return substr(who, strpos(who, ':') + 1);
end
$$;
comment on function bulkhead.actor_id() is 'The id of who acts, from the verified context; NULL without a context.';

-- The tenant of the context; what is called without one is refused.
create function bulkhead.access_tenant() returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.tenant_id();
begin
  if tenant is null then
    raise exception 'bulkhead: no context' using errcode = '28000';
  end if;
  return tenant;
end
$$;
comment on function bulkhead.access_tenant() is 'The tenant of the verified context; raises 28000 without one.';

-- What processes listen for tells nothing to those who do not know the tenant already: whoever has the app's
-- password may listen.
create function bulkhead.access_changed(tenant uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  now_at bigint;
begin
  insert into bulkhead.access_epoch as e (tenant_id, epoch) values (tenant, 1)
  on conflict (tenant_id) do update set epoch = e.epoch + 1 returning e.epoch into now_at;
  execute 'notify bulkhead_access, '
    || quote_literal(left(encode(sha256(convert_to(tenant::text, 'UTF8')), 'hex'), 32) || ' ' || now_at);
end
$$;
comment on function bulkhead.access_changed(uuid) is 'Moves the tenant''s epoch and tells the processes. The row is locked until the transaction ends: whoever changes who may do what calls this first, and from then on sees all that others have changed.';

-- A transaction that adds a node below another must not run beside one that moves the other.
create function bulkhead.access_hold_tree(tenant uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into bulkhead.access_epoch (tenant_id) values (tenant) on conflict (tenant_id) do nothing;
  perform from bulkhead.access_epoch where tenant_id = tenant for share;
end
$$;
comment on function bulkhead.access_hold_tree(uuid) is 'Keeps changes of who may do what away until the transaction ends, and lets other additions of nodes be.';

create function bulkhead.access_tenant_enabled(tenant uuid, enabled boolean) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.access_changed(tenant);
  update bulkhead.access_epoch set disabled = not enabled where tenant_id = tenant;
end
$$;
comment on function bulkhead.access_tenant_enabled(uuid, boolean) is 'Shuts a tenant or opens it again; for the directory of tenants.';

-- Who stands behind an actor -------------------------------------------------------------------------------

-- `standing` is 'all' (the system and operators), 'active', or why they may nothing: 'no_membership',
-- 'suspended', 'tenant_disabled', 'key_absent', 'key_revoked', 'key_expired'.
create function bulkhead.access_standing(
  tenant uuid, actor_kind text, actor_key text,
  out standing text, out holder_kind text, out holder_key text, out only_permissions text[], out only_nodes uuid[])
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  key record;
begin
  if actor_kind = 'operator' then
    standing := 'all';
    return;
  end if;
  if exists (select from bulkhead.access_epoch e where e.tenant_id = tenant and e.disabled) then
    standing := 'tenant_disabled';
    return;
  end if;
  if actor_kind = 'system' then
    standing := 'all';
    return;
  end if;
  holder_kind := actor_kind;
  holder_key := actor_key;
  if actor_kind = 'api_key' then
    select d.* into key from bulkhead.delegation d
     where d.tenant_id = tenant and d.actor_type = actor_kind and d.actor_id = actor_key;
    if not found then
      standing := 'key_absent';
    elsif key.revoked_at is not null then
      standing := 'key_revoked';
    elsif key.expires_at <= clock_timestamp() then
      standing := 'key_expired';
    end if;
    holder_kind := key.holder_type;
    holder_key := key.holder_id;
    only_permissions := key.permissions;
    only_nodes := key.nodes;
    if standing is not null then
      return;
    end if;
  end if;
  select m.status into standing from bulkhead.membership m
   where m.tenant_id = tenant and m.type = holder_kind and m.id = holder_key;
  standing := coalesce(standing, 'no_membership');
end
$$;
comment on function bulkhead.access_standing(uuid, text, text) is 'For whom an actor acts, within which limits, and whether they belong to the tenant.';

create function bulkhead.access_groups(tenant uuid, holder_kind text, holder_key text) returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(select m.group_id::text from bulkhead.group_member m
                where m.tenant_id = tenant and m.type = holder_kind and m.id = holder_key);
end
$$;
comment on function bulkhead.access_groups(uuid, text, text) is 'The groups that a member is in.';

-- The root needs no row of its own: it is made when the first thing stands on it.
create function bulkhead.access_path(tenant uuid, place uuid) returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if place is null or place = tenant then
    return array[tenant];
  end if;
  return (select n.ancestors || n.id from bulkhead.node n where n.tenant_id = tenant and n.id = place);
end
$$;
comment on function bulkhead.access_path(uuid, uuid) is 'A node and all above it, from the root down; NULL for a node that the tenant does not have.';

-- Roles ----------------------------------------------------------------------------------------------------

create function bulkhead.access_roles_with(tenant uuid, wanted text) returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(with recursive holding (role) as (
    select role from (
      select b.role from bulkhead.builtin_role_permission b where b.permission = wanted
      union all
      select r.role from bulkhead.role_permission r where r.tenant_id = tenant and r.permission = wanted) as own
    union
    select i.role from holding h join bulkhead.role_inherits i on i.tenant_id = tenant and i.inherits = h.role)
  select role from holding);
end
$$;
comment on function bulkhead.access_roles_with(uuid, text) is 'The roles that hold a permission, themselves or by what they inherit.';

create function bulkhead.access_role_closure(tenant uuid, given text[]) returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(with recursive reached (role) as (
    select unnest(given) collate "C"
    union
    select i.inherits from reached r join bulkhead.role_inherits i on i.tenant_id = tenant and i.role = r.role)
  select role from reached);
end
$$;
comment on function bulkhead.access_role_closure(uuid, text[]) is 'Roles together with all that they inherit.';

create function bulkhead.access_roles_of(tenant uuid, holder_kind text, holder_key text) returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return bulkhead.access_role_closure(tenant, array(
    select distinct g.role from bulkhead.access_grant g
     where g.tenant_id = tenant and coalesce(g.expires_at, 'infinity') > clock_timestamp()
       and (g.holder_type = holder_kind and g.holder_id = holder_key
            or g.holder_type = 'group' and g.holder_id = any (bulkhead.access_groups(tenant, holder_kind, holder_key)))));
end
$$;
comment on function bulkhead.access_roles_of(uuid, text, text) is 'All roles that somebody has anywhere in a tenant: granted, by a group, or inherited by one of those.';

create function bulkhead.access_role_permissions(tenant uuid, given text[]) returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  whole text[] := bulkhead.access_role_closure(tenant, given);
begin
  return array(
    select h.permission
      from (select b.permission from bulkhead.builtin_role_permission b where b.role = any (whole)
            union
            select r.permission from bulkhead.role_permission r where r.tenant_id = tenant and r.role = any (whole)) as h
      join bulkhead.permission p on p.name = h.permission and p.retired_at is null);
end
$$;
comment on function bulkhead.access_role_permissions(uuid, text[]) is 'All permissions that roles hold together.';

-- Decisions ------------------------------------------------------------------------------------------------

-- Every statement on a tenant's table verifies the context once more, so the order is: what refuses most, with the
-- fewest tables. This may be asked for each row of a table.
create function bulkhead.access_permits(tenant uuid, actor_kind text, actor_key text, wanted text, place uuid)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  who record;
  path uuid[];
  holder_kind text := actor_kind;
  holder_key text := actor_key;
  roles text[];
begin
  if not exists (select from bulkhead.permission p where p.name = wanted and p.retired_at is null) then
    raise exception using errcode = 'BH001', message = 'access.permission_unknown';
  end if;
  if place is null or place = tenant then
    path := array[tenant];
  else
    select n.ancestors || n.id into path from bulkhead.node n where n.tenant_id = tenant and n.id = place;
    if path is null then
      return false;
    end if;
  end if;
  if actor_kind not in ('user', 'service_account') then
    select * into who from bulkhead.access_standing(tenant, actor_kind, actor_key);
    if who.standing = 'all' then
      return true;
    end if;
    if who.standing <> 'active' or wanted <> all (who.only_permissions) or not path && who.only_nodes then
      return false;
    end if;
    holder_kind := who.holder_kind;
    holder_key := who.holder_key;
  end if;
  roles := array(
    select g.role from bulkhead.access_grant g
     where g.tenant_id = tenant and g.node = any (path)
       and (g.holder_type = holder_kind and g.holder_id = holder_key
            or g.holder_type = 'group' and g.holder_id = any (array(
                 select m.group_id::text from bulkhead.group_member m
                  where m.tenant_id = tenant and m.type = holder_kind and m.id = holder_key)))
       and (g.expires_at is null or g.expires_at > clock_timestamp()));
  if cardinality(roles) = 0 then
    return false;
  end if;
  if actor_kind in ('user', 'service_account') then
    select * into who from bulkhead.access_standing(tenant, actor_kind, actor_key);
    if who.standing <> 'active' then
      return false;
    end if;
  end if;
  -- Most roles hold it themselves; what they inherit is gone through only where they do not.
  return exists (select from bulkhead.builtin_role_permission b where b.permission = wanted and b.role = any (roles))
      or exists (select from bulkhead.role_permission r
                  where r.tenant_id = tenant and r.permission = wanted and r.role = any (roles))
      or roles && bulkhead.access_roles_with(tenant, wanted);
end
$$;
comment on function bulkhead.access_permits(uuid, text, text, text, uuid) is 'The decision: an active member, a permission within the key''s limits, and a grant on the node or above it that has not ended.';

-- What somebody holds on a node at least until a moment: who hands on what they hold must not hand it on for
-- longer. NULL stands for everything.
create function bulkhead.access_held(tenant uuid, actor_kind text, actor_key text, place uuid, until timestamptz)
returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  who record;
  path uuid[] := bulkhead.access_path(tenant, place);
  groups text[];
  held text[];
begin
  if path is null then
    return '{}';
  end if;
  select * into who from bulkhead.access_standing(tenant, actor_kind, actor_key);
  if who.standing = 'all' then
    return null;
  end if;
  if who.standing <> 'active' or not path && who.only_nodes then
    return '{}';
  end if;
  groups := bulkhead.access_groups(tenant, who.holder_kind, who.holder_key);
  select bulkhead.access_role_permissions(tenant, array_agg(distinct g.role)) into held
    from bulkhead.access_grant g
   where g.tenant_id = tenant
     and (g.holder_type = who.holder_kind and g.holder_id = who.holder_key
          or g.holder_type = 'group' and g.holder_id = any (groups))
     and g.node = any (path)
     and (g.expires_at is null or g.expires_at > clock_timestamp() and g.expires_at >= until);
  if who.only_permissions is not null then
    held := array(select unnest(held) intersect select unnest(who.only_permissions));
  end if;
  return coalesce(held, '{}');
end
$$;
comment on function bulkhead.access_held(uuid, text, text, uuid, timestamptz) is 'The permissions that an actor holds on a node until a moment at least; NULL for all of them.';

-- True where the actor holds all of what is handed on, there and for as long.
create function bulkhead.access_covers(
  tenant uuid, actor_kind text, actor_key text, handed text[], place uuid, until timestamptz) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(handed <@ bulkhead.access_held(tenant, actor_kind, actor_key, place, coalesce(until, 'infinity')), true);
end
$$;
comment on function bulkhead.access_covers(uuid, text, text, text[], uuid, timestamptz) is 'Nobody hands on what they do not hold: whether an actor may hand on permissions on a node until a moment (NULL: without an end).';

create function bulkhead.access_may_give(
  tenant uuid, actor_kind text, actor_key text, given_role text, place uuid, until timestamptz) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select bulkhead.access_permits(tenant, actor_kind, actor_key, 'grant:manage', place)
     and bulkhead.access_covers(tenant, actor_kind, actor_key,
           bulkhead.access_role_permissions(tenant, array[given_role]), place, until)
$$;
comment on function bulkhead.access_may_give(uuid, text, text, text, uuid, timestamptz) is 'Whether an actor may give a role on a node until a moment.';

-- What the app and its policies may ask ----------------------------------------------------------------------

create function bulkhead.permits(permission text, node uuid) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.tenant_id();
  who text;
begin
  if tenant is null then
    return false;
  end if;
  -- As bulkhead.actor() reads it, of the token that was verified just now.
  who := substr(left(current_setting('bulkhead.context'), -65), 61);
  return bulkhead.access_permits(
    tenant, split_part(who, ':', 1), substr(who, strpos(who, ':') + 1), permission, node);
end
$$;
comment on function bulkhead.permits(text, uuid) is 'Whether the actor of the verified context holds a permission on a node (NULL: on the tenant). For single rows; policies of tables ask bulkhead.permitted_nodes once for all rows.';

create function bulkhead.require_permission(permission text, node uuid default null) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
begin
  if bulkhead.access_permits(tenant, bulkhead.actor_type(), bulkhead.actor_id(), permission, node) then
    return true;
  end if;
  -- Who may do it everywhere is told that the node is not there; to all others it looks like any that they may
  -- not touch, and a node of another tenant looks the same.
  if bulkhead.access_path(tenant, node) is null
     and bulkhead.access_permits(tenant, bulkhead.actor_type(), bulkhead.actor_id(), permission, tenant) then
    raise exception using errcode = 'BH001', message = 'access.node_absent';
  end if;
  raise exception using errcode = 'BH001', message = 'access.denied',
    detail = 'This needs ' || permission || ' here.';
end
$$;
comment on function bulkhead.require_permission(text, uuid) is 'Raises access.denied unless the actor of the verified context holds a permission on a node (NULL: on the tenant); else true.';

create function bulkhead.access_nodes_permitted(tenant uuid, actor_kind text, actor_key text, wanted text, wanted_kind text)
returns setof uuid
language plpgsql stable security definer rows 1000
set search_path = pg_catalog, pg_temp
as $$
declare
  who record;
  everywhere boolean;
  groups text[];
  with_it text[];
  granted uuid[];
begin
  if not exists (select from bulkhead.permission p where p.name = wanted and p.retired_at is null) then
    raise exception using errcode = 'BH001', message = 'access.permission_unknown';
  end if;
  select * into who from bulkhead.access_standing(tenant, actor_kind, actor_key);
  if who.standing not in ('all', 'active') or wanted <> all (who.only_permissions) then
    return;
  end if;
  if who.standing = 'active' then
    groups := bulkhead.access_groups(tenant, who.holder_kind, who.holder_key);
    with_it := bulkhead.access_roles_with(tenant, wanted);
    granted := array(
      select distinct g.node from bulkhead.access_grant g
       where g.tenant_id = tenant
         and (g.holder_type = who.holder_kind and g.holder_id = who.holder_key
              or g.holder_type = 'group' and g.holder_id = any (groups))
         and (g.expires_at is null or g.expires_at > clock_timestamp())
         and g.role = any (with_it));
  end if;
  everywhere := who.standing = 'all' or tenant = any (granted);
  if everywhere and who.only_nodes is null then
    -- The root may not have its row yet.
    if coalesce(wanted_kind, 'tenant') = 'tenant' then
      return next tenant;
    end if;
    return query select n.id from bulkhead.node n
      where n.tenant_id = tenant and n.id <> tenant and (wanted_kind is null or n.kind = wanted_kind);
    return;
  end if;
  if everywhere then
    granted := array[tenant];
  end if;
  -- Two look-ups, because an index serves either and not both in one.
  return query
    select n.id from bulkhead.node n
     where n.tenant_id = tenant and n.id = any (granted) and (wanted_kind is null or n.kind = wanted_kind)
       and (who.only_nodes is null or n.ancestors || n.id && who.only_nodes)
    union
    select n.id from bulkhead.node n
     where n.tenant_id = tenant and n.ancestors && granted and (wanted_kind is null or n.kind = wanted_kind)
       and (who.only_nodes is null or n.ancestors || n.id && who.only_nodes);
end
$$;
comment on function bulkhead.access_nodes_permitted(uuid, text, text, text, text) is 'The nodes, of one kind or of all, on which somebody holds a permission.';

create function bulkhead.permitted_nodes(permission text, kind text default null) returns setof uuid
language plpgsql stable security definer rows 1000
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.tenant_id();
begin
  if tenant is not null then
    return query select bulkhead.access_nodes_permitted(tenant, bulkhead.actor_type(), bulkhead.actor_id(), permission, kind);
  end if;
end
$$;
comment on function bulkhead.permitted_nodes(text, text) is 'The nodes, of one kind or of all, on which the actor of the verified context holds a permission. In a policy: project in (select bulkhead.permitted_nodes(''invoice:read'', ''project'')), which asks once for the whole statement.';

create function bulkhead.access_catalogue() returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'permissions', (select coalesce(jsonb_agg(jsonb_build_object(
        'name', p.name, 'bit', p.bit, 'description', p.description, 'dangerous', p.dangerous) order by p.bit), '[]')
      from bulkhead.permission p where p.retired_at is null),
    'kinds', (select coalesce(jsonb_agg(k.name order by k.rank), '[]') from bulkhead.node_kind k where k.retired_at is null))
$$;
comment on function bulkhead.access_catalogue() is 'The permissions and the kinds of nodes there are: the same for every tenant.';

-- Publishing -------------------------------------------------------------------------------------------------

-- A permission keeps its bit for ever; one that is declared no more is retired, and gets its own bit back when
-- it is declared again.
create function bulkhead.access_publish(catalogue jsonb) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  given record;
  changed integer := 0;
  touched integer;
begin
  lock table bulkhead.permission in share row exclusive mode;
  for given in select * from jsonb_to_recordset(catalogue -> 'permissions')
                 as p (name text, description text, dangerous boolean)
  loop
    insert into bulkhead.permission as p (name, bit, description, dangerous)
    values (given.name, (select coalesce(max(o.bit) + 1, 0) from bulkhead.permission o), given.description, given.dangerous)
    on conflict (name) do update
      set description = excluded.description, dangerous = excluded.dangerous, retired_at = null
      where (p.description, p.dangerous) is distinct from (excluded.description, excluded.dangerous)
         or p.retired_at is not null;
    get diagnostics touched = row_count;
    changed := changed + touched;
  end loop;
  update bulkhead.permission p set retired_at = clock_timestamp()
   where p.retired_at is null
     and p.name not in (select g ->> 'name' from jsonb_array_elements(catalogue -> 'permissions') as g);
  get diagnostics touched = row_count;
  changed := changed + touched;

  insert into bulkhead.builtin_role as r (key, name, description)
  select g.key, g.name, g.description
    from jsonb_to_recordset(catalogue -> 'roles') as g (key text, name text, description text)
  on conflict (key) do update set name = excluded.name, description = excluded.description;

  delete from bulkhead.builtin_role_permission b
   where not exists (
     select from jsonb_to_recordset(catalogue -> 'roles') as g (key text, permissions jsonb)
      where g.key = b.role and g.permissions ? b.permission);
  get diagnostics touched = row_count;
  changed := changed + touched;
  insert into bulkhead.builtin_role_permission (role, permission)
  select g.key, p.name
    from jsonb_to_recordset(catalogue -> 'roles') as g (key text, permissions jsonb)
   cross join jsonb_array_elements_text(g.permissions) as p (name)
  on conflict do nothing;
  get diagnostics touched = row_count;
  changed := changed + touched;

  -- Those declared stand in their order, those retired behind them. The ranks are unique, so they move in two steps.
  update bulkhead.node_kind k set retired_at = coalesce(k.retired_at, clock_timestamp())
   where k.name not in (select n from jsonb_array_elements_text(catalogue -> 'kinds') as n);
  if exists (
    select from jsonb_array_elements_text(catalogue -> 'kinds') with ordinality as g (name, place)
      left join bulkhead.node_kind k on k.name = g.name and k.rank = g.place - 1 and k.retired_at is null
     where k.name is null) then
    delete from bulkhead.node_kind k
     where not exists (select from bulkhead.node n where n.kind = k.name)
       and not exists (select from bulkhead.role r where r.kind = k.name);
    -- High enough to be out of the way, and still allowed.
    update bulkhead.node_kind k set rank = 63 - moved.place
      from (select o.name, row_number() over (order by o.rank desc) - 1 as place from bulkhead.node_kind o) as moved
     where moved.name = k.name;
    insert into bulkhead.node_kind as k (name, rank)
    select g.name, g.place - 1
      from jsonb_array_elements_text(catalogue -> 'kinds') with ordinality as g (name, place)
    on conflict (name) do update set rank = excluded.rank, retired_at = null;
    changed := changed + 1;
  end if;

  if changed > 0 then
    update bulkhead.access_epoch set epoch = epoch + 1;
    notify bulkhead_access, '*';
  end if;
  return changed > 0;
end
$$;
comment on function bulkhead.access_publish(jsonb) is 'Publishes permissions, what the built-in roles hold, and the kinds of nodes; true if anything is other than before.';

do $$
declare
  signature text;
begin
  for signature in
    select p.oid::regprocedure::text from pg_catalog.pg_proc p
     where p.pronamespace = 'bulkhead'::regnamespace and p.proowner = 'bulkhead'::regrole
       and (p.proname like 'access\_%' or p.proname in ('permits', 'require_permission', 'permitted_nodes', 'actor_type', 'actor_id'))
  loop
    execute format('revoke all on function %s from public', signature);
  end loop;
end
$$;
