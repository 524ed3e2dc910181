-- verdict: leak
-- kind: member-of-tenant-role
-- object: role:tenant_b
-- why: one database role a tenant, and one of them may become the other
-- severity: high
-- also: public.invoices role:tenant_a
-- app-role: tenant_b
-- session: app.unused=x
-- victim-session: app.unused=x
-- roles: app_owner app_user tenant_a tenant_b
-- exploit-begin
-- set role tenant_a;
-- select exists (select 1 from invoices where owner_role = 'tenant_a') as leaked;
-- exploit-end
-- fix-begin
-- revoke tenant_a from tenant_b;
-- fix-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
  if to_regrole('tenant_a') is null then create role tenant_a nologin; end if;
  if to_regrole('tenant_b') is null then create role tenant_b nologin; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
grant usage on schema public to tenant_a, tenant_b;
grant tenant_a to tenant_b;
set role app_owner;
create table invoices (id uuid primary key default gen_random_uuid(), owner_role name not null default current_user, body text not null);
insert into invoices (owner_role, body) values ('tenant_a', 'A-SECRET'), ('tenant_b', 'b');
alter table invoices enable row level security;
create policy own on invoices using (owner_role = current_user) with check (owner_role = current_user);
grant select, insert, update, delete on invoices to tenant_a, tenant_b;
reset role;
