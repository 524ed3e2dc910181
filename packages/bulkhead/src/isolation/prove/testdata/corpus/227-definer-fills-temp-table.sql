-- verdict: leak
-- kind: secdef-copies-out
-- object: public.export_to
-- why: the definer function writes every tenant's rows into a table that the caller names
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- create temp table mine (note text);
-- grant insert on mine to public;
-- select export_to('pg_temp.mine');
-- select exists (select 1 from mine where note like '%A-SECRET%') as leaked;
-- exploit-end
-- fix-begin
-- alter function export_to(regclass) security invoker;
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
create function export_to(p_target regclass) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  execute format('insert into %s select note from public.orders', p_target);
end $$;
reset role;
