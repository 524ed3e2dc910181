-- Groups, roles, the tree and keys: what grants are made of, and so as many ways to hand on a permission.
-- The runner executes this file as the role `bulkhead`.

-- Groups ---------------------------------------------------------------------------------------------------

create function bulkhead.access_group(tenant uuid, key uuid) returns bulkhead.actor_group
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  found_row bulkhead.actor_group;
begin
  select * into found_row from bulkhead.actor_group g where g.tenant_id = tenant and g.id = key;
  if not found then
    raise exception using errcode = 'BH001', message = 'access.group_absent';
  end if;
  return found_row;
end
$$;
comment on function bulkhead.access_group(uuid, uuid) is 'One group, or access.group_absent.';

create function bulkhead.access_group_json(of bulkhead.actor_group) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('id', of.id, 'name', of.name, 'createdAt', bulkhead.access_time(of.created_at))
$$;
comment on function bulkhead.access_group_json(bulkhead.actor_group) is 'A group as operations give it back.';

create function bulkhead.group_create(shown text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('group:manage', null);
  made bulkhead.actor_group;
begin
  if (select count(*) from bulkhead.actor_group g where g.tenant_id = tenant) >= 10000 then
    raise exception using errcode = 'BH001', message = 'access.limit_reached';
  end if;
  insert into bulkhead.actor_group (tenant_id, name) values (tenant, shown)
  on conflict (tenant_id, name) do nothing returning * into made;
  if not found then
    raise exception using errcode = 'BH001', message = 'access.group_exists';
  end if;
  perform bulkhead.access_event(tenant, bulkhead.actor(), 'group.created',
    jsonb_build_array(bulkhead.access_target('group', made.id::text)), null, jsonb_build_object('name', made.name));
  return bulkhead.access_group_json(made);
end
$$;
comment on function bulkhead.group_create(text) is 'Operation group.create.';

create function bulkhead.group_rename(key uuid, shown text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('group:manage', null);
  old_row bulkhead.actor_group := bulkhead.access_group(tenant, key);
  new_row bulkhead.actor_group;
begin
  if exists (select from bulkhead.actor_group g where g.tenant_id = tenant and g.name = shown and g.id <> key) then
    raise exception using errcode = 'BH001', message = 'access.group_exists';
  end if;
  update bulkhead.actor_group g set name = shown where g.tenant_id = tenant and g.id = key returning * into new_row;
  perform bulkhead.access_event(tenant, bulkhead.actor(), 'group.renamed',
    jsonb_build_array(bulkhead.access_target('group', key::text)),
    jsonb_build_object('name', old_row.name), jsonb_build_object('name', new_row.name));
  return bulkhead.access_group_json(new_row);
end
$$;
comment on function bulkhead.group_rename(uuid, text) is 'Operation group.rename.';

create function bulkhead.group_delete(key uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('group:manage', null);
  old_row bulkhead.actor_group := bulkhead.access_group(tenant, key);
  had_owner boolean := exists (select from bulkhead.access_owners(tenant));
  had_grants jsonb;
  had_members integer;
begin
  perform bulkhead.access_protect_owner(tenant, 'group', key::text);
  select coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'node', g.node)), '[]') into had_grants
    from (select o.role, o.node from bulkhead.access_grant o
           where o.tenant_id = tenant and o.holder_type = 'group' and o.holder_id = key::text
           order by o.created_at limit 100) as g;
  delete from bulkhead.access_grant g
   where g.tenant_id = tenant and g.holder_type = 'group' and g.holder_id = key::text;
  delete from bulkhead.group_member m where m.tenant_id = tenant and m.group_id = key;
  get diagnostics had_members = row_count;
  delete from bulkhead.actor_group g where g.tenant_id = tenant and g.id = key;
  perform bulkhead.access_keep_owner(tenant, had_owner);
  perform bulkhead.access_event(tenant, bulkhead.actor(), 'group.deleted',
    jsonb_build_array(bulkhead.access_target('group', key::text)),
    jsonb_build_object('name', old_row.name, 'members', had_members, 'grants', had_grants));
  return '{}';
end
$$;
comment on function bulkhead.group_delete(uuid) is 'Operation group.delete.';

-- Thirty members an event: more targets have no room in one.
create function bulkhead.access_group_events(tenant uuid, action text, of_group bulkhead.actor_group, kinds text[], keys text[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  part record;
begin
  for part in
    select jsonb_agg(bulkhead.access_target(m.kind, m.key) order by m.n) as targets
      from unnest(kinds, keys) with ordinality as m (kind, key, n)
     group by (m.n - 1) / 30 order by (m.n - 1) / 30
  loop
    perform bulkhead.access_event(tenant, bulkhead.actor(), action,
      jsonb_build_array(bulkhead.access_target('group', of_group.id::text, of_group.name)) || part.targets);
  end loop;
end
$$;
comment on function bulkhead.access_group_events(uuid, text, bulkhead.actor_group, text[], text[]) is 'Events of who came into a group or went.';

create function bulkhead.group_add_members(key uuid, kinds text[], keys text[]) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('group:manage', null);
  of_group bulkhead.actor_group := bulkhead.access_group(tenant, key);
  held record;
  new_kinds text[];
  new_keys text[];
begin
  if exists (select from unnest(kinds, keys) as g (kind, key)
              where not exists (select from bulkhead.membership m
                                 where m.tenant_id = tenant and m.type = g.kind and m.id = g.key)) then
    raise exception using errcode = 'BH001', message = 'access.member_absent';
  end if;
  -- They will hold all that the group was granted, for as long.
  for held in
    select array_agg(distinct g.role) as roles, g.node, g.expires_at from bulkhead.access_grant g
     where g.tenant_id = tenant and g.holder_type = 'group' and g.holder_id = key::text
       and (g.expires_at is null or g.expires_at > clock_timestamp())
     group by g.node, g.expires_at
  loop
    perform bulkhead.access_guard_handing_on(tenant,
      bulkhead.access_role_permissions(tenant, held.roles), held.node, held.expires_at);
  end loop;
  with made as (
    insert into bulkhead.group_member (tenant_id, group_id, type, id)
    select distinct tenant, of_group.id, g.kind, g.key from unnest(kinds, keys) as g (kind, key)
    on conflict (tenant_id, group_id, type, id) do nothing
    returning type, id)
  select array_agg(made.type order by made.id), array_agg(made.id order by made.id) into new_kinds, new_keys from made;
  perform bulkhead.access_group_events(tenant, 'group.members_added', of_group, new_kinds, new_keys);
  return jsonb_build_object('added', coalesce(cardinality(new_keys), 0));
end
$$;
comment on function bulkhead.group_add_members(uuid, text[], text[]) is 'Operation group.add_members.';

create function bulkhead.group_remove_members(key uuid, kinds text[], keys text[]) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('group:manage', null);
  of_group bulkhead.actor_group := bulkhead.access_group(tenant, key);
  had_owner boolean := exists (select from bulkhead.access_owners(tenant));
  old_kinds text[];
  old_keys text[];
begin
  perform bulkhead.access_protect_owner(tenant, 'group', key::text);
  with gone as (
    delete from bulkhead.group_member m
     using (select distinct g.kind, g.key from unnest(kinds, keys) as g (kind, key)) as w
     where m.tenant_id = tenant and m.group_id = of_group.id and m.type = w.kind and m.id = w.key
    returning m.type, m.id)
  select array_agg(gone.type order by gone.id), array_agg(gone.id order by gone.id) into old_kinds, old_keys from gone;
  perform bulkhead.access_keep_owner(tenant, had_owner);
  perform bulkhead.access_group_events(tenant, 'group.members_removed', of_group, old_kinds, old_keys);
  return jsonb_build_object('removed', coalesce(cardinality(old_keys), 0));
end
$$;
comment on function bulkhead.group_remove_members(uuid, text[], text[]) is 'Operation group.remove_members.';

-- Roles ----------------------------------------------------------------------------------------------------

create function bulkhead.access_role_json(tenant uuid, wanted text) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('key', r.key, 'name', r.name, 'description', r.description, 'kind', r.kind, 'builtIn', false,
      'permissions', (select coalesce(jsonb_agg(p.permission order by p.permission), '[]')
          from bulkhead.role_permission p where p.tenant_id = tenant and p.role = r.key),
      'inherits', (select coalesce(jsonb_agg(i.inherits order by i.inherits), '[]')
          from bulkhead.role_inherits i where i.tenant_id = tenant and i.role = r.key))
    from bulkhead.role r where r.tenant_id = tenant and r.key = wanted
  union all
  select jsonb_build_object('key', b.key, 'name', b.name, 'description', b.description, 'kind', null, 'builtIn', true,
      'permissions', (select coalesce(jsonb_agg(p.permission order by p.permission), '[]')
          from bulkhead.builtin_role_permission p where p.role = b.key),
      'inherits', '[]'::jsonb)
    from bulkhead.builtin_role b where b.key = wanted
$$;
comment on function bulkhead.access_role_json(uuid, text) is 'A role as operations give it back.';

create function bulkhead.access_assert_own_role(tenant uuid, wanted text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from bulkhead.builtin_role b where b.key = wanted) then
    raise exception using errcode = 'BH001', message = 'access.role_builtin';
  end if;
  perform bulkhead.access_assert_role(tenant, wanted);
end
$$;
comment on function bulkhead.access_assert_own_role(uuid, text) is 'Refuses a role that is not one of the tenant''s own.';

-- Also the depth is looked for from both ends: a role in the middle may join two chains.
create function bulkhead.access_put_role_parts(tenant uuid, of_role text, wanted text[], inherited text[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  other text;
  above integer;
  below integer;
begin
  if wanted is not null then
    if exists (select from unnest(wanted) as w (name)
                where not exists (select from bulkhead.permission p where p.name = w.name and p.retired_at is null)) then
      raise exception using errcode = 'BH001', message = 'access.permission_unknown';
    end if;
    delete from bulkhead.role_permission p
     where p.tenant_id = tenant and p.role = of_role and p.permission <> all (wanted);
    insert into bulkhead.role_permission (tenant_id, role, permission)
    select distinct tenant, of_role, w.name from unnest(wanted) as w (name)
    on conflict (tenant_id, role, permission) do nothing;
  end if;
  if inherited is null then
    return;
  end if;
  foreach other in array inherited
  loop
    perform bulkhead.access_assert_role(tenant, other);
  end loop;
  if of_role = any (bulkhead.access_role_closure(tenant, inherited)) then
    raise exception using errcode = 'BH001', message = 'access.role_cycle';
  end if;
  delete from bulkhead.role_inherits i
   where i.tenant_id = tenant and i.role = of_role and i.inherits <> all (inherited);
  insert into bulkhead.role_inherits (tenant_id, role, inherits)
  select distinct tenant, of_role, w.name from unnest(inherited) as w (name)
  on conflict (tenant_id, role, inherits) do nothing;
  with recursive up (role, depth) as (
    select of_role collate "C", 0
    union
    select i.role, u.depth + 1 from up u
      join bulkhead.role_inherits i on i.tenant_id = tenant and i.inherits = u.role where u.depth < 64)
  select max(up.depth) into above from up;
  with recursive down (role, depth) as (
    select of_role collate "C", 0
    union
    select i.inherits, d.depth + 1 from down d
      join bulkhead.role_inherits i on i.tenant_id = tenant and i.role = d.role where d.depth < 64)
  select max(down.depth) into below from down;
  if above + below + 1 > 64 then
    raise exception using errcode = 'BH001', message = 'access.role_too_deep';
  end if;
end
$$;
comment on function bulkhead.access_put_role_parts(uuid, text, text[], text[]) is 'What a role holds and inherits (NULL: as it was): known permissions, roles of the tenant, no circle, no chain of more than 64.';

create function bulkhead.role_create(
  new_key text, shown text, about text, for_kind text, wanted text[], inherited text[]) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('role:manage', null);
  made jsonb;
begin
  if exists (select from bulkhead.builtin_role b where b.key = new_key)
     or exists (select from bulkhead.role r where r.tenant_id = tenant and r.key = new_key) then
    raise exception using errcode = 'BH001', message = 'access.role_exists';
  end if;
  if (select count(*) from bulkhead.role r where r.tenant_id = tenant) >= 1000 then
    raise exception using errcode = 'BH001', message = 'access.limit_reached';
  end if;
  if for_kind is not null
     and not exists (select from bulkhead.node_kind k where k.name = for_kind and k.retired_at is null) then
    raise exception using errcode = 'BH001', message = 'access.node_kind_invalid';
  end if;
  insert into bulkhead.role (tenant_id, key, name, description, kind)
  values (tenant, new_key, shown, about, for_kind);
  perform bulkhead.access_put_role_parts(tenant, new_key, wanted, inherited);
  -- Nobody has it yet, so nothing is held for longer than by whoever made it.
  perform bulkhead.access_guard_handing_on(tenant,
    bulkhead.access_role_permissions(tenant, array[new_key]), tenant, clock_timestamp());
  made := bulkhead.access_role_json(tenant, new_key);
  perform bulkhead.access_event(tenant, bulkhead.actor(), 'role.created',
    jsonb_build_array(bulkhead.access_target('role', new_key, shown)), null, made - 'builtIn');
  return made;
end
$$;
comment on function bulkhead.role_create(text, text, text, text, text[], text[]) is 'Operation role.create.';

-- All who hold a role, or one that inherits it, hold more once it does, for as long as their grants last.
create function bulkhead.access_role_until(tenant uuid, of_key text) returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive touched (role) as (
    select of_key collate "C"
    union
    select i.role from touched t join bulkhead.role_inherits i on i.tenant_id = tenant and i.inherits = t.role)
  select coalesce(max(coalesce(g.expires_at, 'infinity')), clock_timestamp())
    from bulkhead.access_grant g
   where g.tenant_id = tenant and g.role in (select t.role from touched t)
     and (g.expires_at is null or g.expires_at > clock_timestamp())
$$;
comment on function bulkhead.access_role_until(uuid, text) is 'Until when somebody holds a role at least, by what was granted so far.';

create function bulkhead.role_update(of_key text, shown text, about text, wanted text[], inherited text[]) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('role:manage', null);
  old_role jsonb;
  new_role jsonb;
  held_before text[];
  added text[];
  may_hand_on text[];
  had_owner boolean := exists (select from bulkhead.access_owners(tenant));
  ownerships uuid[] := array(select g.id from bulkhead.access_ownerships(tenant) g);
  was_owner boolean := bulkhead.access_ranks_as_owner(tenant, bulkhead.actor_type(), bulkhead.actor_id());
begin
  perform bulkhead.access_assert_own_role(tenant, of_key);
  -- Asked before: who has the role themself would hold whatever they put into it.
  may_hand_on := bulkhead.access_held(tenant, bulkhead.actor_type(), bulkhead.actor_id(), tenant,
    bulkhead.access_role_until(tenant, of_key));
  old_role := bulkhead.access_role_json(tenant, of_key);
  held_before := bulkhead.access_role_permissions(tenant, array[of_key]);
  update bulkhead.role r
     set name = coalesce(shown, r.name), description = coalesce(about, r.description), updated_at = clock_timestamp()
   where r.tenant_id = tenant and r.key = of_key;
  perform bulkhead.access_put_role_parts(tenant, of_key, wanted, inherited);
  added := array(select unnest(bulkhead.access_role_permissions(tenant, array[of_key])) except select unnest(held_before));
  if not added <@ may_hand_on then
    raise exception using errcode = 'BH001', message = 'access.exceeds_own';
  end if;
  -- With a role that inherits the owner's no more, all who were owners by it are taken out.
  if not was_owner and exists (
       select unnest(ownerships) except select g.id from bulkhead.access_ownerships(tenant) g) then
    raise exception using errcode = 'BH001', message = 'access.owner_protected';
  end if;
  perform bulkhead.access_keep_owner(tenant, had_owner);
  new_role := bulkhead.access_role_json(tenant, of_key);
  perform bulkhead.access_event(tenant, bulkhead.actor(), 'role.updated',
    jsonb_build_array(bulkhead.access_target('role', of_key, new_role ->> 'name')),
    old_role - 'builtIn', new_role - 'builtIn');
  return new_role;
end
$$;
comment on function bulkhead.role_update(text, text, text, text[], text[]) is 'Operation role.update; what is NULL stays.';

create function bulkhead.role_delete(of_key text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('role:manage', null);
  old_role jsonb;
begin
  perform bulkhead.access_assert_own_role(tenant, of_key);
  delete from bulkhead.access_grant g
   where g.tenant_id = tenant and g.role = of_key and g.expires_at <= clock_timestamp();
  if exists (select from bulkhead.access_grant g where g.tenant_id = tenant and g.role = of_key)
     or exists (select from bulkhead.role_inherits i where i.tenant_id = tenant and i.inherits = of_key) then
    raise exception using errcode = 'BH001', message = 'access.role_in_use';
  end if;
  old_role := bulkhead.access_role_json(tenant, of_key);
  delete from bulkhead.role r where r.tenant_id = tenant and r.key = of_key;
  perform bulkhead.access_event(tenant, bulkhead.actor(), 'role.deleted',
    jsonb_build_array(bulkhead.access_target('role', of_key, old_role ->> 'name')), old_role - 'builtIn');
  return '{}';
end
$$;
comment on function bulkhead.role_delete(text) is 'Operation role.delete.';

-- The tree -------------------------------------------------------------------------------------------------

create function bulkhead.access_node_json(of bulkhead.node) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('id', of.id, 'parent', of.parent, 'kind', of.kind, 'name', of.name,
    'ancestors', to_jsonb(of.ancestors), 'createdAt', bulkhead.access_time(of.created_at))
$$;
comment on function bulkhead.access_node_json(bulkhead.node) is 'A node as operations give it back.';

create function bulkhead.access_node(tenant uuid, key uuid) returns bulkhead.node
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  found_row bulkhead.node;
begin
  select * into found_row from bulkhead.node n where n.tenant_id = tenant and n.id = key;
  if not found then
    raise exception using errcode = 'BH001', message = 'access.node_absent';
  end if;
  return found_row;
end
$$;
comment on function bulkhead.access_node(uuid, uuid) is 'One node, or access.node_absent.';

create function bulkhead.access_assert_below(child_kind text, parent_kind text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from bulkhead.node_kind c join bulkhead.node_kind p on p.name = parent_kind and p.rank < c.rank
                  where c.name = child_kind and c.retired_at is null) then
    raise exception using errcode = 'BH001', message = 'access.node_kind_invalid';
  end if;
end
$$;
comment on function bulkhead.access_assert_below(text, text) is 'Refuses a node below one of the same or a later kind, which also keeps the tree a tree.';

-- Somebody who may make things of a kind may put them into the tree, and who may delete them may take them out.
create function bulkhead.access_require_node_right(tenant uuid, of_kind text, verb text, place uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  special text := of_kind || ':' || verb;
begin
  if exists (select from bulkhead.permission p where p.name = special and p.retired_at is null)
     and bulkhead.access_permits(tenant, bulkhead.actor_type(), bulkhead.actor_id(), special, place) then
    return;
  end if;
  perform bulkhead.require_permission('node:manage', place);
end
$$;
comment on function bulkhead.access_require_node_right(uuid, text, text, uuid) is 'Refuses who holds neither node:manage there nor the app''s own permission for things of the kind, such as document:create.';

create function bulkhead.node_create(new_id uuid, below uuid, new_kind text, shown text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
  parent_row bulkhead.node;
  made bulkhead.node;
begin
  -- Adds to the tree and changes no answer about what is in it: others may add at the same time.
  perform bulkhead.access_hold_tree(tenant);
  perform bulkhead.access_require_node_right(tenant, new_kind, 'create', below);
  perform bulkhead.access_root(tenant);
  parent_row := bulkhead.access_node(tenant, coalesce(below, tenant));
  perform bulkhead.access_assert_below(new_kind, parent_row.kind);
  if exists (select from bulkhead.node_gone g where g.tenant_id = tenant and g.id = new_id) then
    if bulkhead.actor_type() not in ('system', 'operator') then
      raise exception using errcode = 'BH001', message = 'access.node_exists',
        detail = 'A node of this id was deleted; only the system brings it back.';
    end if;
    delete from bulkhead.node_gone g where g.tenant_id = tenant and g.id = new_id;
  end if;
  insert into bulkhead.node (tenant_id, id, parent, kind, name, ancestors)
  values (tenant, coalesce(new_id, gen_random_uuid()), parent_row.id, new_kind, shown, parent_row.ancestors || parent_row.id)
  on conflict (tenant_id, id) do nothing
  returning * into made;
  if not found then
    raise exception using errcode = 'BH001', message = 'access.node_exists';
  end if;
  perform bulkhead.access_event(tenant, bulkhead.actor(), 'node.created',
    jsonb_build_array(bulkhead.access_target('node', made.id::text, made.name)), null,
    jsonb_build_object('kind', made.kind, 'name', made.name, 'parent', made.parent));
  return bulkhead.access_node_json(made);
end
$$;
comment on function bulkhead.node_create(uuid, uuid, text, text) is 'Operation node.create.';

create function bulkhead.node_rename(key uuid, shown text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
  old_row bulkhead.node;
  new_row bulkhead.node;
begin
  perform bulkhead.require_permission('node:manage', key);
  if key = tenant then
    perform bulkhead.access_root(tenant);
  end if;
  old_row := bulkhead.access_node(tenant, key);
  update bulkhead.node n set name = shown where n.tenant_id = tenant and n.id = key returning * into new_row;
  perform bulkhead.access_event(tenant, bulkhead.actor(), 'node.renamed',
    jsonb_build_array(bulkhead.access_target('node', key::text, shown)),
    jsonb_build_object('name', old_row.name), jsonb_build_object('name', new_row.name));
  return bulkhead.access_node_json(new_row);
end
$$;
comment on function bulkhead.node_rename(uuid, text) is 'Operation node.rename.';

create function bulkhead.node_move(key uuid, below uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_begin('node:manage', key);
  new_parent uuid := coalesce(below, tenant);
  old_row bulkhead.node;
  new_row bulkhead.node;
  parent_row bulkhead.node;
  new_path uuid[];
  held record;
begin
  perform bulkhead.require_permission('node:manage', new_parent);
  if key = tenant then
    raise exception using errcode = 'BH001', message = 'access.node_kind_invalid', detail = 'The root stays where it is.';
  end if;
  old_row := bulkhead.access_node(tenant, key);
  parent_row := bulkhead.access_node(tenant, new_parent);
  if key = any (parent_row.ancestors || parent_row.id) then
    raise exception using errcode = 'BH001', message = 'access.node_kind_invalid', detail = 'A node cannot stand below itself.';
  end if;
  perform bulkhead.access_assert_below(old_row.kind, parent_row.kind);
  new_path := parent_row.ancestors || parent_row.id;
  -- Whoever was granted something above the new place gains it on what is moved.
  for held in
    select array_agg(distinct g.role) as roles, g.expires_at from bulkhead.access_grant g
     where g.tenant_id = tenant and g.node = any (new_path) and g.node <> all (old_row.ancestors)
       and (g.expires_at is null or g.expires_at > clock_timestamp())
     group by g.expires_at
  loop
    perform bulkhead.access_guard_handing_on(tenant,
      bulkhead.access_role_permissions(tenant, held.roles), key, held.expires_at);
  end loop;
  update bulkhead.node n
     set ancestors = new_path || n.ancestors[cardinality(old_row.ancestors) + 1:],
         parent = case when n.id = key then new_parent else n.parent end
   where n.tenant_id = tenant and (n.id = key or n.ancestors @> array[key]);
  new_row := bulkhead.access_node(tenant, key);
  perform bulkhead.access_event(tenant, bulkhead.actor(), 'node.moved',
    jsonb_build_array(bulkhead.access_target('node', key::text, new_row.name)),
    jsonb_build_object('parent', old_row.parent), jsonb_build_object('parent', new_row.parent));
  return bulkhead.access_node_json(new_row);
end
$$;
comment on function bulkhead.node_move(uuid, uuid) is 'Operation node.move: with all that is below it.';

create function bulkhead.node_delete(key uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
  old_row bulkhead.node;
  had_grants integer;
  had_nodes integer;
begin
  perform bulkhead.access_changed(tenant);
  select * into old_row from bulkhead.node n where n.tenant_id = tenant and n.id = key;
  if not found or key = tenant then
    perform bulkhead.require_permission('node:manage', key);
    raise exception using errcode = 'BH001', message = 'access.node_kind_invalid', detail = 'The root stays where it is.';
  end if;
  perform bulkhead.access_require_node_right(tenant, old_row.kind, 'delete', key);
  delete from bulkhead.access_grant g
   where g.tenant_id = tenant and g.node in (
     select n.id from bulkhead.node n
      where n.tenant_id = tenant and (n.id = key or n.ancestors @> array[key]));
  get diagnostics had_grants = row_count;
  with gone as (
    delete from bulkhead.node n
     where n.tenant_id = tenant and (n.id = key or n.ancestors @> array[key])
    returning n.id)
  insert into bulkhead.node_gone (tenant_id, id) select tenant, gone.id from gone;
  get diagnostics had_nodes = row_count;
  perform bulkhead.access_event(tenant, bulkhead.actor(), 'node.deleted',
    jsonb_build_array(bulkhead.access_target('node', key::text, old_row.name)),
    jsonb_build_object('kind', old_row.kind, 'name', old_row.name, 'parent', old_row.parent,
      'nodes', had_nodes, 'grants', had_grants));
  return jsonb_build_object('nodes', had_nodes, 'grants', had_grants);
end
$$;
comment on function bulkhead.node_delete(uuid) is 'Operation node.delete: with all that is below it and all grants there.';

-- Keys -----------------------------------------------------------------------------------------------------

-- A key acts for whoever makes it, or for a service account that could do nothing its maker could not. Keys
-- make no keys, or one that ends would go on for ever in the next.
create function bulkhead.access_delegate(
  tenant uuid, who text, key text, for_kind text, for_key text, only_these text[], only_here uuid[], ends timestamptz)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  maker_kind text := split_part(who, ':', 1);
  maker_key text := substr(who, strpos(who, ':') + 1);
  held record;
  handed text[];
  place uuid;
begin
  perform bulkhead.access_changed(tenant);
  perform bulkhead.access_member(tenant, for_kind, for_key);
  if ends <= clock_timestamp() then
    raise exception using errcode = 'BH001', message = 'access.end_invalid';
  end if;
  if exists (select from unnest(only_these) as o (name)
              where not exists (select from bulkhead.permission p where p.name = o.name and p.retired_at is null)) then
    raise exception using errcode = 'BH001', message = 'access.permission_unknown';
  end if;
  if exists (select from unnest(only_here) as o (id) where bulkhead.access_path(tenant, o.id) is null) then
    raise exception using errcode = 'BH001', message = 'access.node_absent';
  end if;
  if maker_kind not in ('system', 'operator') and not (maker_kind = for_kind and maker_key = for_key) then
    if maker_kind = 'api_key' or for_kind <> 'service_account' then
      raise exception using errcode = 'BH001', message = 'access.exceeds_own',
        detail = 'A key acts for whoever makes it, or for a service account.';
    end if;
    for held in
      select array_agg(distinct g.role) as roles, g.node,
             least(coalesce(g.expires_at, 'infinity'), coalesce(ends, 'infinity')) as until
        from bulkhead.access_grant g
       where g.tenant_id = tenant
         and (g.holder_type = for_kind and g.holder_id = for_key
              or g.holder_type = 'group' and g.holder_id = any (bulkhead.access_groups(tenant, for_kind, for_key)))
         and (g.expires_at is null or g.expires_at > clock_timestamp())
       group by g.node, 3
    loop
      handed := bulkhead.access_role_permissions(tenant, held.roles);
      if only_these is not null then
        handed := array(select unnest(handed) intersect select unnest(only_these));
      end if;
      -- What the key may do on each node that it is for and that lies below the grant, or on the whole grant.
      for place in
        select case when held.node = any (bulkhead.access_path(tenant, o.id)) then o.id else held.node end
          from unnest(coalesce(only_here, array[held.node])) as o (id)
         where held.node = any (bulkhead.access_path(tenant, o.id))
            or o.id = any (bulkhead.access_path(tenant, held.node))
      loop
        if not bulkhead.access_covers(tenant, maker_kind, maker_key, handed, place, held.until) then
          raise exception using errcode = 'BH001', message = 'access.exceeds_own';
        end if;
      end loop;
    end loop;
  end if;
  insert into bulkhead.delegation (tenant_id, actor_type, actor_id, holder_type, holder_id, permissions, nodes, expires_at)
  values (tenant, 'api_key', key, for_kind, for_key, only_these, only_here, ends);
end
$$;
comment on function bulkhead.access_delegate(uuid, text, text, text, text, text[], uuid[], timestamptz) is 'Lets a key act for a member within limits; refuses what its maker could not do. The event is the caller''s.';

create function bulkhead.access_undelegate(tenant uuid, who text, key text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.access_changed(tenant);
  update bulkhead.delegation d set revoked_at = clock_timestamp()
   where d.tenant_id = tenant and d.actor_type = 'api_key' and d.actor_id = key and d.revoked_at is null;
  return found;
end
$$;
comment on function bulkhead.access_undelegate(uuid, text, text) is 'Withdraws a key; false where there was none to withdraw. The event is the caller''s.';

do $$
declare
  signature text;
begin
  for signature in
    select p.oid::regprocedure::text from pg_catalog.pg_proc p
     where p.pronamespace = 'bulkhead'::regnamespace and p.proowner = 'bulkhead'::regrole
       and p.proname ~ '^(access|member|grant|group|role|node|ownership)_'
  loop
    execute format('revoke all on function %s from public', signature);
  end loop;
end
$$;
