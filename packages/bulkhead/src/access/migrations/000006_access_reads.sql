-- Looking: lists, single things, who may what on a node, and why. Each asks whether the actor may look.
-- The runner executes this file as the role `bulkhead`.

-- Lists give one row more than asked for when there is more; whoever calls them cuts it off.
create function bulkhead.member_list(
  after_name text, after_type text, after_id text, size integer, with_status text, search text) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
begin
  perform bulkhead.require_permission('member:read', null);
  return (
    select coalesce(jsonb_agg(bulkhead.access_member_json(m) order by m.name collate "C", m.type, m.id), '[]')
      from (select o.* from bulkhead.membership o
             where o.tenant_id = tenant
               and (after_id is null or (o.name collate "C", o.type, o.id) > (after_name, after_type, after_id))
               and (with_status is null or o.status = with_status)
               and (search is null or strpos(lower(o.name), lower(search)) > 0 or strpos(lower(o.email), lower(search)) > 0)
             order by o.name collate "C", o.type, o.id limit size) as p
      join bulkhead.membership m on m.tenant_id = tenant and m.type = p.type and m.id = p.id);
end
$$;
comment on function bulkhead.member_list(text, text, text, integer, text, text) is 'Operation member.list.';

create function bulkhead.member_get(member_kind text, member_key text) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Everybody may look at themself.
  if bulkhead.actor_type() <> member_kind or bulkhead.actor_id() <> member_key then
    perform bulkhead.require_permission('member:read', null);
  end if;
  return bulkhead.access_member_json(bulkhead.access_member(bulkhead.access_tenant(), member_kind, member_key));
end
$$;
comment on function bulkhead.member_get(text, text) is 'Operation member.get.';

create function bulkhead.role_list() returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
begin
  perform bulkhead.require_permission('role:read', null);
  return (
    select coalesce(jsonb_agg(bulkhead.access_role_json(tenant, a.key) order by a.place, a.key), '[]')
      from (select b.key, array_position(array['owner', 'admin', 'member', 'viewer', 'auditor', 'billing'], b.key) as place
              from bulkhead.builtin_role b
            union all
            select r.key, 100 from bulkhead.role r where r.tenant_id = tenant) as a);
end
$$;
comment on function bulkhead.role_list() is 'Operation role.list.';

create function bulkhead.role_get(of_key text) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
begin
  perform bulkhead.require_permission('role:read', null);
  perform bulkhead.access_assert_role(tenant, of_key);
  return bulkhead.access_role_json(tenant, of_key) || jsonb_build_object('holds', (
    select coalesce(jsonb_agg(p.name order by p.name collate "C"), '[]')
      from unnest(bulkhead.access_role_permissions(tenant, array[of_key])) as p (name)));
end
$$;
comment on function bulkhead.role_get(text) is 'Operation role.get: with all that it holds, inherited or not.';

create function bulkhead.group_list(after_name text, size integer) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
begin
  perform bulkhead.require_permission('group:read', null);
  return (
    select coalesce(jsonb_agg(bulkhead.access_group_json(g) order by g.name collate "C"), '[]')
      from (select o.id from bulkhead.actor_group o
             where o.tenant_id = tenant and (after_name is null or o.name collate "C" > after_name)
             order by o.name collate "C" limit size) as p
      join bulkhead.actor_group g on g.tenant_id = tenant and g.id = p.id);
end
$$;
comment on function bulkhead.group_list(text, integer) is 'Operation group.list.';

create function bulkhead.group_get(key uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
begin
  perform bulkhead.require_permission('group:read', null);
  return bulkhead.access_group_json(bulkhead.access_group(tenant, key)) || jsonb_build_object('members', (
    select count(*) from bulkhead.group_member m where m.tenant_id = tenant and m.group_id = key));
end
$$;
comment on function bulkhead.group_get(uuid) is 'Operation group.get: with how many are in it.';

create function bulkhead.group_members(key uuid, after_type text, after_id text, size integer) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
begin
  perform bulkhead.require_permission('group:read', null);
  perform bulkhead.access_group(tenant, key);
  return (
    select coalesce(jsonb_agg(bulkhead.access_member_json(m) order by m.type, m.id), '[]')
      from (select o.type, o.id from bulkhead.group_member o
             where o.tenant_id = tenant and o.group_id = key
               and (after_id is null or (o.type, o.id) > (after_type, after_id))
             order by o.type, o.id limit size) as p
      join bulkhead.membership m on m.tenant_id = tenant and m.type = p.type and m.id = p.id);
end
$$;
comment on function bulkhead.group_members(uuid, text, text, integer) is 'Operation group.members.';

create function bulkhead.grant_list(
  place uuid, holders text[], of_role text, after_id uuid, size integer) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
begin
  perform bulkhead.require_permission('grant:read', place);
  return (
    select coalesce(jsonb_agg(bulkhead.access_grant_json(g) order by g.id), '[]')
      from (select o.id
              from (select * from bulkhead.access_grant where holders is null and tenant_id = tenant
                    union all
                    -- Each holder's own by the index, however many grants there are.
                    select given.*
                      from (select distinct split_part(h, ':', 1) as kind, substr(h, strpos(h, ':') + 1) as key
                              from unnest(holders) as h) as named
                      join bulkhead.access_grant given
                        on given.tenant_id = tenant and given.holder_type = named.kind and given.holder_id = named.key) as o
             where (after_id is null or o.id > after_id)
               and (place is null or o.node = place)
               and (of_role is null or o.role = of_role)
             order by o.id limit size) as p
      join bulkhead.access_grant g on g.tenant_id = tenant and g.id = p.id);
end
$$;
comment on function bulkhead.grant_list(uuid, text[], text, uuid, integer) is 'Operation grant.list; a holder is `type:id`.';

create function bulkhead.grant_get(key uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
  found_row bulkhead.access_grant;
begin
  select * into found_row from bulkhead.access_grant g where g.tenant_id = tenant and g.id = key;
  if not found then
    perform bulkhead.require_permission('grant:read', null);
    raise exception using errcode = 'BH001', message = 'access.grant_absent';
  end if;
  perform bulkhead.require_permission('grant:read', found_row.node);
  return bulkhead.access_grant_json(found_row);
end
$$;
comment on function bulkhead.grant_get(uuid) is 'Operation grant.get.';

create function bulkhead.node_list(below uuid, of_kind text, after_id uuid, size integer) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
begin
  perform bulkhead.require_permission('node:read', below);
  return (
    select coalesce(jsonb_agg(bulkhead.access_node_json(n) order by n.id), '[]')
      from (select o.id from bulkhead.node o
             where o.tenant_id = tenant and o.parent = coalesce(below, tenant)
               and (of_kind is null or o.kind = of_kind) and (after_id is null or o.id > after_id)
             order by o.id limit size) as p
      join bulkhead.node n on n.tenant_id = tenant and n.id = p.id);
end
$$;
comment on function bulkhead.node_list(uuid, text, uuid, integer) is 'Operation node.list: what stands right below a node.';

create function bulkhead.node_get(key uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
begin
  perform bulkhead.require_permission('node:read', key);
  return bulkhead.access_node_json(bulkhead.access_node(tenant, key));
end
$$;
comment on function bulkhead.node_get(uuid) is 'Operation node.get.';

-- Who may what on a node -------------------------------------------------------------------------------------

create function bulkhead.access_matrix(place uuid, wanted text[], after_name text, after_type text, after_id text, size integer)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
  path uuid[] := bulkhead.access_path(tenant, place);
  shut boolean := exists (select from bulkhead.access_epoch e where e.tenant_id = tenant and e.disabled);
begin
  perform bulkhead.require_permission('grant:read', place);
  -- All members at once: asked one by one (`access_held`) each would verify the context some ten times over.
  return (
    with shown as materialized (
      select o as member, o.name, o.type, o.id, o.status = 'active' and not shut as stands
        from bulkhead.membership o
       where o.tenant_id = tenant
         and (after_id is null or (o.name collate "C", o.type, o.id) > (after_name, after_type, after_id))
       order by o.name collate "C", o.type, o.id limit size),
    given as materialized (
      select g.holder_type, g.holder_id, g.role from bulkhead.access_grant g
       where g.tenant_id = tenant and g.node = any (path)
         and (g.expires_at is null or g.expires_at > clock_timestamp())),
    held as materialized (
      select s.type, s.id, g.role from shown s join given g on g.holder_type = s.type and g.holder_id = s.id
       where s.stands
       union
      select s.type, s.id, g.role
        from shown s
        join bulkhead.group_member m on m.tenant_id = tenant and m.type = s.type and m.id = s.id
        join given g on g.holder_type = 'group' and g.holder_id = m.group_id::text
       where s.stands),
    meant as materialized (
      select r.role, array(select h.name from unnest(bulkhead.access_role_permissions(tenant, array[r.role])) as h (name)
                            where wanted is null or h.name = any (wanted)) as names
        from (select distinct h.role from held h) as r),
    -- Most members hold what others hold too: each such set of roles is worked out once.
    sets as materialized (
      select h.type, h.id, array_agg(h.role order by h.role) as roles from held h group by h.type, h.id),
    lists as materialized (
      select t.roles, (select coalesce(jsonb_agg(distinct n.name collate "C"), '[]')
                         from meant m cross join unnest(m.names) as n (name) where m.role = any (t.roles)) as holds
        from (select distinct s.roles from sets s) as t)
    select coalesce(jsonb_agg(jsonb_build_object('member', bulkhead.access_member_json(s.member), 'holds', coalesce(l.holds, '[]'))
                              order by s.name collate "C", s.type, s.id), '[]')
      from shown s
      left join sets t on t.type = s.type and t.id = s.id
      left join lists l on l.roles = t.roles);
end
$$;
comment on function bulkhead.access_matrix(uuid, text[], text, text, text, integer) is 'Operation access.matrix: members and what they hold on a node now.';

-- Why --------------------------------------------------------------------------------------------------------

create function bulkhead.access_asked_about(actor_kind text, actor_key text, places uuid[], out kind text, out key text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  kind := coalesce(actor_kind, bulkhead.actor_type());
  key := case when actor_kind is null then bulkhead.actor_id() else actor_key end;
  if kind <> bulkhead.actor_type() or key <> bulkhead.actor_id() then
    perform bulkhead.require_permission('grant:read', p.place) from (select distinct u.place from unnest(places) as u (place)) as p;
  end if;
end
$$;
comment on function bulkhead.access_asked_about(text, text, uuid[]) is 'Whom a question is about: oneself unless somebody is named, and others only for whoever reads grants on every place in question.';

create function bulkhead.access_role_chain(tenant uuid, from_role text, wanted text) returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Breadth first, each role once: `reached[n]` was reached from `reached[came_from[n]]`.
  reached text[] := array[from_role];
  came_from integer[] := array[0];
  next_role text;
  n integer := 1;
  path text[] := '{}';
begin
  while n <= cardinality(reached) loop
    if exists (select from bulkhead.role_permission p where p.tenant_id = tenant and p.role = reached[n] and p.permission = wanted)
       or exists (select from bulkhead.builtin_role_permission b where b.role = reached[n] and b.permission = wanted) then
      while n > 0 loop
        path := reached[n] || path;
        n := came_from[n];
      end loop;
      return path;
    end if;
    for next_role in
      select i.inherits from bulkhead.role_inherits i where i.tenant_id = tenant and i.role = reached[n] order by i.inherits
    loop
      if next_role <> all (reached) then
        reached := reached || next_role;
        came_from := came_from || n;
      end if;
    end loop;
    n := n + 1;
  end loop;
  return path;
end
$$;
comment on function bulkhead.access_role_chain(uuid, text, text) is 'From a role to the one that holds a permission itself, by what inherits what: the shortest way.';

create function bulkhead.access_explain(wanted text, place uuid, actor_kind text, actor_key text) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
  who_kind text;
  who_key text;
  path uuid[] := bulkhead.access_path(tenant, place);
  place_kind text;
  who record;
  with_it text[];
  deciding jsonb := '[]';
  near jsonb := '[]';
  first_hindrance text;
  permitted boolean;
  reason text;
begin
  select kind, key into who_kind, who_key from bulkhead.access_asked_about(actor_kind, actor_key, array[place]);
  permitted := bulkhead.access_permits(tenant, who_kind, who_key, wanted, place);
  select * into who from bulkhead.access_standing(tenant, who_kind, who_key);
  place_kind := coalesce((select n.kind from bulkhead.node n where n.tenant_id = tenant and n.id = path[cardinality(path)]), 'tenant');
  with_it := bulkhead.access_roles_with(tenant, wanted);
  with mine as (
    select g.*, case
        when path is null then 'elsewhere'
        when g.expires_at <= clock_timestamp() then 'expired'
        when g.node <> all (path) and r.kind <> place_kind then 'wrong_kind'
        when g.node <> all (path) then 'elsewhere' end as hindrance,
      o.name as group_name
      from bulkhead.access_grant g
      left join bulkhead.role r on r.tenant_id = tenant and r.key = g.role
      left join bulkhead.actor_group o on o.tenant_id = tenant and g.holder_type = 'group' and o.id::text = g.holder_id
     where g.tenant_id = tenant and g.role = any (with_it)
       and (g.holder_type = who.holder_kind and g.holder_id = who.holder_key
            or g.holder_type = 'group' and g.holder_id = any (bulkhead.access_groups(tenant, who.holder_kind, who.holder_key)))
     -- The nearest first, and of those the one that lasts longest.
     order by (g.node <> all (path)), array_position(path, g.node) desc, g.expires_at desc nulls first, g.id limit 50),
  shown as (
    select m.hindrance, jsonb_build_object(
        'grant', m.id, 'role', m.role, 'roles', to_jsonb(bulkhead.access_role_chain(tenant, m.role, wanted)),
        'node', m.node, 'nodeName', (select n.name from bulkhead.node n where n.tenant_id = tenant and n.id = m.node),
        'group', case when m.holder_type = 'group' then jsonb_build_object('id', m.holder_id, 'name', m.group_name) end,
        'source', m.source, 'expiresAt', bulkhead.access_time(m.expires_at), 'grantedBy', m.granted_by)
        || case when m.hindrance is null then '{}' else jsonb_build_object('hindrance', m.hindrance) end as line,
      row_number() over () as place
      from mine m)
  select coalesce(jsonb_agg(s.line order by s.place) filter (where s.hindrance is null), '[]'),
         coalesce(jsonb_agg(s.line order by s.place) filter (where s.hindrance is not null), '[]'),
         (array_agg(s.hindrance order by s.place) filter (where s.hindrance is not null))[1]
    into deciding, near, first_hindrance from shown s;
  reason := case
    when path is null then 'node_absent'
    when permitted and who.standing = 'all' then 'everything'
    when permitted then 'granted'
    when who.standing <> 'active' then who.standing
    when wanted <> all (who.only_permissions) then 'key_limited'
    when not path && who.only_nodes then 'key_elsewhere'
    else coalesce(first_hindrance, 'not_granted') end;
  return jsonb_build_object(
    'permitted', permitted, 'reason', reason, 'permission', wanted, 'node', coalesce(place, tenant),
    'actor', jsonb_build_object('type', who_kind, 'id', who_key),
    'holder', case when who.holder_kind is null then null else jsonb_build_object('type', who.holder_kind, 'id', who.holder_key) end,
    'grants', deciding, 'near', near, 'rolesWith', to_jsonb(with_it));
end
$$;
comment on function bulkhead.access_explain(text, uuid, text, text) is 'Operation access.explain: which grants decided, by which roles and groups, or what stands in the way.';

create function bulkhead.access_check(wanted text[], places uuid[], actor_kind text, actor_key text) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
  who_kind text;
  who_key text;
begin
  select kind, key into who_kind, who_key from bulkhead.access_asked_about(actor_kind, actor_key, places);
  if exists (select from unnest(wanted) as w (name)
              where not exists (select from bulkhead.permission p where p.name = w.name and p.retired_at is null)) then
    raise exception using errcode = 'BH001', message = 'access.permission_unknown';
  end if;
  return (select jsonb_agg(bulkhead.access_permits(tenant, who_kind, who_key, c.name, c.place) order by c.n)
            from unnest(wanted, places) with ordinality as c (name, place, n));
end
$$;
comment on function bulkhead.access_check(text[], uuid[], text, text) is 'Operation access.check: what bulkhead.permits says, for somebody and many questions.';

create function bulkhead.access_permitted(wanted text, of_kind text, place uuid, actor_kind text, actor_key text, after_id uuid, size integer)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.access_tenant();
  who_kind text;
  who_key text;
begin
  select kind, key into who_kind, who_key from bulkhead.access_asked_about(actor_kind, actor_key, array[place]);
  return (
    -- The root may not have its row yet.
    select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'kind', f.kind) order by f.id), '[]')
      from (select p.id, coalesce(n.kind, 'tenant') as kind
              from bulkhead.access_nodes_permitted(tenant, who_kind, who_key, wanted, of_kind) as p (id)
              left join bulkhead.node n on n.tenant_id = tenant and n.id = p.id
             where (after_id is null or p.id > after_id)
               and (place is null or place in (p.id, tenant) or place = any (n.ancestors))
             order by p.id limit size) as f);
end
$$;
comment on function bulkhead.access_permitted(text, text, uuid, text, text, uuid, integer) is 'Operation access.permitted: the nodes on which somebody holds a permission, as bulkhead.permitted_nodes lists them.';

do $$
declare
  signature text;
begin
  for signature in
    select p.oid::regprocedure::text from pg_catalog.pg_proc p
     where p.pronamespace = 'bulkhead'::regnamespace and p.proowner = 'bulkhead'::regrole
       and p.proname ~ '^(member|role|group|grant|node)_(list|get|members)$' or p.proname in ('access_matrix', 'access_asked_about', 'access_check', 'access_permitted', 'access_explain', 'access_role_chain')
  loop
    execute format('revoke all on function %s from public', signature);
  end loop;
end
$$;
