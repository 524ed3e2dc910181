-- verdict: leak
-- kind: secdef-default-argument
-- object: public.my_devices
-- why: the tenant is the default of an argument that the caller may give otherwise
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from my_devices('00000000-0000-4000-8000-00000000000a') where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- create or replace function my_devices(p_tenant uuid default nullif(current_setting('app.tenant_id', true), '')::uuid) returns setof devices language sql stable security invoker set search_path = pg_catalog, pg_temp as $$ select * from public.devices where tenant_id = p_tenant $$;
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
create table devices (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  serial text not null
);
insert into devices (tenant_id, serial) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table devices enable row level security;
create policy tenant_isolation on devices using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on devices to app_user;
create function my_devices(p_tenant uuid default nullif(current_setting('app.tenant_id', true), '')::uuid) returns setof devices language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select * from public.devices where tenant_id = p_tenant $$;
reset role;
