-- verdict: leak
-- kind: restrictive-one-command
-- object: public.docs
-- why: the restrictive policy binds SELECT alone, the open one everything
-- severity: high
-- session-tenant: unset
-- roles: app_owner app_user bulkhead
-- exploit-begin
-- do $d$ begin insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'planted'); perform set_config('corpus.planted', 't', false); exception when others then null; end $d$;
-- select coalesce(current_setting('corpus.planted', true) = 't', false) as leaked;
-- exploit-end
-- fix-begin
-- drop policy bulkhead_tenant on docs;
-- create policy bulkhead_tenant on docs as restrictive for all to public using (tenant_id = (select bulkhead.tenant_id())) with check (tenant_id = (select bulkhead.tenant_id()));
-- fix-end

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
create policy bulkhead_tenant on docs as restrictive for select to public using (tenant_id = (select bulkhead.tenant_id()));
grant select, insert, update, delete on docs to app_user;
reset role;
