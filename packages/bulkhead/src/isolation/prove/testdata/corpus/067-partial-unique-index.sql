-- verdict: leak
-- kind: unique-index-without-tenant
-- object: public.phones
-- why: a partial unique index holds across tenants
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ begin
--   insert into phones (tenant_id, number, active) values ('00000000-0000-4000-8000-00000000000b', 'A-SECRET 555', true);
-- exception when unique_violation then perform set_config('probe.hit', 't', false);
-- end $d$;
-- select coalesce(current_setting('probe.hit', true) = 't', false) as leaked;
-- exploit-end
-- fix-begin
-- drop index phones_active;
-- create unique index phones_active on phones (tenant_id, number) where active;
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
create table phones (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  number text not null,
  active boolean not null
);
insert into phones (tenant_id, number, active) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET 555', true), ('00000000-0000-4000-8000-00000000000b', '777', true);
alter table phones enable row level security;
create policy tenant_isolation on phones using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on phones to app_user;
create unique index phones_active on phones (number) where active;
reset role;
