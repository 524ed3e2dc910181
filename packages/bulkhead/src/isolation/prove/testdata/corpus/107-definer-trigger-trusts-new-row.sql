-- verdict: leak
-- kind: secdef-trigger-write
-- object: public.mirror_stock
-- why: the definer trigger writes into the warehouse that the new row names, whosever it is
-- severity: high
-- also: public.moves public.warehouses
-- roles: app_owner app_user
-- exploit-begin
-- insert into moves (tenant_id, code, amount) values ('00000000-0000-4000-8000-00000000000b', 'W-A', -1000);
-- exploit-end
-- check-begin
-- select stock < 0 as leaked from warehouses where code = 'W-A';
-- check-end
-- fix-begin
-- create or replace function mirror_stock() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
-- begin
--   update public.warehouses set stock = stock + new.amount where code = new.code and tenant_id = new.tenant_id;
--   return null;
-- end $$;
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
create table warehouses (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  code text not null,
  stock int not null
);
insert into warehouses (tenant_id, code, stock) values ('00000000-0000-4000-8000-00000000000a', 'W-A', 5), ('00000000-0000-4000-8000-00000000000b', 'W-B', 5);
alter table warehouses enable row level security;
create policy tenant_isolation on warehouses using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on warehouses to app_user;
create table moves (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  code text not null,
  amount int not null
);
insert into moves (tenant_id, code, amount) values ('00000000-0000-4000-8000-00000000000a', 'W-A', 0), ('00000000-0000-4000-8000-00000000000b', 'W-B', 0);
alter table moves enable row level security;
create policy tenant_isolation on moves using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on moves to app_user;
create function mirror_stock() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.warehouses set stock = stock + new.amount where code = new.code;
  return null;
end $$;
create trigger mirror_stock after insert on moves for each row execute function mirror_stock();
reset role;
