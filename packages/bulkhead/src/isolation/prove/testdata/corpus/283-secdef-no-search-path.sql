-- verdict: leak
-- kind: secdef-no-search-path
-- object: public.my_docs
-- why: no search_path at all: the caller's own operators and functions are found first
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- create function scratch.my_tenant() returns uuid language sql as $f$ select '00000000-0000-4000-8000-00000000000a'::uuid $f$;
-- set search_path = scratch, public;
-- select exists (select 1 from public.my_docs() where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- create or replace function my_docs() returns setof public.docs language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$ begin return query select * from public.docs where tenant_id = public.my_tenant(); end $$;
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
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
reset role; create schema scratch; grant create, usage on schema scratch to app_user; grant usage on schema scratch to public; set role app_owner;
create function my_docs() returns setof public.docs language plpgsql stable security definer as $$ begin return query select * from docs where tenant_id = my_tenant(); end $$;
create function my_tenant() returns uuid language sql stable as $$ select current_setting('app.tenant_id', true)::uuid $$;
reset role;
