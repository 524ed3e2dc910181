-- verdict: leak
-- kind: secdef-attacker-setting
-- object: public.region_visits
-- why: the definer function filters by a setting that the caller may set
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select set_config('my.tenant', '00000000-0000-4000-8000-00000000000a', false);
-- select exists (select 1 from region_visits() where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- create or replace function region_visits() returns setof visits language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select * from public.visits where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid $$;
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
create table visits (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  page text not null
);
insert into visits (tenant_id, page) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table visits enable row level security;
create policy tenant_isolation on visits using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on visits to app_user;
create function region_visits() returns setof visits language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select * from public.visits where tenant_id = nullif(current_setting('my.tenant', true), '')::uuid $$;
reset role;
