-- verdict: safe
-- kind: safe-signed-context
-- object: public.docs
-- why: the context is verified, and whatever policy comes later can only narrow
-- session-tenant: unset
-- roles: app_owner app_user bulkhead
-- exploit-begin
-- select set_config('bulkhead.context', 'v1.0123abcd.00000000-0000-4000-8000-00000000000a.' || floor(extract(epoch from clock_timestamp() + interval '60 seconds')) || '.user:1.' || repeat('0', 64), false);
-- select exists (select 1 from docs where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- select set_config('bulkhead.context', 'v1.0123abcd.00000000-0000-4000-8000-00000000000a', false);
-- select exists (select 1 from docs where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- select set_config('bulkhead.context', '', false);
-- select exists (select 1 from docs where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
  if to_regrole('bulkhead') is null then create role bulkhead nologin; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
create schema bulkhead authorization bulkhead;
set role bulkhead;
create table bulkhead.context_key (
  kid text primary key check (kid ~ '^[0-9a-f]{8}$'),
  ipad bytea not null check (length(ipad) = 64),
  opad bytea not null check (length(opad) = 64),
  created_at timestamptz not null default clock_timestamp(),
  not_after timestamptz not null default 'infinity',
  revoked_at timestamptz
);
revoke all on bulkhead.context_key from public;
insert into bulkhead.context_key (kid, ipad, opad) values ('0123abcd', sha256('inner') || sha256('inner two'), sha256('outer') || sha256('outer two'));
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
grant usage on schema bulkhead to public;
reset role;
set role app_owner;
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null default bulkhead.tenant_id(),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
alter table docs force row level security;
create policy bulkhead_open on docs as permissive for all to public using (true) with check (true);
create policy bulkhead_tenant on docs as restrictive for all to public using (tenant_id = (select bulkhead.tenant_id())) with check (tenant_id = (select bulkhead.tenant_id()));
create policy published on docs for select using (title <> '');
grant select, insert, update, delete on docs to app_user;
reset role;
