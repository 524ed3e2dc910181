-- verdict: leak
-- kind: rule-writes
-- object: public.wipe_requests
-- why: a rule on a table in which the role may insert deletes rows of another with the owner's rights
-- severity: high
-- also: public.profiles
-- roles: app_owner app_user
-- exploit-begin
-- insert into wipe_requests (tenant_id, name) values ('00000000-0000-4000-8000-00000000000b', 'A-SECRET');
-- exploit-end
-- check-begin
-- select not exists (select 1 from profiles where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- check-end
-- fix-begin
-- create or replace rule wipe as on insert to wipe_requests do also delete from profiles where name = new.name and tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
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
create table profiles (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  name text not null
);
insert into profiles (tenant_id, name) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table profiles enable row level security;
create policy tenant_isolation on profiles using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on profiles to app_user;
create table wipe_requests (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  name text not null
);
insert into wipe_requests (tenant_id, name) values ('00000000-0000-4000-8000-00000000000a', 'x'), ('00000000-0000-4000-8000-00000000000b', 'y');
alter table wipe_requests enable row level security;
create policy tenant_isolation on wipe_requests using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on wipe_requests to app_user;
create rule wipe as on insert to wipe_requests do also delete from profiles where name = new.name;
reset role;
