-- verdict: leak
-- kind: pg-write-all-data
-- object: role:app_user
-- why: pg_write_all_data writes every table that has no row level security, granted or not
-- severity: high
-- also: public.price_list public.tenants role:pg_write_all_data
-- roles: app_owner app_user
-- exploit-begin
-- update price_list set note = 'overwritten';
-- exploit-end
-- check-begin
-- select exists (select 1 from price_list where tenant_id = '00000000-0000-4000-8000-00000000000a' and note = 'overwritten') as leaked;
-- check-end
-- fix-begin
-- revoke pg_write_all_data from app_user;
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
create table price_list (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into price_list (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET old'), ('00000000-0000-4000-8000-00000000000b', 'b old');
reset role;
grant pg_write_all_data to app_user;
