-- verdict: safe
-- kind: safe-begin-atomic
-- object: public.my_orders
-- why: a definer function with a parsed body: its names were bound when it was made
-- roles: app_owner app_user
-- exploit-begin
-- create temp table orders (like public.orders);
-- insert into orders values (gen_random_uuid(), '00000000-0000-4000-8000-00000000000a', 'A-SECRET forged');
-- select exists (select 1 from my_orders() where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end

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
create function my_orders() returns setof orders language sql stable security definer begin atomic select * from orders where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid; end;
reset role;
