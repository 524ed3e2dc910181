-- verdict: leak
-- kind: secdef-mutable-search-path
-- object: public.all_reports
-- why: the function has no search_path of its own: the caller's temporary table named like its list of admins answers first
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- create temp table admins (name text);
-- grant select on admins to public;
-- insert into admins values ('me');
-- select exists (select 1 from all_reports('me') where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter function all_reports(text) set search_path = pg_catalog, public, pg_temp;
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
create table reports (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into reports (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table reports enable row level security;
create policy tenant_isolation on reports using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on reports to app_user;
create table admins (name text primary key);
create function all_reports(p_name text) returns setof reports language sql stable security definer as $$
  select r.* from public.reports r where r.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid or exists (select 1 from admins a where a.name = p_name)
$$;
reset role;
