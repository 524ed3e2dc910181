-- What processes keep in memory of who may do what: what they load, and how they see that it is old.
-- The runner executes this file as the role `bulkhead`.

-- A tree is long, and who may do what changes more often than what stands where: it is sent anew only when its
-- own count moved.
alter table bulkhead.access_epoch add tree bigint not null default 0;
comment on column bulkhead.access_epoch.tree is 'Grows by one when nodes move or go. A new node does not move it: whoever does not know a node asks for it.';

-- The tenants in order, so that two statements over several of them do not wait for each other.
create function bulkhead.access_tree_moved() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'DELETE' then
    insert into bulkhead.access_epoch as e (tenant_id, epoch, tree)
    select distinct b.tenant_id, 0, 1 from before as b order by b.tenant_id
    on conflict (tenant_id) do update set tree = e.tree + 1;
  else
    insert into bulkhead.access_epoch as e (tenant_id, epoch, tree)
    select distinct b.tenant_id, 0, 1
      from before as b
      left join after as a on a.tenant_id = b.tenant_id and a.id = b.id and a.ancestors = b.ancestors
     where a.id is null order by b.tenant_id
    on conflict (tenant_id) do update set tree = e.tree + 1;
  end if;
  return null;
end
$$;
comment on function bulkhead.access_tree_moved() is 'Trigger: what stood at a node stands there no more.';

create trigger bulkhead_tree_moved after update on bulkhead.node
  referencing old table as before new table as after
  for each statement execute function bulkhead.access_tree_moved();
create trigger bulkhead_tree_cut after delete on bulkhead.node
  referencing old table as before
  for each statement execute function bulkhead.access_tree_moved();

create table bulkhead.access_catalogue_state (
  the_only boolean primary key default true check (the_only),
  epoch bigint not null
);
insert into bulkhead.access_catalogue_state (epoch) values (1);
comment on table bulkhead.access_catalogue_state is 'One row: how often the catalogue of permissions and what the built-in roles hold have changed.';
comment on column bulkhead.access_catalogue_state.the_only is 'There is one row.';
comment on column bulkhead.access_catalogue_state.epoch is 'Grows with every change of the catalogue.';
alter table bulkhead.access_catalogue_state enable row level security;
alter table bulkhead.access_catalogue_state force row level security;
create policy bulkhead_owner on bulkhead.access_catalogue_state to bulkhead using (true) with check (true);
revoke all on bulkhead.access_catalogue_state from public;

create function bulkhead.access_catalogue_moved() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update bulkhead.access_catalogue_state set epoch = epoch + 1;
  return null;
end
$$;
comment on function bulkhead.access_catalogue_moved() is 'Trigger: the catalogue is another one.';

create trigger bulkhead_catalogue_moved after insert or update or delete or truncate on bulkhead.permission
  for each statement execute function bulkhead.access_catalogue_moved();
create trigger bulkhead_catalogue_moved after insert or update or delete or truncate on bulkhead.builtin_role_permission
  for each statement execute function bulkhead.access_catalogue_moved();

-- A process asks for many tenants at once and waits for no request's connection, so its questions come with the
-- signed context as a value: as good as the setting, since whoever has it could set it. At the end the setting is
-- what it was; a failure takes the whole statement along.
create function bulkhead.access_process_snapshot(
  context text, tree_known bigint, catalogue_known bigint, nodes_max integer) returns json
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  before text := current_setting('bulkhead.context', true);
  tenant uuid;
  who record;
  epochs record;
  catalogue bigint;
  answer json;
  delegated timestamptz;
  granted json;
  roles json;
  reached uuid[];
  whole json;
  paths json;
begin
  perform set_config('bulkhead.context', context, true);
  tenant := bulkhead.access_tenant();
  select coalesce(max(e.epoch), 0) as epoch, coalesce(max(e.tree), 0) as tree into epochs
    from bulkhead.access_epoch e where e.tenant_id = tenant;
  select s.epoch into catalogue from bulkhead.access_catalogue_state s;
  select * into who from bulkhead.access_standing(tenant, bulkhead.actor_type(), bulkhead.actor_id());
  if who.standing = 'active' then
    select d.expires_at into delegated from bulkhead.delegation d
     where d.tenant_id = tenant and d.actor_type = bulkhead.actor_type() and d.actor_id = bulkhead.actor_id();
    with mine as (
      select g.node, g.role, g.expires_at from bulkhead.access_grant g
       where g.tenant_id = tenant
         and (g.holder_type = who.holder_kind and g.holder_id = who.holder_key
              or g.holder_type = 'group' and g.holder_id = any (bulkhead.access_groups(tenant, who.holder_kind, who.holder_key)))
         and (g.expires_at is null or g.expires_at > clock_timestamp())),
    distinct_roles as (
      select m.role, row_number() over (order by m.role) - 1 as place from mine m group by m.role)
    select
      (select json_agg(to_json(bulkhead.access_role_permissions(tenant, array[r.role])) order by r.place) from distinct_roles r),
      (select json_agg(json_build_array(m.node, r.place, bulkhead.access_ms_until(m.expires_at)))
         from mine m join distinct_roles r on r.role = m.role),
      (select array_agg(distinct m.node) from mine m)
      into roles, granted, reached;
  end if;
  if tree_known is distinct from epochs.tree then
    if (select count(*) from (select from bulkhead.node n where n.tenant_id = tenant limit nodes_max + 1) as counted) <= nodes_max then
      select json_agg(json_build_array(n.id, n.parent) order by cardinality(n.ancestors)) into whole
        from bulkhead.node n where n.tenant_id = tenant and n.parent is not null;
      whole := coalesce(whole, '[]');
    end if;
  end if;
  if whole is null then
    paths := bulkhead.access_paths(tenant, reached || who.only_nodes);
  end if;
  answer := json_build_object(
    'epoch', epochs.epoch,
    'tree', epochs.tree,
    'catalogue', catalogue,
    'everything', who.standing = 'all',
    'endsInMs', bulkhead.access_ms_until(delegated),
    'permissions', case when catalogue_known is distinct from catalogue then (
      select coalesce(json_agg(json_build_array(p.name, p.dangerous) order by p.bit), '[]')
        from bulkhead.permission p where p.retired_at is null) end,
    'roles', coalesce(roles, '[]'),
    'grants', coalesce(granted, '[]'),
    'limit', case when who.only_permissions is not null or who.only_nodes is not null then
      json_build_object('permissions', who.only_permissions, 'nodes', who.only_nodes) end,
    'nodes', whole,
    'paths', paths);
  perform set_config('bulkhead.context', coalesce(before, ''), true);
  return answer;
end
$$;
comment on function bulkhead.access_process_snapshot(text, bigint, bigint, integer) is 'All that the actor of a signed context holds, for the memory of a process, with what it does not have yet of the tree and of the catalogue.';

create function bulkhead.access_ms_until(moment timestamptz) returns bigint
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select floor(extract(epoch from nullif(moment, 'infinity') - clock_timestamp()) * 1000)::bigint
$$;
comment on function bulkhead.access_ms_until(timestamptz) is 'How long until a moment, so that nobody compares clocks; NULL for never.';

create function bulkhead.access_paths(tenant uuid, places uuid[]) returns json
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(json_agg(to_json(n.ancestors[2:] || n.id)), '[]') from bulkhead.node n
   where n.tenant_id = tenant and n.id = any (places) and n.parent is not null
$$;
comment on function bulkhead.access_paths(uuid, uuid[]) is 'The paths of nodes from below the root down to themselves; nodes that are not there are left out.';

create function bulkhead.access_process_nodes(context text, places uuid[]) returns json
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  before text := current_setting('bulkhead.context', true);
  tenant uuid;
  epochs record;
  answer json;
begin
  perform set_config('bulkhead.context', context, true);
  tenant := bulkhead.access_tenant();
  select coalesce(max(e.epoch), 0) as epoch, coalesce(max(e.tree), 0) as tree into epochs
    from bulkhead.access_epoch e where e.tenant_id = tenant;
  answer := json_build_object('epoch', epochs.epoch, 'tree', epochs.tree, 'paths', bulkhead.access_paths(tenant, places));
  perform set_config('bulkhead.context', coalesce(before, ''), true);
  return answer;
end
$$;
comment on function bulkhead.access_process_nodes(text, uuid[]) is 'Where nodes stand that a process does not know.';

create function bulkhead.access_process_decide(context text, permissions text[], places uuid[]) returns boolean[]
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  before text := current_setting('bulkhead.context', true);
  tenant uuid;
  answers boolean[];
begin
  perform set_config('bulkhead.context', context, true);
  tenant := bulkhead.access_tenant();
  answers := array(
    select bulkhead.access_permits(tenant, bulkhead.actor_type(), bulkhead.actor_id(), c.permission, c.place)
      from unnest(permissions, places) with ordinality as c (permission, place, n) order by c.n);
  perform set_config('bulkhead.context', coalesce(before, ''), true);
  return answers;
end
$$;
comment on function bulkhead.access_process_decide(text, text[], uuid[]) is 'What bulkhead.permits says, for the actor of a signed context and several questions.';

create function bulkhead.access_process_epochs(tenants uuid[]) returns json
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return json_build_object(
    'catalogue', (select s.epoch from bulkhead.access_catalogue_state s),
    'epochs', (select coalesce(json_agg(coalesce(e.epoch, 0) order by t.n), '[]')
                 from unnest(tenants) with ordinality as t (id, n)
                 left join bulkhead.access_epoch e on e.tenant_id = t.id));
end
$$;
comment on function bulkhead.access_process_epochs(uuid[]) is 'How often who may do what has changed, for tenants that the asker knows; 0 for one that nothing is known of.';

revoke all on function
  bulkhead.access_tree_moved(), bulkhead.access_catalogue_moved(),
  bulkhead.access_ms_until(timestamptz), bulkhead.access_paths(uuid, uuid[]),
  bulkhead.access_process_snapshot(text, bigint, bigint, integer), bulkhead.access_process_nodes(text, uuid[]),
  bulkhead.access_process_decide(text, text[], uuid[]), bulkhead.access_process_epochs(uuid[]) from public;
