-- The signed context: what row-level security asks, and the key it verifies with.
-- The runner executes this file as the role `bulkhead`, which owns the schema and everything in it.

create table bulkhead.context_key (
  kid text primary key check (kid ~ '^[0-9a-f]{8}$'),
  ipad bytea not null check (length(ipad) = 64),
  opad bytea not null check (length(opad) = 64),
  created_at timestamptz not null default clock_timestamp(),
  not_after timestamptz not null default 'infinity',
  revoked_at timestamptz
);
comment on table bulkhead.context_key is 'Keys that sign tenant contexts. No role but bulkhead may read it; leave its data out of backups that outlive a key.';
comment on column bulkhead.context_key.kid is 'Names the key in a token; derived from the key, says nothing about it.';
comment on column bulkhead.context_key.ipad is 'HMAC-SHA256 inner key block (RFC 2104).';
comment on column bulkhead.context_key.opad is 'HMAC-SHA256 outer key block (RFC 2104).';
comment on column bulkhead.context_key.created_at is 'When the key was installed.';
comment on column bulkhead.context_key.not_after is 'From then on contexts signed with the key are refused.';
comment on column bulkhead.context_key.revoked_at is 'Set when the key was withdrawn before its time.';
revoke all on bulkhead.context_key from public;

-- The token is v1.<kid:8>.<tenant:36>.<expiry:10>.<actor>.<mac:64>: every field but the actor has a fixed
-- width, so that no field can shift another. Nothing is cast before the MAC holds, because a failed cast
-- would put token text into an error. The key is only ever a column of the one SELECT: a variable would
-- reach the client through debug_print_plan. `ok is not true` also catches the NULL of an unknown key id.
create function bulkhead.tenant_id() returns uuid
language plpgsql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  token text := current_setting('bulkhead.context', true);
  ok boolean;
  expiry timestamptz;
begin
  if token is null or token = '' then
    return null;
  end if;
  select encode(sha256(k.opad || sha256(k.ipad || convert_to(left(token, -65), 'UTF8'))), 'hex') = right(token, 64)
         and substr(token, 1, 3) = 'v1.'
         and left(right(token, 65), 1) = '.'
         and length(token) between 126 and 340
         and k.revoked_at is null
         and k.not_after > clock_timestamp()
    into ok
    from bulkhead.context_key k
   where k.kid = substr(token, 4, 8);
  if ok is not true then
    raise exception 'bulkhead: context refused' using errcode = '28000';
  end if;
  expiry := to_timestamp(substr(token, 50, 10)::bigint);
  -- clock_timestamp, not now(): an open transaction must not outlive its token.
  if expiry <= clock_timestamp() or expiry > clock_timestamp() + interval '900 seconds' then
    raise exception 'bulkhead: context refused' using errcode = '28000';
  end if;
  return substr(token, 13, 36)::uuid;
end
$$;
comment on function bulkhead.tenant_id() is 'The tenant of the verified context; NULL without a context; raises 28000 for a forged, expired or over-long one. Call it as (select bulkhead.tenant_id()) so that it runs once a statement.';

create function bulkhead.actor() returns text
language plpgsql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if bulkhead.tenant_id() is null then
    return null;
  end if;
  return substr(left(current_setting('bulkhead.context'), -65), 61);
end
$$;
comment on function bulkhead.actor() is 'Who acts, as type:id, from the verified context; NULL without a context.';

-- For the app's own migrations: one call brings a table that already has its tenant column behind the wall.
-- Runs as its caller, who must own the table.
create function bulkhead.protect_table(target regclass, tenant_column name default 'tenant_id') returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  -- A RESTRICTIVE tenant policy beside a permissive `true`: whatever policy comes later can only narrow.
  execute format('create policy bulkhead_open on %s as permissive for all to public using (true) with check (true)', target);
  execute format(
    'create policy bulkhead_tenant on %1$s as restrictive for all to public using (%2$I = (select bulkhead.tenant_id())) with check (%2$I = (select bulkhead.tenant_id()))',
    target, tenant_column);
end
$$;
comment on function bulkhead.protect_table(regclass, name) is 'Enables and forces row-level security on a table and adds the two policies of Bulkhead.';

create table bulkhead.operator_crossing (
  id uuid primary key default gen_random_uuid(),
  actor text not null check (length(actor) between 1 and 240),
  reason text not null check (length(reason) between 1 and 1000),
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  outcome text check (outcome in ('completed', 'failed'))
);
comment on table bulkhead.operator_crossing is 'Every time an operator worked across tenants. A row is committed before the first query; one without an end was cut off.';
comment on column bulkhead.operator_crossing.actor is 'Who crossed, as type:id.';
comment on column bulkhead.operator_crossing.reason is 'Why, in the operator''s words.';
comment on column bulkhead.operator_crossing.started_at is 'Committed before the first query of the crossing.';
comment on column bulkhead.operator_crossing.finished_at is 'NULL while it runs, and for ever if the process died.';
comment on column bulkhead.operator_crossing.outcome is 'Whether the work returned or threw.';
revoke all on bulkhead.operator_crossing from public;

create function bulkhead.begin_crossing(actor text, reason text) returns uuid
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into bulkhead.operator_crossing (actor, reason) values (actor, reason) returning id
$$;
comment on function bulkhead.begin_crossing(text, text) is 'Puts an operator''s crossing on record; returns its id.';

create function bulkhead.end_crossing(crossing uuid, result text) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  update bulkhead.operator_crossing set finished_at = clock_timestamp(), outcome = result
   where id = crossing and finished_at is null
$$;
comment on function bulkhead.end_crossing(uuid, text) is 'Closes a crossing; a closed one never changes again.';

-- Whoever owns or queries a protected table calls tenant_id(), actor() and protect_table(): without a key the
-- first two only ever say NULL or refuse, and the third does what its caller could do anyway.
grant usage on schema bulkhead to public;
revoke all on function bulkhead.begin_crossing(text, text), bulkhead.end_crossing(uuid, text) from public;
