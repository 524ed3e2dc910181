-- verdict: leak
-- kind: member-set-role
-- object: role:app_user
-- why: the membership is not inherited, but SET ROLE takes it
-- severity: high
-- also: role:app_support public.invoices
-- roles: app_owner app_user app_support
-- exploit-begin
-- set role app_support;
-- select exists (select 1 from invoices where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- revoke app_support from app_user;
-- fix-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
  if to_regrole('app_support') is null then create role app_support nologin; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
grant usage on schema public to app_support;
alter role app_user noinherit;
grant app_support to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null);
insert into tenants values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table invoices (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  number text not null
);
insert into invoices (tenant_id, number) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table invoices enable row level security;
create policy tenant_isolation on invoices using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on invoices to app_user;
create policy support on invoices for select to app_support using (true);
grant select on invoices to app_support;
reset role;
