-- verdict: leak
-- kind: with-check-true
-- object: public.orders
-- why: a trigger pins the tenant of updated rows, but new rows may name any
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- insert into orders (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- exploit-end
-- check-begin
-- select exists (select 1 from orders where tenant_id = '00000000-0000-4000-8000-00000000000a' and note = 'planted') as leaked;
-- check-end
-- fix-begin
-- alter policy tenant_isolation on orders with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
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
create policy tenant_isolation on orders using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (true);
create function pin_tenant() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.tenant_id := nullif(current_setting('app.tenant_id', true), '')::uuid;
  return new;
end $$;
create trigger pin_tenant before update on orders for each row execute function pin_tenant();
grant select, insert, update, delete on orders to app_user;
reset role;
