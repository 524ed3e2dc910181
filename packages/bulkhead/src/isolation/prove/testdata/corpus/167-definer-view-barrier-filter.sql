-- verdict: safe
-- kind: safe-definer-view-filtered
-- object: public.my_orders
-- why: the view runs as its owner but filters by tenant, is a security barrier and is read-only for the role
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ begin
--   perform 1 from my_orders where note::int > 0;
-- exception when others then perform set_config('probe.seen', sqlerrm, false);
-- end $d$;
-- select coalesce(current_setting('probe.seen', true) like '%A-SECRET%', false) or exists (select 1 from my_orders where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
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
create view my_orders with (security_barrier) as select * from orders where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
grant select on my_orders to app_user;
reset role;
