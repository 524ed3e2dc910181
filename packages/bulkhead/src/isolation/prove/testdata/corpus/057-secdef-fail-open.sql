-- verdict: leak
-- kind: secdef-fail-open
-- object: public.recent_calls
-- why: the definer function filters by tenant, but an absent setting means every tenant
-- severity: high
-- session-tenant: unset
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from recent_calls() where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- create or replace function recent_calls() returns setof calls language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select * from public.calls where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid $$;
-- fix-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null);
insert into tenants values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table calls (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  peer text not null
);
insert into calls (tenant_id, peer) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table calls enable row level security;
create policy tenant_isolation on calls using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on calls to app_user;
create function recent_calls() returns setof calls language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select * from public.calls where tenant_id = coalesce(nullif(current_setting('app.tenant_id', true), '')::uuid, tenant_id) $$;
reset role;
