-- verdict: leak
-- kind: fk-cascade-across-tenants
-- object: public.shipments
-- why: the foreign key lacks the tenant and cascades changes: renaming one's own depot rewrites another tenant's rows
-- severity: medium
-- also: public.depots
-- roles: app_owner app_user
-- exploit-begin
-- update depots set code = '00000000-0000-4000-8000-0000000000d2';
-- exploit-end
-- check-begin
-- select exists (select 1 from shipments where tenant_id = '00000000-0000-4000-8000-00000000000a' and depot = '00000000-0000-4000-8000-0000000000d2') as leaked;
-- check-end
-- fix-begin
-- delete from shipments;
-- alter table depots add unique (tenant_id, code);
-- alter table shipments drop constraint shipments_depot_fkey;
-- alter table shipments add foreign key (tenant_id, depot) references depots (tenant_id, code) on update cascade;
-- insert into shipments (tenant_id) values ('00000000-0000-4000-8000-00000000000a');
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
create table depots (id uuid primary key default gen_random_uuid(), code uuid not null unique default gen_random_uuid(), tenant_id uuid not null references tenants (id));
create table shipments (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants (id), depot uuid references depots (code) on update cascade);
insert into depots (code, tenant_id) values ('00000000-0000-4000-8000-0000000000d1', '00000000-0000-4000-8000-00000000000b');
insert into shipments (tenant_id, depot) values ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-0000000000d1');
alter table depots enable row level security;
create policy tenant_isolation on depots using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
alter table shipments enable row level security;
create policy tenant_isolation on shipments using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, update (code) on depots to app_user;
grant select on shipments to app_user;
reset role;
