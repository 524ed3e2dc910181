-- Service accounts and API keys. The runner executes this file as the role `bulkhead`, which owns the schema and
-- everything in it.

create table bulkhead.service_account (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  description text not null default '' check (length(description) <= 1000),
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id)
);
comment on table bulkhead.service_account is 'Programs that act for a tenant in their own name. Name and status are those of the membership.';
comment on column bulkhead.service_account.tenant_id is 'The tenant.';
comment on column bulkhead.service_account.id is 'What contexts and the membership call it.';
comment on column bulkhead.service_account.description is 'What it is for.';
comment on column bulkhead.service_account.created_by is 'Who made it, as type:id.';
comment on column bulkhead.service_account.created_at is 'When.';

create table bulkhead.api_key (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  holder_type text not null check (holder_type in ('user', 'service_account')),
  holder_id text collate "C" not null,
  name text not null check (length(name) between 1 and 200),
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  last_used_ip inet,
  primary key (tenant_id, id)
);
create index api_key_holder on bulkhead.api_key (tenant_id, holder_type, holder_id, created_at);
comment on table bulkhead.api_key is 'Keys by which programs act for a member. What a key may do stands in bulkhead.delegation.';
comment on column bulkhead.api_key.tenant_id is 'The tenant.';
comment on column bulkhead.api_key.id is 'Names the key in contexts, lists and events; no credential. Rotating keeps it.';
comment on column bulkhead.api_key.holder_type is 'For whom it acts: a person, who made it, or a service account.';
comment on column bulkhead.api_key.holder_id is 'For whom it acts.';
comment on column bulkhead.api_key.name is 'What people are shown.';
comment on column bulkhead.api_key.created_by is 'Who made it, as type:id.';
comment on column bulkhead.api_key.created_at is 'When.';
comment on column bulkhead.api_key.expires_at is 'From then on it is no good; null for a key without an end.';
comment on column bulkhead.api_key.revoked_at is 'When it was withdrawn.';
comment on column bulkhead.api_key.last_used_at is 'The last request, to a few seconds.';
comment on column bulkhead.api_key.last_used_ip is 'Where that came from.';

create table bulkhead.api_key_secret (
  tenant_id uuid not null,
  key_id uuid not null,
  hash bytea not null check (octet_length(hash) = 32),
  hint text not null check (length(hint) <= 8),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null default 'infinity',
  primary key (tenant_id, key_id, hash),
  foreign key (tenant_id, key_id) references bulkhead.api_key (tenant_id, id) on delete cascade
);
create unique index api_key_secret_hash on bulkhead.api_key_secret (hash);
comment on table bulkhead.api_key_secret is 'What a key''s token hashes to. For as long as a rotation overlaps there are two.';
comment on column bulkhead.api_key_secret.tenant_id is 'The tenant.';
comment on column bulkhead.api_key_secret.key_id is 'The key.';
comment on column bulkhead.api_key_secret.hash is 'SHA-256 of the token, which has 256 bits of chance: nothing to guess, so nothing to slow down.';
comment on column bulkhead.api_key_secret.hint is 'The last characters of the token, by which people tell theirs apart.';
comment on column bulkhead.api_key_secret.created_at is 'When it was handed out.';
comment on column bulkhead.api_key_secret.expires_at is 'Infinity until a rotation replaces it.';

do $$
declare
  name text;
begin
  foreach name in array array['service_account', 'api_key', 'api_key_secret'] loop
    execute format('alter table bulkhead.%I enable row level security', name);
    execute format('alter table bulkhead.%I force row level security', name);
    execute format('revoke all on bulkhead.%I from public', name);
    -- In a context also the owner, and so every function of ours, is bound to its tenant.
    execute format('create policy bulkhead_owner on bulkhead.%I to bulkhead using (coalesce(tenant_id = (select bulkhead.tenant_id()), true)) with check (coalesce(tenant_id = (select bulkhead.tenant_id()), true))', name);
    execute format('create policy bulkhead_tenant on bulkhead.%I for select to public using (tenant_id = (select bulkhead.tenant_id()))', name);
  end loop;
end
$$;

-- Service accounts -----------------------------------------------------------------------------------------

create function bulkhead.service_account_json(p_id uuid) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_json jsonb;
begin
  select jsonb_build_object('id', s.id, 'name', m.name, 'description', s.description, 'status', m.status,
           'createdAt', s.created_at, 'createdBy', s.created_by)
    into v_json
    from bulkhead.service_account s
    join bulkhead.membership m on m.tenant_id = s.tenant_id and m.type = 'service_account' and m.id = s.id::text
   where s.tenant_id = bulkhead.tenant_id() and s.id = p_id;
  if v_json is null then
    raise exception using errcode = 'BH001', message = 'identity.service_account_absent';
  end if;
  return v_json;
end
$$;
comment on function bulkhead.service_account_json(uuid) is 'A service account of the tenant of the context, as it is shown.';

create function bulkhead.service_account_note(p_action text, p_id uuid, p_before jsonb, p_after jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.audit_note(bulkhead.tenant_id(), bulkhead.actor(), jsonb_strip_nulls(jsonb_build_object(
    'action', p_action, 'outcome', 'success',
    'targets', jsonb_build_array(jsonb_build_object('type', 'service_account', 'id', p_id,
      'name', coalesce(p_after, p_before) ->> 'name')),
    'before', p_before, 'after', p_after)));
end
$$;
comment on function bulkhead.service_account_note(text, uuid, jsonb, jsonb) is 'Records a change of a service account.';

create function bulkhead.service_account_create(p_name text, p_description text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid := gen_random_uuid();
  v_after jsonb;
begin
  perform bulkhead.require_permission('service_account:manage', bulkhead.tenant_id());
  insert into bulkhead.service_account (tenant_id, id, description, created_by)
  values (bulkhead.tenant_id(), v_id, p_description, bulkhead.actor());
  perform bulkhead.access_member_join(bulkhead.tenant_id(), bulkhead.actor(), 'service_account', v_id::text, p_name, null);
  v_after := bulkhead.service_account_json(v_id);
  perform bulkhead.service_account_note('service_account.created', v_id, null, v_after);
  return v_after;
end
$$;
comment on function bulkhead.service_account_create(text, text) is 'Makes a service account, a member who holds nothing yet.';

create function bulkhead.service_account_update(p_id uuid, p_name text, p_description text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before jsonb;
  v_after jsonb;
begin
  perform bulkhead.require_permission('service_account:manage', bulkhead.tenant_id());
  -- Who compares before they change is told of any change of the tenant's: also of one that is nobody's right.
  perform bulkhead.access_changed(bulkhead.tenant_id());
  v_before := bulkhead.service_account_json(p_id);
  update bulkhead.service_account s set description = coalesce(p_description, s.description)
   where s.tenant_id = bulkhead.tenant_id() and s.id = p_id;
  if p_name is not null then
    perform bulkhead.access_member_describe('service_account', p_id::text, p_name, null);
  end if;
  v_after := bulkhead.service_account_json(p_id);
  if v_before <> v_after then
    perform bulkhead.service_account_note('service_account.changed', p_id, v_before, v_after);
  end if;
  return v_after;
end
$$;
comment on function bulkhead.service_account_update(uuid, text, text) is 'Changes name and description; NULL leaves one as it is.';

create function bulkhead.service_account_set_status(p_id uuid, p_status text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before jsonb;
  v_after jsonb;
begin
  perform bulkhead.require_permission('service_account:manage', bulkhead.tenant_id());
  v_before := bulkhead.service_account_json(p_id);
  if v_before ->> 'status' = p_status then
    return v_before;
  end if;
  if p_status = 'active' then
    perform bulkhead.access_member_restore(bulkhead.tenant_id(), bulkhead.actor(), 'service_account', p_id::text);
  else
    perform bulkhead.access_member_suspend(bulkhead.tenant_id(), bulkhead.actor(), 'service_account', p_id::text);
  end if;
  v_after := bulkhead.service_account_json(p_id);
  perform bulkhead.service_account_note(
    case p_status when 'active' then 'service_account.enabled' else 'service_account.disabled' end, p_id, v_before, v_after);
  return v_after;
end
$$;
comment on function bulkhead.service_account_set_status(uuid, text) is 'Disables a service account, whose keys are no good meanwhile, or lets it work again.';

create function bulkhead.service_account_delete(p_id uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before jsonb;
  v_key uuid;
begin
  perform bulkhead.require_permission('service_account:manage', bulkhead.tenant_id());
  v_before := bulkhead.service_account_json(p_id);
  for v_key in
    update bulkhead.api_key k set revoked_at = clock_timestamp()
     where k.tenant_id = bulkhead.tenant_id() and k.holder_type = 'service_account' and k.holder_id = p_id::text
       and k.revoked_at is null
    returning k.id
  loop
    perform bulkhead.access_undelegate(bulkhead.tenant_id(), bulkhead.actor(), v_key::text);
    perform bulkhead.api_key_note('api_key.revoked', v_key, null, null);
  end loop;
  perform bulkhead.access_member_leave(bulkhead.tenant_id(), bulkhead.actor(), 'service_account', p_id::text);
  delete from bulkhead.service_account s where s.tenant_id = bulkhead.tenant_id() and s.id = p_id;
  perform bulkhead.service_account_note('service_account.deleted', p_id, v_before, null);
end
$$;
comment on function bulkhead.service_account_delete(uuid) is 'Removes a service account with its keys and all it was granted.';

create function bulkhead.service_account_get(p_id uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.require_permission('member:read', bulkhead.tenant_id());
  return bulkhead.service_account_json(p_id);
end
$$;
comment on function bulkhead.service_account_get(uuid) is 'A service account of the tenant of the context.';

create function bulkhead.service_account_list(p_after text, p_limit integer) returns setof jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.require_permission('member:read', bulkhead.tenant_id());
  return query
    select jsonb_build_object('id', s.id, 'name', m.name, 'description', s.description, 'status', m.status,
             'createdAt', s.created_at, 'createdBy', s.created_by)
      from bulkhead.service_account s
      join bulkhead.membership m on m.tenant_id = s.tenant_id and m.type = 'service_account' and m.id = s.id::text
     where s.tenant_id = bulkhead.tenant_id() and (p_after is null or s.id > p_after::uuid)
     order by s.id limit least(p_limit, 201);
end
$$;
comment on function bulkhead.service_account_list(text, integer) is 'The service accounts of the tenant of the context, in order of their ids.';

-- API keys -------------------------------------------------------------------------------------------------

create function bulkhead.api_key_json(p_id uuid) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_json jsonb;
begin
  select jsonb_build_object('id', k.id, 'name', k.name,
           'holder', jsonb_build_object('type', k.holder_type, 'id', k.holder_id, 'name', m.name),
           'permissions', to_jsonb(d.permissions), 'nodes', to_jsonb(d.nodes),
           'hint', (select x.hint from bulkhead.api_key_secret x
                     where x.tenant_id = k.tenant_id and x.key_id = k.id order by x.created_at desc limit 1),
           'createdAt', k.created_at, 'createdBy', k.created_by, 'expiresAt', k.expires_at, 'revokedAt', k.revoked_at,
           'lastUsedAt', k.last_used_at, 'lastUsedIp', host(k.last_used_ip))
    into v_json
    from bulkhead.api_key k
    left join bulkhead.delegation d on d.tenant_id = k.tenant_id and d.actor_type = 'api_key' and d.actor_id = k.id::text
    left join bulkhead.membership m on m.tenant_id = k.tenant_id and m.type = k.holder_type and m.id = k.holder_id
   where k.tenant_id = bulkhead.tenant_id() and k.id = p_id;
  return v_json;
end
$$;
comment on function bulkhead.api_key_json(uuid) is 'A key of the tenant of the context, as it is shown; never its token.';

create function bulkhead.api_key_note(p_action text, p_id uuid, p_before jsonb, p_more jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_after jsonb := bulkhead.api_key_json(p_id);
begin
  perform bulkhead.audit_note(bulkhead.tenant_id(), bulkhead.actor(), jsonb_strip_nulls(jsonb_build_object(
    'action', p_action, 'outcome', 'success',
    'targets', jsonb_build_array(
      jsonb_build_object('type', 'api_key', 'id', p_id, 'name', v_after ->> 'name'),
      jsonb_build_object('type', v_after #>> '{holder,type}', 'id', v_after #>> '{holder,id}')),
    -- Where a key was used from, and the name of whoever holds it, is a person's affair and no change.
    'before', p_before - 'lastUsedAt' - 'lastUsedIp' - 'holder',
    'after', v_after - 'lastUsedAt' - 'lastUsedIp' - 'holder',
    'metadata', p_more)));
end
$$;
comment on function bulkhead.api_key_note(text, uuid, jsonb, jsonb) is 'Records a change of a key.';

-- A key hands on what its holder holds. Whoever makes or rotates one for another sees its token, so that they
-- must hold all of it themselves: on every node where the holder was granted something, within the key's limits.
create function bulkhead.api_key_assert_covered(p_holder_type text, p_holder_id text, p_permissions text[], p_nodes uuid[], p_until timestamptz)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant uuid := bulkhead.tenant_id();
  v_node uuid;
  v_held text[];
begin
  for v_node in
    select distinct place from (
      select g.node as place from bulkhead.access_grant g
       where g.tenant_id = v_tenant
         and (g.holder_type = p_holder_type and g.holder_id = p_holder_id
              or g.holder_type = 'group' and g.holder_id = any (bulkhead.access_groups(v_tenant, p_holder_type, p_holder_id)))
         and (p_nodes is null or bulkhead.access_path(v_tenant, g.node) && p_nodes)
      union all select unnest(p_nodes)) as places
  loop
    -- What it holds already, be it for a moment: a grant that comes later is for whoever gives it to answer for.
    v_held := bulkhead.access_held(v_tenant, p_holder_type, p_holder_id, v_node, '-infinity');
    if p_permissions is not null then
      v_held := array(select unnest(v_held) intersect select unnest(p_permissions));
    end if;
    if not bulkhead.access_covers(v_tenant, bulkhead.actor_type(), bulkhead.actor_id(), v_held, v_node, p_until) then
      raise exception using errcode = 'BH001', message = 'access.exceeds_own';
    end if;
  end loop;
end
$$;
comment on function bulkhead.api_key_assert_covered(text, text, text[], uuid[], timestamptz) is 'Refuses whoever would see the token of a key that may do more than they may.';

create function bulkhead.api_key_create(p_holder_type text, p_holder_id text, p_name text, p_permissions text[],
  p_nodes uuid[], p_expires_at timestamptz, p_hash bytea, p_hint text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant uuid := bulkhead.tenant_id();
  v_own boolean := bulkhead.actor_type() = p_holder_type and bulkhead.actor_id() = p_holder_id;
  v_id uuid := gen_random_uuid();
  v_unknown text;
begin
  -- A leaked key must not outlive its revocation in keys that it made.
  if v_tenant is null or bulkhead.actor_type() = 'api_key' then
    raise exception using errcode = 'BH001', message = 'access.denied', detail = 'An API key makes no other keys.';
  end if;
  if not v_own then
    perform bulkhead.require_permission('api_key:manage', v_tenant);
    if p_holder_type <> 'service_account' then
      raise exception using errcode = 'BH001', message = 'identity.api_key_holder_invalid';
    end if;
  end if;
  perform from bulkhead.membership m
    where m.tenant_id = v_tenant and m.type = p_holder_type and m.id = p_holder_id and m.status = 'active' for share;
  if not found then
    raise exception using errcode = 'BH001', message = 'identity.api_key_holder_invalid';
  end if;
  select p into v_unknown from unnest(p_permissions) p
   where not exists (select from bulkhead.permission k where k.name = p and k.retired_at is null) limit 1;
  if v_unknown is not null then
    raise exception using errcode = 'BH001', message = 'access.permission_unknown';
  end if;
  if exists (select from unnest(p_nodes) n where bulkhead.access_path(v_tenant, n) is null) then
    raise exception using errcode = 'BH001', message = 'access.node_absent';
  end if;
  if p_expires_at <= clock_timestamp() then
    raise exception using errcode = 'BH001', message = 'identity.api_key_expiry_invalid';
  end if;
  if (select count(*) from bulkhead.api_key k
       where k.tenant_id = v_tenant and k.holder_type = p_holder_type and k.holder_id = p_holder_id
         and k.revoked_at is null and coalesce(k.expires_at, 'infinity') > clock_timestamp()) >= 100 then
    raise exception using errcode = 'BH001', message = 'identity.api_key_too_many';
  end if;
  insert into bulkhead.api_key (tenant_id, id, holder_type, holder_id, name, created_by, expires_at)
  values (v_tenant, v_id, p_holder_type, p_holder_id, p_name, bulkhead.actor(), p_expires_at);
  insert into bulkhead.api_key_secret (tenant_id, key_id, hash, hint) values (v_tenant, v_id, p_hash, p_hint);
  -- Refuses whoever does not hold all that a service account's key would hand on.
  perform bulkhead.access_delegate(v_tenant, bulkhead.actor(), v_id::text, p_holder_type, p_holder_id,
    p_permissions, p_nodes, p_expires_at);
  perform bulkhead.api_key_note('api_key.created', v_id, null, null);
  return bulkhead.api_key_json(v_id);
end
$$;
comment on function bulkhead.api_key_create(text, text, text, text[], uuid[], timestamptz, bytea, text) is 'Makes a key, for oneself or for a service account.';

-- Row and right in one: a key that the actor may not touch answers like an absent one.
create function bulkhead.api_key_claim(p_id uuid, p_secret boolean) returns bulkhead.api_key
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key bulkhead.api_key;
  v_own boolean;
  v_limits record;
begin
  select * into v_key from bulkhead.api_key k where k.tenant_id = bulkhead.tenant_id() and k.id = p_id for update;
  v_own := v_key.id is not null and (bulkhead.actor() = v_key.holder_type || ':' || v_key.holder_id
                                     or bulkhead.actor() = 'api_key:' || p_id);
  if not v_own then
    perform bulkhead.require_permission('api_key:manage', bulkhead.tenant_id());
  end if;
  if v_key.id is null or v_key.revoked_at is not null then
    raise exception using errcode = 'BH001', message = 'identity.api_key_absent';
  end if;
  if p_secret and not v_own then
    -- Keys make no keys: a stolen one would outlive its withdrawal in another's token.
    if bulkhead.actor_type() = 'api_key' then
      raise exception using errcode = 'BH001', message = 'access.exceeds_own';
    end if;
    -- An administrator may withdraw a person's key; having its token they would be that person.
    if v_key.holder_type = 'user' then
      raise exception using errcode = 'BH001', message = 'identity.api_key_holder_invalid';
    end if;
    select d.permissions, d.nodes into v_limits from bulkhead.delegation d
     where d.tenant_id = v_key.tenant_id and d.actor_type = 'api_key' and d.actor_id = p_id::text;
    perform bulkhead.api_key_assert_covered(v_key.holder_type, v_key.holder_id, v_limits.permissions, v_limits.nodes, v_key.expires_at);
  end if;
  return v_key;
end
$$;
comment on function bulkhead.api_key_claim(uuid, boolean) is 'The key, locked, where the actor may change it; with p_secret, where they may also see a token of it.';

create function bulkhead.api_key_rotate(p_id uuid, p_hash bytea, p_hint text, p_overlap_seconds integer) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key bulkhead.api_key := bulkhead.api_key_claim(p_id, true);
  v_until timestamptz := clock_timestamp() + least(p_overlap_seconds, 604800) * interval '1 second';
begin
  if v_key.expires_at <= clock_timestamp() then
    raise exception using errcode = 'BH001', message = 'identity.api_key_absent';
  end if;
  delete from bulkhead.api_key_secret s
   where s.tenant_id = v_key.tenant_id and s.key_id = p_id and s.expires_at <= clock_timestamp();
  -- Of tokens before the last one nothing is left: two are enough for an overlap.
  delete from bulkhead.api_key_secret s
   where s.tenant_id = v_key.tenant_id and s.key_id = p_id and s.expires_at < 'infinity';
  update bulkhead.api_key_secret s set expires_at = v_until
   where s.tenant_id = v_key.tenant_id and s.key_id = p_id;
  insert into bulkhead.api_key_secret (tenant_id, key_id, hash, hint) values (v_key.tenant_id, p_id, p_hash, p_hint);
  perform bulkhead.api_key_note('api_key.rotated', p_id, null,
    jsonb_build_object('overlapSeconds', least(p_overlap_seconds, 604800)));
  return bulkhead.api_key_json(p_id);
end
$$;
comment on function bulkhead.api_key_rotate(uuid, bytea, text, integer) is 'Gives a key another token; the old one is good for the overlap, a week at most. The key itself stays what it is.';

create function bulkhead.api_key_revoke(p_id uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key bulkhead.api_key := bulkhead.api_key_claim(p_id, false);
  v_before jsonb := bulkhead.api_key_json(p_id);
begin
  update bulkhead.api_key k set revoked_at = clock_timestamp() where k.tenant_id = v_key.tenant_id and k.id = p_id;
  perform bulkhead.access_undelegate(v_key.tenant_id, bulkhead.actor(), p_id::text);
  perform bulkhead.api_key_note('api_key.revoked', p_id, v_before, null);
  return bulkhead.api_key_json(p_id);
end
$$;
comment on function bulkhead.api_key_revoke(uuid) is 'Withdraws a key.';

create function bulkhead.api_key_list(p_holder_type text, p_holder_id text, p_after uuid, p_limit integer) returns setof jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if bulkhead.tenant_id() is null or bulkhead.actor() is distinct from p_holder_type || ':' || p_holder_id then
    perform bulkhead.require_permission('api_key:read', bulkhead.tenant_id());
  end if;
  return query
    select bulkhead.api_key_json(k.id)
      from bulkhead.api_key k
     where k.tenant_id = bulkhead.tenant_id() and k.revoked_at is null and (p_after is null or k.id > p_after)
       and (p_holder_id is null or k.holder_type = p_holder_type and k.holder_id = p_holder_id)
     order by k.id limit least(p_limit, 201);
end
$$;
comment on function bulkhead.api_key_list(text, text, uuid, integer) is 'The keys of one member, or of all, that were not withdrawn, in order of their ids.';

-- What the app's role may with a token in hand, before there is a context ----------------------------------

create function bulkhead.api_key_find(p_hash bytea)
returns table (id uuid, tenant_id uuid, holder_type text, holder_id text, name text, created_at timestamptz,
  ends_at timestamptz, permissions text[], nodes uuid[])
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select k.id, k.tenant_id, k.holder_type, k.holder_id, k.name, k.created_at,
           least(s.expires_at, coalesce(k.expires_at, 'infinity')), d.permissions, d.nodes
      from bulkhead.api_key_secret s
      join bulkhead.api_key k on k.tenant_id = s.tenant_id and k.id = s.key_id
      join bulkhead.membership m on m.tenant_id = k.tenant_id and m.type = k.holder_type and m.id = k.holder_id
      join bulkhead.delegation d on d.tenant_id = k.tenant_id and d.actor_type = 'api_key' and d.actor_id = k.id::text
     where s.hash = p_hash and s.expires_at > clock_timestamp()
       and k.revoked_at is null and coalesce(k.expires_at, 'infinity') > clock_timestamp()
       and m.status = 'active' and d.revoked_at is null
       and not (k.holder_type = 'user' and exists (
         select from bulkhead.user_account u
          where u.id = case when k.holder_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then k.holder_id::uuid end
            and u.status <> 'active'));
end
$$;
comment on function bulkhead.api_key_find(bytea) is 'The key of a token that is good now, or no row.';

create function bulkhead.api_key_seen(p_hashes bytea[], p_ages_ms bigint[], p_ips text[]) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update bulkhead.api_key k
     set last_used_at = greatest(k.last_used_at, u.at), last_used_ip = coalesce(u.ip, k.last_used_ip)
    from (select distinct on (s.tenant_id, s.key_id) s.tenant_id, s.key_id,
                 clock_timestamp() - greatest(t.age_ms, 0) * interval '1 millisecond' as at, bulkhead.client_ip(t.ip) as ip
            from unnest(p_hashes, p_ages_ms, p_ips) as t (hash, age_ms, ip)
            join bulkhead.api_key_secret s on s.hash = t.hash
           order by s.tenant_id, s.key_id, t.age_ms) as u
   where k.tenant_id = u.tenant_id and k.id = u.key_id
     and coalesce(k.last_used_at < u.at, true);
end
$$;
comment on function bulkhead.api_key_seen(bytea[], bigint[], text[]) is 'Notes the last use of keys, many at once: how long ago, by this process''s own watch, and from where.';

do $$
declare
  routine regprocedure;
begin
  for routine in
    select p.oid::regprocedure from pg_catalog.pg_proc p
     where p.pronamespace = 'bulkhead'::regnamespace and p.proname ~ '^(service_account|api_key)_'
  loop
    execute format('revoke all on function %s from public', routine);
  end loop;
end
$$;
