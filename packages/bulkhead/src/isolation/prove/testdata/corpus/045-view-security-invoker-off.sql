-- verdict: leak
-- kind: view-invoker-off
-- object: public.account_list
-- why: security_invoker is written down, but as false
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from account_list where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter view account_list set (security_invoker = true);
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
create table accounts (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  iban text not null
);
insert into accounts (tenant_id, iban) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table accounts enable row level security;
create policy tenant_isolation on accounts using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on accounts to app_user;
create view account_list with (security_invoker = false, security_barrier = true) as select * from accounts;
grant select, update on account_list to app_user;
reset role;
