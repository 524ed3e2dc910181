-- verdict: leak
-- kind: large-object-compat
-- object: role:app_user
-- why: lo_compat_privileges switches off the permissions of large objects for the app role
-- severity: high
-- also: public.scans
-- roles: app_owner app_user
-- exploit-begin
-- select convert_from(lo_get(770002), 'UTF8') like '%A-SECRET%' as leaked;
-- exploit-end
-- fix-begin
-- alter role app_user reset lo_compat_privileges;
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
create table scans (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants (id), content oid not null);
insert into scans (tenant_id, content) values ('00000000-0000-4000-8000-00000000000a', lo_from_bytea(770002, convert_to('A-SECRET scan', 'UTF8')));
alter table scans enable row level security;
create policy tenant_isolation on scans using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on scans to app_user;
reset role;
alter role app_user set lo_compat_privileges = on;
