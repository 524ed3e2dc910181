-- verdict: leak
-- kind: join-other-table-unbound
-- object: public.order_list
-- why: the joined table is matched by a column that the tenant chooses
-- severity: high
-- also: public.order_list
-- roles: app_owner app_user
-- exploit-begin
-- insert into orders (tenant_id, customer_id) values ('00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-0000000000a1');
-- select exists (select 1 from order_list where name = 'A-SECRET') as leaked;
-- exploit-end
-- fix-begin
-- create or replace view order_list with (security_barrier = true) as select o.id, o.note, c.name from orders o join customers c on c.id = o.customer_id and c.tenant_id = o.tenant_id where o.tenant_id = current_setting('app.tenant_id', true)::uuid;
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
create table customers (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  name text not null
);
insert into customers (tenant_id, name) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table customers enable row level security;
create policy tenant_isolation on customers using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on customers to app_user;
create table orders (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  customer_id uuid not null,
  note text
);
alter table orders enable row level security;
create policy p on orders using (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update on orders to app_user;
update customers set id = '00000000-0000-4000-8000-0000000000a1' where tenant_id = '00000000-0000-4000-8000-00000000000a';
create view order_list with (security_barrier = true) as select o.id, o.note, c.name from orders o join customers c on c.id = o.customer_id where o.tenant_id = current_setting('app.tenant_id', true)::uuid;
grant select on order_list to app_user;
reset role;
