-- verdict: leak
-- kind: sequence-select-privilege
-- object: public.order_numbers
-- why: SELECT on the sequence tells how many orders all tenants together have placed
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- select last_value = 1001 as leaked from order_numbers;
-- exploit-end
-- fix-begin
-- revoke select on sequence order_numbers from app_user;
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
  number int not null
);
insert into orders (tenant_id, number) values ('00000000-0000-4000-8000-00000000000a', 1001), ('00000000-0000-4000-8000-00000000000b', 1);
alter table orders enable row level security;
create policy tenant_isolation on orders using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on orders to app_user;
create sequence order_numbers;
select setval('order_numbers', 1001);
grant select on sequence order_numbers to app_user;
reset role;
