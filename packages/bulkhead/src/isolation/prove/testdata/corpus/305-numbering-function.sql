-- verdict: leak
-- kind: numbering-function
-- object: public.next_no
-- why: the next number tells how many invoices everybody has
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- select next_no() = 42 as leaked;
-- exploit-end
-- fix-begin
-- create or replace function next_no() returns int language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select max(no) + 1 from public.invoices where tenant_id = current_setting('app.tenant_id', true)::uuid $$;
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
create table invoices (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  no int not null
);
insert into invoices (tenant_id, no) values ('00000000-0000-4000-8000-00000000000a', 41),('00000000-0000-4000-8000-00000000000b', 1);
alter table invoices enable row level security;
create policy p on invoices using (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert on invoices to app_user;
create function next_no() returns int language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select max(no) + 1 from public.invoices $$;
reset role;
