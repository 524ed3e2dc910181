-- verdict: leak
-- kind: rls-not-enabled-odd-name
-- object: public.Tenant Data
-- why: the table was forgotten because nobody lists names with capitals and blanks
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from "Tenant Data" where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter table "Tenant Data" enable row level security;
-- create policy tenant_isolation on "Tenant Data" using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
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
create table orders (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into orders (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table orders enable row level security;
create policy tenant_isolation on orders using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on orders to app_user;
create table "Tenant Data" (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants (id), "the ""body""" text not null);
insert into "Tenant Data" (tenant_id, "the ""body""") values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET');
grant select on "Tenant Data" to app_user;
reset role;
