-- People and their sessions, which belong to no tenant, and what becomes of a tenant. The runner executes this
-- file as the role `bulkhead`, which owns the schema and everything in it.

-- A tenant's life ------------------------------------------------------------------------------------------

alter table bulkhead.tenant drop constraint tenant_status_check;
alter table bulkhead.tenant add constraint tenant_status_check
  check (status in ('active', 'disabled', 'suspended', 'closed'));
comment on column bulkhead.tenant.status is 'Only an active tenant admits requests. Suspended and disabled ones can be restored, a closed one never; its data stays until it is removed on purpose.';
alter table bulkhead.tenant_change add column reason text check (length(reason) between 1 and 1000);
comment on column bulkhead.tenant_change.reason is 'Why, where the change asks for it.';
comment on column bulkhead.tenant_change.action is 'create, import, rename, disable, enable, suspend, restore, close, domain.add or domain.remove.';

create function bulkhead.tenant_closed_is_final() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = 'BH001', message = 'identity.tenant_closed';
end
$$;
comment on function bulkhead.tenant_closed_is_final() is 'Trigger: whoever tries, a closed tenant stays closed.';
create trigger bulkhead_closed before update of status on bulkhead.tenant
  for each row when (old.status = 'closed' and new.status <> 'closed')
  execute function bulkhead.tenant_closed_is_final();

create function bulkhead.tenant_status_changed() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.access_tenant_enabled(new.id, new.status = 'active');
  return null;
end
$$;
comment on function bulkhead.tenant_status_changed() is 'Trigger: in a tenant that is not active nobody holds anything.';
create trigger bulkhead_access after update of status on bulkhead.tenant
  for each row when (old.status <> new.status)
  execute function bulkhead.tenant_status_changed();

create or replace function bulkhead.audit_tenant_change() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.audit_note(new.tenant_id, new.actor, jsonb_strip_nulls(jsonb_build_object(
    'action', case new.action
      when 'create' then 'tenant.created'
      when 'import' then 'tenant.imported'
      when 'rename' then 'tenant.renamed'
      when 'disable' then 'tenant.disabled'
      when 'enable' then 'tenant.enabled'
      when 'suspend' then 'tenant.suspended'
      when 'restore' then 'tenant.restored'
      when 'close' then 'tenant.closed'
      when 'domain.add' then 'tenant.domain_added'
      when 'domain.remove' then 'tenant.domain_removed'
      else 'tenant.changed' end,
    'outcome', 'success',
    'targets', jsonb_build_array(jsonb_build_object('type', 'tenant', 'id', new.tenant_id)),
    'reason', new.reason,
    'before', new.before - 'version',
    'after', new.after - 'version')));
  return null;
end
$$;

create function bulkhead.tenant_close(p_reason text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant uuid := bulkhead.tenant_id();
  v_before jsonb;
  v_after jsonb;
begin
  perform bulkhead.require_permission('tenant:close', v_tenant);
  select to_jsonb(t) into v_before from bulkhead.tenant t where t.id = v_tenant for update;
  if v_before is null or v_before ->> 'status' = 'closed' then
    return;
  end if;
  update bulkhead.tenant t set status = 'closed', updated_at = clock_timestamp()
   where t.id = v_tenant returning to_jsonb(t) into v_after;
  insert into bulkhead.tenant_change (tenant_id, actor, action, before, after, reason)
  values (v_tenant, bulkhead.actor(), 'close', v_before, v_after, p_reason);
end
$$;
comment on function bulkhead.tenant_close(text) is 'Closes the tenant of the context for good. For its owners.';

create function bulkhead.tenant_rename(p_name text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant uuid := bulkhead.tenant_id();
  v_before jsonb;
  v_after jsonb;
begin
  perform bulkhead.require_permission('tenant:manage', v_tenant);
  select to_jsonb(t) into v_before from bulkhead.tenant t where t.id = v_tenant for update;
  if v_before is null or v_before ->> 'name' = p_name then
    return;
  end if;
  update bulkhead.tenant t set name = p_name, updated_at = clock_timestamp()
   where t.id = v_tenant returning to_jsonb(t) into v_after;
  insert into bulkhead.tenant_change (tenant_id, actor, action, before, after)
  values (v_tenant, bulkhead.actor(), 'rename', v_before, v_after);
end
$$;
comment on function bulkhead.tenant_rename(text) is 'Changes what people are shown of the tenant of the context.';

create function bulkhead.tenant_read()
returns table (id uuid, slug text, name text, status text, created_at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform bulkhead.require_permission('tenant:read', bulkhead.tenant_id());
  return query select t.id, t.slug, t.name, t.status, t.created_at
    from bulkhead.tenant t where t.id = bulkhead.tenant_id();
end
$$;
comment on function bulkhead.tenant_read() is 'The tenant of the context.';

-- People ---------------------------------------------------------------------------------------------------

create table bulkhead.user_account (
  id uuid primary key default gen_random_uuid(),
  email text collate "C" not null unique
    check (length(email) between 3 and 254 and email ~ '^[!-?A-~]+@[a-z0-9.-]+$' and email = lower(email)),
  name text not null check (length(name) between 1 and 200),
  status text not null default 'active' check (status in ('active', 'disabled')),
  email_verified_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  version uuid not null default gen_random_uuid()
);
create trigger bulkhead_version before update on bulkhead.user_account
  for each row execute function bulkhead.another_version();
comment on table bulkhead.user_account is 'People, one row each whatever number of tenants they belong to. No role may read it; the identity role calls functions.';
comment on column bulkhead.user_account.id is 'What contexts and memberships call the person.';
comment on column bulkhead.user_account.email is 'The address in its one spelling, by which the person is found.';
comment on column bulkhead.user_account.name is 'What people are shown; memberships have a copy.';
comment on column bulkhead.user_account.status is 'A disabled user has no session and no key that works.';
comment on column bulkhead.user_account.email_verified_at is 'When they last showed that the mailbox is theirs; null for never.';
comment on column bulkhead.user_account.created_at is 'When.';
comment on column bulkhead.user_account.updated_at is 'When the row last changed.';
comment on column bulkhead.user_account.version is 'Names this state of the row: a change that was based on another one is refused.';

create table bulkhead.email_change (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  user_id uuid not null references bulkhead.user_account (id),
  email text collate "C" not null,
  expires_at timestamptz not null
);
create index email_change_user_id on bulkhead.email_change (user_id);
comment on table bulkhead.email_change is 'Addresses that somebody wants to change to, until the link that was mailed to them is followed.';
comment on column bulkhead.email_change.token_hash is 'SHA-256 of what the link holds.';
comment on column bulkhead.email_change.user_id is 'Who wants it.';
comment on column bulkhead.email_change.email is 'The address that was written to.';
comment on column bulkhead.email_change.expires_at is 'From then on the link is dead.';

-- Sessions -------------------------------------------------------------------------------------------------

create table bulkhead.session (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references bulkhead.user_account (id),
  methods text[] not null check (cardinality(methods) between 1 and 10),
  created_at timestamptz not null default clock_timestamp(),
  authenticated_at timestamptz not null default clock_timestamp(),
  mfa_at timestamptz,
  last_seen_at timestamptz not null default clock_timestamp(),
  last_ip inet,
  user_agent text check (length(user_agent) <= 512),
  idle_seconds integer not null check (idle_seconds > 0),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoke_reason text check (length(revoke_reason) between 1 and 200),
  check ((revoked_at is null) = (revoke_reason is null))
);
create index session_user_id on bulkhead.session (user_id, created_at);
comment on table bulkhead.session is 'Sign-ins of people, for all of their tenants.';
comment on column bulkhead.session.id is 'Names the session in lists and events; no credential.';
comment on column bulkhead.session.user_id is 'Whose.';
comment on column bulkhead.session.methods is 'How they showed who they are: password, totp, passkey, recovery_code and the like.';
comment on column bulkhead.session.created_at is 'When it began.';
comment on column bulkhead.session.authenticated_at is 'When they last showed who they are.';
comment on column bulkhead.session.mfa_at is 'When they last passed a second factor; null for never in this session.';
comment on column bulkhead.session.last_seen_at is 'The last request, to half a minute.';
comment on column bulkhead.session.last_ip is 'Where that came from.';
comment on column bulkhead.session.user_agent is 'What it said of itself at the start.';
comment on column bulkhead.session.idle_seconds is 'Unused for so long it has ended.';
comment on column bulkhead.session.expires_at is 'Ends then, however much it is used.';
comment on column bulkhead.session.revoked_at is 'When it was ended before that.';
comment on column bulkhead.session.revoke_reason is 'signed_out, revoked, theft_suspected, user_disabled and the like.';

create table bulkhead.session_token (
  hash bytea primary key check (octet_length(hash) = 32),
  session_id uuid not null references bulkhead.session (id) on delete cascade,
  created_at timestamptz not null default clock_timestamp(),
  first_used_at timestamptz,
  replaced_at timestamptz,
  graced boolean not null default true
);
create index session_token_session_id on bulkhead.session_token (session_id, created_at);
comment on table bulkhead.session_token is 'The tokens that a session has and had. The old ones stay, so that whoever comes with one later is known for a thief or for a victim.';
comment on column bulkhead.session_token.hash is 'SHA-256 of the token; the token itself is in the browser alone.';
comment on column bulkhead.session_token.session_id is 'Whose token.';
comment on column bulkhead.session_token.created_at is 'When it was handed out.';
comment on column bulkhead.session_token.first_used_at is 'When it first came back. Only then is the one before it replaced: an answer that got lost costs nobody their session.';
comment on column bulkhead.session_token.replaced_at is 'When a newer one came into use.';
comment on column bulkhead.session_token.graced is 'Whether it is still good for a moment after that, for requests under way.';

create table bulkhead.session_entry (
  tenant_id uuid not null,
  session_id uuid not null references bulkhead.session (id) on delete cascade,
  user_id uuid not null,
  entered_at timestamptz not null default clock_timestamp(),
  entered_ip inet,
  revoked_at timestamptz,
  primary key (tenant_id, session_id)
);
create index session_entry_user_id on bulkhead.session_entry (tenant_id, user_id, session_id);
create index session_entry_session_id on bulkhead.session_entry (session_id);
comment on table bulkhead.session_entry is 'Which sessions came into which tenant. A tenant sees and ends a session here, for itself alone: the person''s other tenants are none of its business.';
comment on column bulkhead.session_entry.tenant_id is 'The tenant.';
comment on column bulkhead.session_entry.session_id is 'The session.';
comment on column bulkhead.session_entry.user_id is 'Whose.';
comment on column bulkhead.session_entry.entered_at is 'Its first request for the tenant.';
comment on column bulkhead.session_entry.entered_ip is 'Where that came from.';
comment on column bulkhead.session_entry.revoked_at is 'Since when it is no longer let in here.';

-- Walls ----------------------------------------------------------------------------------------------------

do $$
declare
  name text;
begin
  foreach name in array array['user_account', 'email_change', 'session', 'session_token', 'session_entry'] loop
    execute format('alter table bulkhead.%I enable row level security', name);
    execute format('alter table bulkhead.%I force row level security', name);
    execute format('revoke all on bulkhead.%I from public', name);
  end loop;
  foreach name in array array['user_account', 'email_change', 'session', 'session_token'] loop
    execute format('create policy bulkhead_owner on bulkhead.%I to bulkhead using (true) with check (true)', name);
  end loop;
end
$$;
-- In a context also the owner, and so every function of ours, is bound to its tenant.
create policy bulkhead_owner on bulkhead.session_entry to bulkhead
  using (coalesce(tenant_id = (select bulkhead.tenant_id()), true))
  with check (coalesce(tenant_id = (select bulkhead.tenant_id()), true));
create policy bulkhead_tenant on bulkhead.session_entry for select to public
  using (tenant_id = (select bulkhead.tenant_id()));

-- Knows nothing until the tables of second factors are there.
create function bulkhead.user_has_factor(p_user uuid) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select false $$;
comment on function bulkhead.user_has_factor(uuid) is 'Whether a person has a second factor that they confirmed.';

-- What happened to a person --------------------------------------------------------------------------------

create function bulkhead.user_note(p_user uuid, p_who text, p_event jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant uuid;
  v_noted boolean := false;
begin
  for v_tenant in
    select m.tenant_id from bulkhead.membership m
     where m.type = 'user' and m.id = p_user::text and m.status = 'active' limit 1000
  loop
    perform bulkhead.audit_note(v_tenant, p_who, p_event);
    v_noted := true;
  end loop;
  if not v_noted then
    perform bulkhead.audit_note('00000000-0000-0000-0000-000000000000', p_who, p_event);
  end if;
end
$$;
comment on function bulkhead.user_note(uuid, text, jsonb) is 'Records what happened to a person in the log of every tenant where they are an active member, or in the operators'' where there is none.';

create function bulkhead.user_event(p_action text, p_user uuid, p_more jsonb) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'action', p_action, 'outcome', 'success',
    'targets', jsonb_build_array(jsonb_build_object('type', 'user', 'id', p_user))) || p_more)
$$;
comment on function bulkhead.user_event(text, uuid, jsonb) is 'An event about a person.';

-- An image of the row, and which of it is the person's own.
create function bulkhead.user_change(p_action text, p_before bulkhead.user_account, p_after bulkhead.user_account, p_more jsonb)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select bulkhead.user_event(p_action, coalesce((p_after).id, (p_before).id), p_more || jsonb_build_object(
    'before', case when (p_before).id is null then null else
      jsonb_build_object('email', (p_before).email, 'name', (p_before).name, 'status', (p_before).status) end,
    'after', case when (p_after).id is null then null else
      jsonb_build_object('email', (p_after).email, 'name', (p_after).name, 'status', (p_after).status) end,
    'personal', (
      select coalesce(jsonb_agg(jsonb_build_object('path', '/' || image || '/' || field,
               'subject', jsonb_build_object('type', 'user', 'id', coalesce((p_after).id, (p_before).id)))), '[]')
        from unnest(array['before', 'after']) image, unnest(array['email', 'name']) field
       where case image when 'before' then (p_before).id else (p_after).id end is not null)))
$$;
comment on function bulkhead.user_change(text, bulkhead.user_account, bulkhead.user_account, jsonb) is 'An event about a change of a person''s account, with both images.';

create function bulkhead.user_row(p_user uuid, p_versions text[] default null) returns bulkhead.user_account
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row bulkhead.user_account;
begin
  select * into v_row from bulkhead.user_account u where u.id = p_user for update;
  if not found then
    raise exception using errcode = 'BH001', message = 'identity.user_absent';
  end if;
  if p_versions is not null and not coalesce(v_row.version::text = any (p_versions), false) then
    raise exception using errcode = 'BH001', message = 'identity.version_conflict';
  end if;
  return v_row;
end
$$;
comment on function bulkhead.user_row(uuid, text[]) is 'A person''s row, locked for a change; refused where versions are given and it is at none of them.';

-- What the identity role may do with people ----------------------------------------------------------------

create function bulkhead.user_create(p_email text, p_name text, p_verified boolean, p_who text)
returns setof bulkhead.user_account
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row bulkhead.user_account;
begin
  insert into bulkhead.user_account (email, name, email_verified_at)
  values (p_email, p_name, case when p_verified then clock_timestamp() end)
      on conflict (email) do nothing returning * into v_row;
  if v_row.id is null then
    raise exception using errcode = 'BH001', message = 'identity.email_taken';
  end if;
  perform bulkhead.user_note(v_row.id, p_who, bulkhead.user_change('user.created', null, v_row, '{}'));
  return next v_row;
end
$$;
comment on function bulkhead.user_create(text, text, boolean, text) is 'Makes a user; an address that is taken is refused.';

create function bulkhead.user_open(p_email text, p_name text, p_verified boolean, p_who text) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid;
begin
  select u.id into v_id from bulkhead.user_account u where u.email = p_email for update;
  if v_id is not null then
    if p_verified then
      update bulkhead.user_account u set email_verified_at = clock_timestamp()
       where u.id = v_id and u.email_verified_at is null;
    end if;
    return v_id;
  end if;
  begin
    select u.id into v_id from bulkhead.user_create(p_email, p_name, p_verified, p_who) u;
  exception when sqlstate 'BH001' then
    -- Somebody else was quicker.
    select u.id into v_id from bulkhead.user_account u where u.email = p_email;
  end;
  return v_id;
end
$$;
comment on function bulkhead.user_open(text, text, boolean, text) is 'The user of an address; made where there is none.';

create function bulkhead.user_find(p_id uuid, p_email text) returns setof bulkhead.user_account
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select * from bulkhead.user_account u where u.id = p_id or u.email = p_email
$$;
comment on function bulkhead.user_find(uuid, text) is 'One user by id or by address, or no row.';

create function bulkhead.user_by_email(p_email text)
returns table (id uuid, name text, status text, email_verified_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select u.id, u.name, u.status, u.email_verified_at from bulkhead.user_account u where u.email = p_email
$$;
comment on function bulkhead.user_by_email(text) is 'One user by address, or no row.';

create function bulkhead.user_list(p_after text, p_limit integer) returns setof bulkhead.user_account
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select * from bulkhead.user_account u where u.email > p_after order by u.email limit least(p_limit, 201)
$$;
comment on function bulkhead.user_list(text, integer) is 'Users in order of their addresses; for those who run the product.';

create function bulkhead.user_rename(p_user uuid, p_name text, p_who text, p_versions text[] default null)
returns setof bulkhead.user_account
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before bulkhead.user_account := bulkhead.user_row(p_user, p_versions);
  v_after bulkhead.user_account;
begin
  update bulkhead.user_account u set name = p_name, updated_at = clock_timestamp()
   where u.id = p_user returning * into v_after;
  if v_before.name <> v_after.name then
    perform bulkhead.access_member_describe('user', p_user::text, v_after.name, v_after.email);
    perform bulkhead.user_note(p_user, p_who, bulkhead.user_change('user.renamed', v_before, v_after, '{}'));
  end if;
  return next v_after;
end
$$;
comment on function bulkhead.user_rename(uuid, text, text, text[]) is 'Changes a user''s name, here and in their memberships; where versions are given, only while the account is at one of them.';

create function bulkhead.user_protect_owner(p_user uuid, p_operator text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_operators constant uuid := '00000000-0000-0000-0000-000000000000';
  v_kind constant text := split_part(p_operator, ':', 1);
  v_key constant text := substr(p_operator, strpos(p_operator, ':') + 1);
begin
  if p_operator is not null and not bulkhead.access_ranks_as_owner(v_operators, v_kind, v_key) and exists (
       select from bulkhead.membership m
        where m.type = 'user' and m.id = p_user::text
          and bulkhead.access_is_owner(m.tenant_id, 'user', m.id)
          and not bulkhead.access_ranks_as_owner(m.tenant_id, v_kind, v_key)) then
    raise exception using errcode = 'BH001', message = 'access.owner_protected';
  end if;
end
$$;
comment on function bulkhead.user_protect_owner(uuid, text) is 'Refuses to an operator (type:id) what shuts an owner out, unless they are an owner too: of the operators, or of each tenant that the person owns. NULL is the app itself.';

create function bulkhead.user_set_status(p_user uuid, p_status text, p_reason text, p_who text, p_operator text default null)
returns setof bulkhead.user_account
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before bulkhead.user_account := bulkhead.user_row(p_user);
  v_after bulkhead.user_account;
begin
  if p_status <> 'active' then
    perform bulkhead.user_protect_owner(p_user, p_operator);
  end if;
  update bulkhead.user_account u set status = p_status, updated_at = clock_timestamp()
   where u.id = p_user returning * into v_after;
  if v_before.status <> v_after.status then
    perform bulkhead.access_member_shut('user', p_user::text, p_status <> 'active');
    if p_status <> 'active' then
      perform bulkhead.sessions_revoke(p_user, null, 'user_disabled', p_who);
    end if;
    perform bulkhead.user_note(p_user, p_who, bulkhead.user_change(
      case p_status when 'active' then 'user.enabled' else 'user.disabled' end,
      v_before, v_after, jsonb_build_object('reason', p_reason)));
  end if;
  return next v_after;
end
$$;
comment on function bulkhead.user_set_status(uuid, text, text, text, text) is 'Disables a user, which ends all of their sessions, or lets them in again. Where an operator asks, an owner only for an owner.';

create function bulkhead.email_change_start(p_user uuid, p_email text, p_token_hash bytea, p_seconds integer, p_who text,
  p_facts jsonb default '{}')
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.user_row(p_user);
  -- One at a time: a link that was mailed to an address typed wrong dies with the next try.
  delete from bulkhead.email_change c where c.user_id = p_user;
  delete from bulkhead.email_change c where c.token_hash in (
    select e.token_hash from bulkhead.email_change e where e.expires_at < clock_timestamp() limit 20 for update skip locked);
  -- Says nothing of whether the address is taken: that is for whoever reads its mail.
  insert into bulkhead.email_change (token_hash, user_id, email, expires_at)
  values (p_token_hash, p_user, p_email, clock_timestamp() + p_seconds * interval '1 second');
  perform bulkhead.user_note(p_user, p_who, bulkhead.user_event('user.email_change_asked', p_user, p_facts));
end
$$;
comment on function bulkhead.email_change_start(uuid, text, bytea, integer, text, jsonb) is 'Remembers an address that a link is mailed to.';

create function bulkhead.email_change_finish(p_token_hash bytea, p_facts jsonb default '{}', p_tells boolean default false)
returns setof bulkhead.user_account
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_change bulkhead.email_change;
  v_before bulkhead.user_account;
  v_after bulkhead.user_account;
begin
  -- The person first, then the link: in the order of whoever asks for another one.
  perform from bulkhead.user_account u
   where u.id = (select c.user_id from bulkhead.email_change c where c.token_hash = p_token_hash) for update;
  delete from bulkhead.email_change c where c.token_hash = p_token_hash returning * into v_change;
  if v_change.user_id is null or v_change.expires_at <= clock_timestamp() then
    raise exception using errcode = 'BH001', message = 'identity.link_invalid';
  end if;
  v_before := bulkhead.user_row(v_change.user_id);
  if v_before.status <> 'active' then
    raise exception using errcode = 'BH001', message = 'identity.link_invalid';
  end if;
  begin
    update bulkhead.user_account u
       set email = v_change.email, email_verified_at = clock_timestamp(), updated_at = clock_timestamp()
     where u.id = v_change.user_id returning * into v_after;
  exception when unique_violation then
    raise exception using errcode = 'BH001', message = 'identity.email_taken';
  end;
  -- A link that was mailed to the address before is for whoever reads it now.
  delete from bulkhead.password_reset r where r.user_id = v_after.id;
  perform bulkhead.access_member_describe('user', v_after.id::text, v_after.name, v_after.email);
  perform bulkhead.user_note(v_after.id, 'user:' || v_after.id,
    bulkhead.user_change('user.email_changed', v_before, v_after, p_facts));
  -- Whoever reads the old address hears of it, also when it was not they who asked.
  if p_tells and v_before.email <> v_after.email then
    perform bulkhead.mail_post(null, v_before.email, 'email_changed', jsonb_build_object('name', v_before.name), null);
  end if;
  return next v_after;
end
$$;
comment on function bulkhead.email_change_finish(bytea, jsonb, boolean) is 'Follows the link: from now on the user has that address, verified; the old one is told where that is asked for.';

-- Sessions: what the identity role may ---------------------------------------------------------------------

-- The client's word, cut to what a column and an event take; what is no address is none.
create function bulkhead.client_ip(p_ip text) returns inet
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_ip::inet;
exception when others then
  return null;
end
$$;
comment on function bulkhead.client_ip(text) is 'An address, or null where the text is none.';

create function bulkhead.session_open(p_user uuid, p_token_hash bytea, p_methods text[], p_mfa_at timestamptz,
  p_ip text, p_user_agent text, p_idle_seconds integer default 86400, p_absolute_seconds integer default 2592000)
returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_user bulkhead.user_account := bulkhead.user_row(p_user);
  v_id uuid;
begin
  if v_user.status <> 'active' then
    raise exception using errcode = 'BH001', message = 'identity.user_disabled';
  end if;
  insert into bulkhead.session (user_id, methods, mfa_at, last_ip, user_agent, idle_seconds, expires_at)
  values (p_user, p_methods, p_mfa_at, bulkhead.client_ip(p_ip), left(p_user_agent, 512), p_idle_seconds,
          clock_timestamp() + p_absolute_seconds * interval '1 second')
  returning id into v_id;
  insert into bulkhead.session_token (hash, session_id) values (p_token_hash, v_id);
  perform bulkhead.user_note(p_user, 'user:' || p_user, bulkhead.user_event('session.started', p_user, jsonb_build_object(
    'ip', host(bulkhead.client_ip(p_ip)), 'userAgent', left(p_user_agent, 512), 'sessionId', v_id,
    'metadata', jsonb_build_object('method', left(array_to_string(p_methods, '+'), 40)))));
  return v_id;
end
$$;
comment on function bulkhead.session_open is 'Starts a session for a user who has just shown who they are.';

create function bulkhead.session_end(p_session uuid, p_reason text, p_who text) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_user uuid;
begin
  update bulkhead.session s set revoked_at = clock_timestamp(), revoke_reason = p_reason
   where s.id = p_session and s.revoked_at is null returning s.user_id into v_user;
  if v_user is null then
    return false;
  end if;
  perform bulkhead.user_note(v_user, p_who, bulkhead.user_event(
    case p_reason when 'theft_suspected' then 'session.theft_suspected' else 'session.ended' end, v_user,
    jsonb_build_object('sessionId', p_session, 'reason', p_reason)));
  return true;
end
$$;
comment on function bulkhead.session_end(uuid, text, text) is 'Ends a session everywhere; false where it had ended already.';

create function bulkhead.sessions_revoke(p_user uuid, p_except uuid, p_reason text, p_who text default null,
  p_operator text default null) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_session uuid;
  v_count integer := 0;
begin
  -- What one of their sessions is changing just now is done before, or finds its session ended.
  perform from bulkhead.user_account u where u.id = p_user for update;
  perform bulkhead.user_protect_owner(p_user, p_operator);
  for v_session in
    select s.id from bulkhead.session s
     where s.user_id = p_user and s.revoked_at is null and s.id is distinct from p_except order by s.id for update
  loop
    if bulkhead.session_end(v_session, p_reason, coalesce(p_who, 'user:' || p_user)) then
      v_count := v_count + 1;
    end if;
  end loop;
  -- Whoever is thrown out may have asked for another address; its link goes with them.
  delete from bulkhead.email_change c where c.user_id = p_user;
  return v_count;
end
$$;
comment on function bulkhead.sessions_revoke(uuid, uuid, text, text, text) is 'Ends all sessions of a user, but for one; on record as done by the user themself unless it says by whom. Where an operator asks, an owner''s only for an owner.';

create function bulkhead.session_revoke(p_user uuid, p_session uuid, p_reason text) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from bulkhead.session s where s.id = p_session and s.user_id = p_user;
  return found and bulkhead.session_end(p_session, p_reason, 'user:' || p_user);
end
$$;
comment on function bulkhead.session_revoke(uuid, uuid, text) is 'Ends one of a user''s own sessions; false where there is no such one.';

-- Whoever steps up gets another token at once, and the one before is worth nothing from then on: it may have
-- been planted (fixation) or taken while the session was worth less.
create function bulkhead.session_elevate(p_session uuid, p_methods text[], p_mfa_at timestamptz, p_new_token_hash bytea)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_user uuid;
begin
  update bulkhead.session s
     set methods = array(select distinct m from unnest(s.methods || p_methods) m order by 1),
         mfa_at = coalesce(p_mfa_at, s.mfa_at), authenticated_at = clock_timestamp(), last_seen_at = clock_timestamp()
   where s.id = p_session and s.revoked_at is null and s.expires_at > clock_timestamp()
  returning s.user_id into v_user;
  if v_user is null then
    raise exception using errcode = 'BH001', message = 'identity.session_invalid';
  end if;
  if p_new_token_hash is not null then
    update bulkhead.session_token t set replaced_at = clock_timestamp(), graced = false
     where t.session_id = p_session and t.replaced_at is null;
    insert into bulkhead.session_token (hash, session_id) values (p_new_token_hash, p_session);
  end if;
  perform bulkhead.user_note(v_user, 'user:' || v_user, bulkhead.user_event('session.elevated', v_user, jsonb_build_object(
    'sessionId', p_session, 'metadata', jsonb_build_object('method', left(array_to_string(p_methods, '+'), 40)))));
end
$$;
comment on function bulkhead.session_elevate(uuid, text[], timestamptz, bytea) is 'Adds what a user has just shown to their session, and changes its token where another is given.';

create function bulkhead.sessions_of(p_user uuid)
returns table (id uuid, methods text[], created_at timestamptz, authenticated_at timestamptz, mfa_at timestamptz,
  last_seen_at timestamptz, last_ip text, user_agent text, expires_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select s.id, s.methods, s.created_at, s.authenticated_at, s.mfa_at, s.last_seen_at, host(s.last_ip), s.user_agent,
         least(s.expires_at, s.last_seen_at + s.idle_seconds * interval '1 second')
    from bulkhead.session s
   where s.user_id = p_user and s.revoked_at is null and s.expires_at > clock_timestamp()
     and s.last_seen_at + s.idle_seconds * interval '1 second' > clock_timestamp()
   order by s.last_seen_at desc, s.id limit 200
$$;
comment on function bulkhead.sessions_of(uuid) is 'The sessions of a user that are alive, the last used first.';

-- Sessions that ended long ago, with their tokens.
create function bulkhead.sessions_sweep(p_days integer, p_limit integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count integer;
begin
  delete from bulkhead.session s where s.id in (
    select d.id from bulkhead.session d
     where least(d.expires_at, d.revoked_at, d.last_seen_at + d.idle_seconds * interval '1 second')
           < clock_timestamp() - p_days * interval '1 day'
     limit p_limit for update skip locked);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function bulkhead.sessions_sweep(integer, integer) is 'Forgets sessions that ended so many days ago.';

-- Sessions: what the app's role may, and only with a token in hand -----------------------------------------

-- What a tenant's policy asks about a session.
create function bulkhead.session_standing(p_session bulkhead.session, p_entry bulkhead.session_entry) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  if p_entry.revoked_at is not null then
    return jsonb_build_object('shut', true);
  end if;
  return jsonb_build_object(
    'newer', (
      select count(*) from bulkhead.session_entry o join bulkhead.session n on n.id = o.session_id
       where o.tenant_id = p_entry.tenant_id and o.user_id = p_entry.user_id and o.revoked_at is null
         and n.revoked_at is null and n.expires_at > v_now
         and n.last_seen_at + n.idle_seconds * interval '1 second' > v_now
         and (n.created_at, n.id) > (p_session.created_at, p_session.id)),
    'roles', to_jsonb(bulkhead.access_roles_of(p_entry.tenant_id, 'user', p_session.user_id::text)));
end
$$;
comment on function bulkhead.session_standing(bulkhead.session, bulkhead.session_entry) is 'How a session stands in a tenant: shut out, or how many newer ones its user has there and which roles.';

-- The one look-up of a request. It writes little and seldom: that a new token came into use, that the session
-- was seen (twice a minute at most), that somebody came with a token long replaced.
create function bulkhead.session_find(p_token_hash bytea, p_ip text, p_grace_seconds integer)
returns table (state text, id uuid, user_id uuid, user_name text, methods text[], created_at timestamptz,
  authenticated_at timestamptz, mfa_at timestamptz, last_seen_at timestamptz, ends_at timestamptz,
  token_age_seconds integer, tenants uuid[], has_factor boolean, entries jsonb)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_token bulkhead.session_token;
  v_session bulkhead.session;
  v_name text;
  v_now timestamptz := clock_timestamp();
  v_state text := 'live';
begin
  select * into v_token from bulkhead.session_token t where t.hash = p_token_hash;
  if not found then
    return;
  end if;
  select * into v_session from bulkhead.session s where s.id = v_token.session_id;
  if v_session.revoked_at is not null or v_session.expires_at <= v_now
     or v_session.last_seen_at + v_session.idle_seconds * interval '1 second' <= v_now then
    return;
  end if;
  select u.name into v_name from bulkhead.user_account u where u.id = v_session.user_id and u.status = 'active';
  if not found then
    return;
  end if;
  if v_token.replaced_at is not null then
    if v_now > v_token.replaced_at + least(p_grace_seconds, 300) * interval '1 second' then
      -- Either of the two holders stole it; which one, nobody can tell, so both are out.
      perform bulkhead.session_end(v_session.id, 'theft_suspected', 'system:gate');
      v_state := 'stolen';
    elsif v_token.graced then
      v_state := 'replaced';
    else
      return;
    end if;
  elsif v_token.first_used_at is null then
    perform from bulkhead.session s where s.id = v_session.id for update;
    update bulkhead.session_token t set replaced_at = v_now
     where t.session_id = v_session.id and t.hash <> p_token_hash
       and t.first_used_at is not null and t.replaced_at is null;
    update bulkhead.session_token t set first_used_at = v_now where t.hash = p_token_hash and t.first_used_at is null;
  end if;
  -- Where it is used from counts at once: by that a policy's dry run says whom a list of networks would shut out.
  if v_state <> 'stolen' and (v_session.last_seen_at < v_now - interval '30 seconds'
     or bulkhead.client_ip(p_ip) <> v_session.last_ip) then
    update bulkhead.session s set last_seen_at = v_now, last_ip = coalesce(bulkhead.client_ip(p_ip), s.last_ip)
     where s.id = v_session.id and s.last_seen_at < v_now;
  end if;
  return query select v_state, v_session.id, v_session.user_id, v_name, v_session.methods, v_session.created_at,
    v_session.authenticated_at, v_session.mfa_at, v_session.last_seen_at, v_session.expires_at,
    extract(epoch from v_now - v_token.created_at)::integer,
    array(select m.tenant_id from bulkhead.membership m
           where m.type = 'user' and m.id = v_session.user_id::text and m.status = 'active' limit 1000),
    bulkhead.user_has_factor(v_session.user_id),
    (select coalesce(jsonb_object_agg(e.tenant_id, bulkhead.session_standing(v_session, e)), '{}')
       from bulkhead.session_entry e where e.session_id = v_session.id);
end
$$;
comment on function bulkhead.session_find(bytea, text, integer) is 'The session of a token, or no row: state live, replaced (its token, by a newer one, a moment ago) or stolen (and ended just now). entries: for each tenant it came into what stands in session_standing.';

create function bulkhead.session_rotate(p_token_hash bytea, p_new_token_hash bytea) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_token bulkhead.session_token;
begin
  select * into v_token from bulkhead.session_token t where t.hash = p_token_hash;
  if not found then
    return false;
  end if;
  perform from bulkhead.session s
    where s.id = v_token.session_id and s.revoked_at is null and s.expires_at > clock_timestamp() for update;
  if not found then
    return false;
  end if;
  select * into v_token from bulkhead.session_token t where t.hash = p_token_hash;
  -- Of requests that come at once, one gets the new token.
  if v_token.replaced_at is not null or v_token.first_used_at is null or exists (
    select from bulkhead.session_token t where t.session_id = v_token.session_id and t.first_used_at is null
      and t.created_at > clock_timestamp() - interval '30 seconds') then
    return false;
  end if;
  -- Handed out in vain: the answer got lost, or the client keeps no cookies. The last few may still come back.
  delete from bulkhead.session_token t
   where t.hash in (select o.hash from bulkhead.session_token o
                     where o.session_id = v_token.session_id and o.first_used_at is null and o.replaced_at is null
                     order by o.created_at desc offset 3);
  insert into bulkhead.session_token (hash, session_id) values (p_new_token_hash, v_token.session_id);
  return true;
end
$$;
comment on function bulkhead.session_rotate(bytea, bytea) is 'Gives the session of a token another one; the old one stays good until the new one is used. False where none is due.';

create function bulkhead.session_enter(p_token_hash bytea, p_tenant uuid, p_ip text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_session bulkhead.session;
  v_entry bulkhead.session_entry;
begin
  select s.* into v_session
    from bulkhead.session_token t join bulkhead.session s on s.id = t.session_id
   where t.hash = p_token_hash and s.revoked_at is null;
  insert into bulkhead.session_entry (tenant_id, session_id, user_id, entered_ip)
  select m.tenant_id, v_session.id, v_session.user_id, bulkhead.client_ip(p_ip)
    from bulkhead.membership m
   where m.type = 'user' and m.id = v_session.user_id::text and m.tenant_id = p_tenant and m.status = 'active'
      on conflict do nothing;
  select * into v_entry from bulkhead.session_entry e where e.tenant_id = p_tenant and e.session_id = v_session.id;
  if not found then
    return null;
  end if;
  return bulkhead.session_standing(v_session, v_entry);
end
$$;
comment on function bulkhead.session_enter(bytea, uuid, text) is 'Puts on record that a session comes into a tenant that its user is a member of, and says how it stands there; NULL where they are none.';

create function bulkhead.session_close(p_token_hash bytea) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_session uuid;
  v_user uuid;
begin
  select s.id, s.user_id into v_session, v_user
    from bulkhead.session_token t join bulkhead.session s on s.id = t.session_id where t.hash = p_token_hash;
  return v_session is not null and bulkhead.session_end(v_session, 'signed_out', 'user:' || v_user);
end
$$;
comment on function bulkhead.session_close(bytea) is 'Signs out: ends the session of a token.';

-- Sessions as a tenant's administrators see them -----------------------------------------------------------

create function bulkhead.session_list(p_user uuid)
returns table (id uuid, user_id uuid, user_name text, methods text[], entered_at timestamptz,
  created_at timestamptz, last_seen_at timestamptz, mfa_at timestamptz, entered_ip text, user_agent text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform bulkhead.require_permission('session:read', bulkhead.tenant_id());
  return query
    select s.id, s.user_id,
           (select m.name from bulkhead.membership m
             where m.tenant_id = e.tenant_id and m.type = 'user' and m.id = s.user_id::text),
           s.methods, e.entered_at, s.created_at, s.last_seen_at, s.mfa_at,
           -- Not its last one, which may be that of another tenant's use.
           host(e.entered_ip), s.user_agent
      from bulkhead.session_entry e join bulkhead.session s on s.id = e.session_id
     where e.tenant_id = bulkhead.tenant_id() and e.revoked_at is null and (p_user is null or e.user_id = p_user)
       and s.revoked_at is null and s.expires_at > clock_timestamp()
       and s.last_seen_at + s.idle_seconds * interval '1 second' > clock_timestamp()
     order by s.last_seen_at desc, s.id limit 1000;
end
$$;
comment on function bulkhead.session_list(uuid) is 'The sessions that are alive in the tenant of the context, of one user or of all.';

create function bulkhead.session_shut(p_session uuid, p_user uuid) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_entry record;
  v_count integer := 0;
begin
  perform bulkhead.require_permission('session:manage', bulkhead.tenant_id());
  for v_entry in
    update bulkhead.session_entry e set revoked_at = clock_timestamp()
     where e.tenant_id = bulkhead.tenant_id() and e.revoked_at is null
       and (e.session_id = p_session or e.user_id = p_user)
    returning e.session_id, e.user_id
  loop
    perform bulkhead.audit_note(bulkhead.tenant_id(), bulkhead.actor(), bulkhead.user_event('session.shut_out', v_entry.user_id,
      jsonb_build_object('sessionId', v_entry.session_id, 'before', jsonb_build_object('admitted', true),
        'after', jsonb_build_object('admitted', false))));
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function bulkhead.session_shut(uuid, uuid) is 'Lets a session, or all of a user''s, no longer into the tenant of the context; they go on elsewhere.';

do $$
declare
  routine regprocedure;
begin
  for routine in
    select p.oid::regprocedure from pg_catalog.pg_proc p
     where p.pronamespace = 'bulkhead'::regnamespace
       and p.proname ~ '^(user_|email_change_|session|tenant_(close|closed_is_final|status_changed|rename|read)$|client_ip$)'
  loop
    execute format('revoke all on function %s from public', routine);
  end loop;
end
$$;
