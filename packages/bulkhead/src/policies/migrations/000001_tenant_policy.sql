-- What each tenant demands of passwords, sessions, API keys and second factors. The runner executes this file
-- as the role `bulkhead`, which owns the schema and everything in it.

-- One row a version, so that history is never a second truth beside the present.
create table bulkhead.tenant_policy (
  tenant_id uuid not null,
  kind text collate "C" not null check (kind in ('password', 'session', 'api', 'mfa')),
  version integer not null check (version > 0),
  body jsonb not null check (jsonb_typeof(body) = 'object' and octet_length(body::text) <= 65536),
  set_by text not null,
  set_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, kind, version)
);
comment on table bulkhead.tenant_policy is 'The security policies of tenants, every version; the highest one of a kind holds. Append-only, and only through bulkhead.policy_set.';
comment on column bulkhead.tenant_policy.tenant_id is 'Whose policy.';
comment on column bulkhead.tenant_policy.kind is 'password, session, api or mfa.';
comment on column bulkhead.tenant_policy.version is 'Counts from 1 without gaps; 0 stands for the defaults, which are in the code.';
comment on column bulkhead.tenant_policy.body is 'The settings, all of them.';
comment on column bulkhead.tenant_policy.set_by is 'Who set it, as type:id, from the verified context.';
comment on column bulkhead.tenant_policy.set_at is 'When.';

alter table bulkhead.tenant_policy enable row level security;
alter table bulkhead.tenant_policy force row level security;
create policy bulkhead_owner_reads on bulkhead.tenant_policy for select to bulkhead using (true);
create policy bulkhead_owner_adds on bulkhead.tenant_policy for insert to bulkhead with check (true);
-- Not restrictive, or the owner's own functions would be bound to one tenant as well.
create policy bulkhead_tenant on bulkhead.tenant_policy for select to public
  using (tenant_id = (select bulkhead.tenant_id()));
revoke all on bulkhead.tenant_policy from public;

-- The same bounds as the schemas in policy-kinds.ts: whatever way a body comes, the gate can read it.
create function bulkhead.policy_fault(policy_kind text, body jsonb) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  field record;
  value jsonb;
  item jsonb;
  known text[] := '{}';
begin
  if body is null or jsonb_typeof(body) <> 'object' then
    return 'not an object';
  end if;
  for field in
    select f.name, f.type, f.least, f.most, f.choices
      from (values
        ('password', 'lengthMin', 'integer', 8, 128, null::text[]),
        ('password', 'lengthMax', 'integer', 64, 1024, null),
        ('password', 'reuseHistory', 'integer', 0, 24, null),
        ('password', 'ageMaxDays', 'integer or null', 1, 3650, null),
        ('password', 'breachedCheck', 'boolean', null, null, null),
        ('session', 'idleMaxMinutes', 'integer', 5, 129600, null),
        ('session', 'ageMaxMinutes', 'integer', 15, 525600, null),
        ('session', 'concurrentMax', 'integer or null', 1, 1000, null),
        ('session', 'ipAllowlist', 'networks', null, 200, null),
        ('api', 'keyAgeMaxDays', 'integer or null', 1, 3650, null),
        ('api', 'ipAllowlist', 'networks', null, 200, null),
        ('api', 'scopesAllowed', 'permissions or null', null, 500, null),
        ('mfa', 'required', 'choice', null, null, array['nobody', 'roles', 'everyone']),
        ('mfa', 'roles', 'texts', 64, 100, null),
        ('mfa', 'stepUp', 'boolean', null, null, null),
        ('mfa', 'stepUpAgeMaxMinutes', 'integer', 1, 1440, null)
      ) as f (kind, name, type, least, most, choices)
     where f.kind = policy_kind
  loop
    known := known || field.name;
    value := body -> field.name;
    if value is null then
      return field.name || ' is missing';
    end if;
    if field.type like '% or null' and value = 'null' then
      continue;
    end if;
    if field.type like 'integer%' then
      if jsonb_typeof(value) <> 'number' or value #>> '{}' !~ '^[0-9]{1,7}$'
         or (value #>> '{}')::integer not between field.least and field.most then
        return format('%s is not a whole number from %s to %s', field.name, field.least, field.most);
      end if;
    elsif field.type = 'boolean' then
      if jsonb_typeof(value) <> 'boolean' then
        return field.name || ' is neither true nor false';
      end if;
    elsif field.type = 'choice' then
      if jsonb_typeof(value) <> 'string' or (value #>> '{}') <> all (field.choices) then
        return format('%s is none of %s', field.name, array_to_string(field.choices, ', '));
      end if;
    else
      if jsonb_typeof(value) <> 'array' or jsonb_array_length(value) > field.most then
        return format('%s is not a list of at most %s', field.name, field.most);
      end if;
      for item in select jsonb_array_elements(value) loop
        if jsonb_typeof(item) <> 'string'
           or field.type = 'networks' and not bulkhead.policy_is_network(item #>> '{}')
           or field.type like 'permissions%' and (length(item #>> '{}') > 100
              or item #>> '{}' !~ '^[a-z][a-z0-9_]*:[a-z][a-z0-9_]*$')
           or field.type = 'texts' and length(item #>> '{}') not between 1 and field.least then
          return format('%s holds what does not belong there: %s', field.name, left(item::text, 60));
        end if;
      end loop;
    end if;
  end loop;
  if cardinality(known) = 0 then
    return 'no such kind of policy';
  end if;
  if exists (select from jsonb_object_keys(body) as k (name) where k.name <> all (known)) then
    return 'a setting that this kind of policy has not';
  end if;
  return null;
end
$$;
comment on function bulkhead.policy_fault(text, jsonb) is 'What is wrong with the body of a policy, or null.';

create function bulkhead.policy_is_network(network text) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- cidr fills in missing parts of IPv4 and reads leading zeros; a network in mapped form is to be written plainly.
  return length(network) <= 49
     and network ~ '^((0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)(/(0|[1-9][0-9]{0,2}))?$'
     and not network::cidr <<= '::ffff:0:0/96'::cidr;
exception
  when invalid_text_representation or numeric_value_out_of_range then
    return false;
end
$$;
comment on function bulkhead.policy_is_network(text) is 'True for an address or a network in CIDR form that has one reading.';

-- An IPv4 address that came by a dual-stack socket is the IPv4 address.
create function bulkhead.policy_address(address inet) returns inet
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case when family(address) = 6 and address << '::ffff:0:0/96'
    then '0.0.0.0'::inet + (host(address)::inet - '::ffff:0:0'::inet)
    else host(address)::inet end
$$;
comment on function bulkhead.policy_address(inet) is 'The address itself, IPv4 where it was mapped into IPv6.';

-- What is known of a tenant's owners: a port. The room that keeps people and their sessions replaces it; until
-- then nobody is known, and no policy can lock out somebody whom Bulkhead does not let in.
create function bulkhead.policy_owner_facts(tenant uuid)
returns table (user_id uuid, last_ip inet)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select null::uuid, null::inet where false
$$;
comment on function bulkhead.policy_owner_facts(uuid) is 'The active owners of a tenant who sign in here, and where each was last seen.';

-- Of all settings only the allowlist of sessions can shut people out for good: a session that ended is
-- followed by another one, and who lacks a second factor may enter to set one up.
create function bulkhead.policy_admits_an_owner(tenant uuid, allowlist jsonb, who text, from_ip inet)
returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  with owner as (
    select bulkhead.policy_address(
             case when who = 'user:' || f.user_id then coalesce(from_ip, f.last_ip) else f.last_ip end) as ip
      from bulkhead.policy_owner_facts(tenant) f
  )
  select jsonb_array_length(allowlist) = 0
      or not exists (select from owner)
      or exists (
        select from owner o
         -- An owner whom nobody has seen yet tells nothing; only staff, who can set it back, may rely on that.
         where o.ip is null and split_part(who, ':', 1) in ('system', 'operator')
            or exists (select from jsonb_array_elements_text(allowlist) as n (network) where o.ip <<= n.network::cidr))
$$;
comment on function bulkhead.policy_admits_an_owner(uuid, jsonb, text, inet) is 'Whether a list of networks leaves an owner who can enter; true where none is known.';

-- Who is in, for the dry run: the same kind of port. A member's `entrant` is as entry-facts.ts says.
create function bulkhead.policy_entrants(after_id uuid, rows_max integer)
returns table (id uuid, entrant jsonb)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.require_permission('policy:manage', bulkhead.tenant_id());
end
$$;
comment on function bulkhead.policy_entrants(uuid, integer) is 'The active members of the verified tenant with their sessions and keys, in pages by id; for who may set policies.';

-- A role that is not there would need nothing of anybody, silently.
create function bulkhead.policy_role_fault(policy_kind text, body jsonb) returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select case
    when policy_kind <> 'mfa' or body ->> 'required' <> 'roles' then null
    when jsonb_array_length(body -> 'roles') = 0 then 'roles is empty, and required says that roles decide'
    else (
      select 'roles names what is no role here: ' || left(min(r.key), 60)
        from jsonb_array_elements_text(body -> 'roles') as r (key)
       where not exists (select from bulkhead.builtin_role b where b.key = r.key)
         and not exists (select from bulkhead.role o where o.tenant_id = bulkhead.tenant_id() and o.key = r.key))
    end
$$;
comment on function bulkhead.policy_role_fault(text, jsonb) is 'What is wrong with the roles that a policy names, in the verified tenant, or null.';

create function bulkhead.policy_set(policy_kind text, new_body jsonb, expected integer, from_ip text, reason text)
returns table (version integer, set_at timestamptz, set_by text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  tenant uuid := bulkhead.tenant_id();
  who text := bulkhead.actor();
  held record;
  fault text;
  ip inet;
begin
  perform bulkhead.require_permission('policy:manage', tenant);
  fault := coalesce(bulkhead.policy_fault(policy_kind, new_body), bulkhead.policy_role_fault(policy_kind, new_body));
  if fault is not null then
    raise exception using errcode = 'BH001', message = 'policies.policy_invalid',
      detail = 'The policy is not valid: ' || fault || '.';
  end if;
  begin
    ip := from_ip::inet;
  exception when invalid_text_representation then
    ip := null;
  end;
  -- Holds others back until this is committed, so that versions count without gaps and owners stay who they are.
  perform bulkhead.access_changed(tenant);
  select p.version, p.body into held from bulkhead.tenant_policy p
   where p.tenant_id = tenant and p.kind = policy_kind order by p.version desc limit 1;
  if coalesce(held.version, 0) <> expected then
    raise exception using errcode = 'BH001', message = 'policies.version_conflict',
      detail = format('The policy was changed meanwhile: version %s holds, not %s.', coalesce(held.version, 0), expected);
  end if;
  if policy_kind = 'session'
     and not bulkhead.policy_admits_an_owner(tenant, new_body -> 'ipAllowlist', who, ip) then
    raise exception using errcode = 'BH001', message = 'policies.owners_locked_out';
  end if;
  insert into bulkhead.tenant_policy (tenant_id, kind, version, body, set_by)
  values (tenant, policy_kind, expected + 1, new_body, who)
  returning version, set_at into version, set_at;
  set_by := who;
  perform bulkhead.audit_note(tenant, who, jsonb_strip_nulls(jsonb_build_object(
    'action', 'policy.set',
    'outcome', 'success',
    'targets', jsonb_build_array(jsonb_build_object('type', 'policy', 'id', policy_kind)),
    'reason', nullif(left(reason, 1000), ''),
    'metadata', jsonb_build_object('kind', policy_kind, 'version', version)))
    -- Of what no policy was there is no image: an event whose `before` is null is none.
    || case when held.body is null then '{}' else jsonb_build_object('before', held.body) end
    || jsonb_build_object('after', new_body));
  return next;
end
$$;
comment on function bulkhead.policy_set(text, jsonb, integer, text, text) is 'Sets a policy of the verified tenant, if the version is the expected one, the actor may, and some owner can still enter; on record.';

-- For processes that must know a tenant's policies before there is a context to read them in: the signed
-- context is the argument, so that nobody asks for a tenant they cannot sign for.
create function bulkhead.policies_held(context text)
returns table (kind text, version integer, body jsonb)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  before text := coalesce(current_setting('bulkhead.context', true), '');
  tenant uuid;
begin
  perform set_config('bulkhead.context', context, true);
  tenant := bulkhead.tenant_id();
  perform set_config('bulkhead.context', before, true);
  return query
    select distinct on (p.kind) p.kind, p.version, p.body from bulkhead.tenant_policy p
     where p.tenant_id = tenant order by p.kind, p.version desc;
end
$$;
comment on function bulkhead.policies_held(text) is 'The policies that hold for the tenant of a signed context; of a kind never set, no row.';

-- Sign-in happens before there is a tenant: a user's password obeys every tenant that the user is in.
create function bulkhead.policies_of_user(of_user uuid)
returns table (tenant_id uuid, kind text, body jsonb)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select m.tenant_id, p.kind, p.body
    from bulkhead.membership m
    cross join lateral (
      select distinct on (t.kind) t.kind, t.body from bulkhead.tenant_policy t
       where t.tenant_id = m.tenant_id order by t.kind, t.version desc) p
   where m.type = 'user' and m.id = of_user::text and m.status = 'active'
$$;
comment on function bulkhead.policies_of_user(uuid) is 'What the tenants of a user have set; for the role that signs people in alone.';

revoke all on function bulkhead.policy_fault(text, jsonb), bulkhead.policy_role_fault(text, jsonb), bulkhead.policy_is_network(text),
  bulkhead.policy_address(inet), bulkhead.policy_owner_facts(uuid),
  bulkhead.policy_admits_an_owner(uuid, jsonb, text, inet),
  bulkhead.policy_entrants(uuid, integer),
  bulkhead.policy_set(text, jsonb, integer, text, text), bulkhead.policies_held(text),
  bulkhead.policies_of_user(uuid) from public;
