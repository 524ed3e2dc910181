-- verdict: leak
-- kind: column-grant-without-rls
-- object: public.employees
-- why: only two columns are granted, but of every tenant's rows
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from employees where full_name like '%A-SECRET%') as leaked;
-- exploit-end
-- fix-begin
-- alter table employees enable row level security;
-- create policy tenant_isolation on employees using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
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
create table employees (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  full_name text not null,
  salary numeric not null
);
insert into employees (tenant_id, full_name, salary) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET Ada', 9000), ('00000000-0000-4000-8000-00000000000b', 'Bob', 5000);
grant select (id, full_name) on employees to app_user;
reset role;
