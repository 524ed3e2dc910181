-- verdict: leak
-- kind: sqlerrm-returned
-- object: public.try_import
-- why: returns the message of an error that another tenant's row caused
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- select try_import('A-SECRET') = 'one' as leaked;
-- exploit-end
-- fix-begin
-- create or replace function try_import(p text) returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ declare v text; begin select title into strict v from public.docs where title like p and tenant_id = current_setting('app.tenant_id', true)::uuid; return 'one'; exception when no_data_found then return 'none'; when too_many_rows then return 'many'; end $$;
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
create function try_import(p text) returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ declare v text; begin select title into strict v from public.docs where title like p; return 'one'; exception when no_data_found then return 'none'; when too_many_rows then return 'many'; end $$;
reset role;
