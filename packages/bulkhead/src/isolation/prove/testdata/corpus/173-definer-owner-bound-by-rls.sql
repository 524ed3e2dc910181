-- verdict: safe
-- kind: safe-secdef-bound-owner
-- object: public.count_orders
-- why: the function runs as its owner, whom FORCE ROW LEVEL SECURITY binds to the same policy
-- roles: app_owner app_user
-- exploit-begin
-- select count_orders('A-SECRET%') > 0 as leaked;
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
alter table orders force row level security;
create policy tenant_isolation on orders using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on orders to app_user;
create function count_orders(p_like text) returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select count(*) from public.orders where note like p_like $$;
reset role;
