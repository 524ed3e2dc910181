-- verdict: safe
-- kind: safe-two-hops
-- object: public.lines
-- why: line to order to customer, by equalities all the way
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from lines where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
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
create table customers (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  name text not null
);
insert into customers (tenant_id, name) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table customers enable row level security;
create policy tenant_isolation on customers using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on customers to app_user;
alter table customers add unique (tenant_id, id);
create table orders (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  customer_id uuid not null,
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  unique (tenant_id, id)
);
insert into orders (tenant_id, customer_id) select tenant_id, id from customers;
alter table orders enable row level security;
create policy p on orders using (exists (select 1 from customers c where c.id = orders.customer_id and c.tenant_id = orders.tenant_id and c.tenant_id = current_setting('app.tenant_id', true)::uuid));
grant select on orders to app_user;
create table lines (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  order_id uuid not null,
  body text,
  foreign key (tenant_id, order_id) references orders (tenant_id, id)
);
insert into lines (tenant_id, order_id, body) select tenant_id, id, case when tenant_id = '00000000-0000-4000-8000-00000000000a' then 'A-SECRET' else 'b' end from orders;
alter table lines enable row level security;
create policy p on lines using (exists (select 1 from orders o join customers c on c.id = o.customer_id where o.id = lines.order_id and c.tenant_id = current_setting('app.tenant_id', true)::uuid));
grant select on lines to app_user;
reset role;
