-- verdict: leak
-- kind: copied-table-without-rls
-- object: public.contacts_backup_2025
-- why: CREATE TABLE AS copies rows but neither policies nor the RLS flag, and GRANT ON ALL TABLES opened the copy
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from contacts_backup_2025 where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- revoke all on contacts_backup_2025 from app_user;
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
create table contacts (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  mail text not null
);
insert into contacts (tenant_id, mail) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET@alder.example'), ('00000000-0000-4000-8000-00000000000b', 'b@birch.example');
alter table contacts enable row level security;
create policy tenant_isolation on contacts using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on contacts to app_user;
create table contacts_backup_2025 as select * from contacts;
reset role;
grant select on all tables in schema public to app_user;
revoke all on tenants from app_user;
