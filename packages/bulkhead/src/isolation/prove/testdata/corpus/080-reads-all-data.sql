-- verdict: leak
-- kind: pg-read-all-data
-- object: role:app_user
-- why: pg_read_all_data reads every table that has no row level security, granted or not
-- severity: high
-- also: public.order_archive role:pg_read_all_data public.tenants
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from order_archive where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- revoke pg_read_all_data from app_user;
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
create table order_archive (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into order_archive (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET old'), ('00000000-0000-4000-8000-00000000000b', 'b old');
reset role;
grant pg_read_all_data to app_user;
