-- verdict: leak
-- kind: secdef-switches-tenant
-- object: public.act_as
-- why: the definer function turns off what holds the caller: it runs a query with the owner's rights for a tenant of the caller's choice, by changing the setting
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from act_as('00000000-0000-4000-8000-00000000000a') where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- create or replace function act_as(p_tenant uuid) returns setof orders language sql security definer set search_path = pg_catalog, pg_temp as $$ select * from public.orders where tenant_id = p_tenant $$;
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
alter table orders force row level security;
create policy tenant_isolation on orders using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on orders to app_user;
create function act_as(p_tenant uuid) returns setof orders language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  return query select * from public.orders;
end $$;
reset role;
