-- verdict: leak
-- kind: sequence-update-privilege
-- object: public.invoice_numbers
-- why: UPDATE on the sequence lets one tenant set it back or to its end for all of them
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- select setval('invoice_numbers', 1000);
-- exploit-end
-- victim-begin
-- insert into invoices (tenant_id, number) values ('00000000-0000-4000-8000-00000000000a', nextval('invoice_numbers'));
-- victim-end
-- check-begin
-- select not exists (select 1 from invoices where tenant_id = '00000000-0000-4000-8000-00000000000a' and number = 1 and id <> (select min(id::text)::uuid from invoices where tenant_id = '00000000-0000-4000-8000-00000000000a')) and (select count(*) from invoices where tenant_id = '00000000-0000-4000-8000-00000000000a') = 1 as leaked;
-- check-end
-- fix-begin
-- revoke update on sequence invoice_numbers from app_user;
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
  number int not null
);
insert into invoices (tenant_id, number) values ('00000000-0000-4000-8000-00000000000a', 1), ('00000000-0000-4000-8000-00000000000b', 2);
alter table invoices enable row level security;
create policy tenant_isolation on invoices using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on invoices to app_user;
create sequence invoice_numbers maxvalue 1000;
grant usage, update on sequence invoice_numbers to app_user;
reset role;
