-- verdict: leak
-- kind: path-of-role
-- object: scratch
-- why: the role's search_path begins with a schema in which it may create
-- severity: high
-- also: role:app_user public.docs schema:scratch
-- roles: app_owner app_user
-- exploit-begin
-- create table scratch.docs (like public.docs including all);
-- exploit-end
-- victim-begin
-- insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A new');
-- victim-end
-- check-begin
-- select to_regclass('scratch.docs') is not null and (xpath('//c/text()', query_to_xml('select count(*) as c from scratch.docs where title = ''A new''', false, true, '')))[1]::text = '1' as leaked;
-- check-end
-- fix-begin
-- reset role; revoke create on schema scratch from app_user;
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
reset role; create schema scratch; grant usage, create on schema scratch to app_user; alter role app_user set search_path = scratch, public; set role app_owner;
create table public.docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
reset role;
