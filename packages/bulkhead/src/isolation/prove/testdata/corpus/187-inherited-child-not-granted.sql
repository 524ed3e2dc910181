-- verdict: safe
-- kind: safe-child-not-granted
-- object: public.vehicle_trucks
-- why: the inheriting child is reached through its protected parent only
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from vehicles where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- select exists (select 1 from vehicle_trucks where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null);
insert into tenants values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table vehicles (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  plate text not null
);
insert into vehicles (tenant_id, plate) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET 1'), ('00000000-0000-4000-8000-00000000000b', 'b 1');
alter table vehicles enable row level security;
create policy tenant_isolation on vehicles using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on vehicles to app_user;
create table vehicle_trucks (load int) inherits (vehicles);
insert into vehicle_trucks (tenant_id, plate, load) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET 2', 7);
reset role;
