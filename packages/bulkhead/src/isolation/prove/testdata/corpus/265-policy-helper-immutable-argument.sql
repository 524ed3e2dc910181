-- verdict: safe
-- kind: safe-helper-with-argument
-- object: public.orders
-- why: the helper compares its argument with the setting and is STABLE
-- roles: app_owner app_user
-- exploit-begin
-- insert into orders (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- update orders set tenant_id = '00000000-0000-4000-8000-00000000000a';
-- update orders set note = 'overwritten' where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- delete from orders where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- select exists (select 1 from orders where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- check-begin
-- select count(*) <> 1 or bool_or(note <> 'A-SECRET') as leaked from orders where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- check-end

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
create function is_current(p_tenant uuid) returns boolean language sql stable as $$ select p_tenant = nullif(current_setting('app.tenant_id', true), '')::uuid $$;
alter table orders enable row level security;
create policy tenant_isolation on orders using (is_current(tenant_id)) with check (is_current(tenant_id));
grant select, insert, update, delete on orders to app_user;
reset role;
