-- verdict: leak
-- kind: rls-not-enabled
-- object: public.payments
-- why: one database role a tenant: this table repeats the role but has no row level security
-- severity: high
-- app-role: tenant_b
-- session: app.unused=x
-- victim-session: app.unused=x
-- roles: app_owner app_user tenant_a tenant_b
-- exploit-begin
-- select exists (select 1 from payments where owner_role = 'tenant_a') as leaked;
-- exploit-end
-- fix-begin
-- alter table payments enable row level security;
-- create policy own on payments using (owner_role = current_user);
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
set role app_owner;
create table invoices (id uuid primary key default gen_random_uuid(), owner_role name not null default current_user, body text not null);
insert into invoices (owner_role, body) values ('tenant_a', 'A-SECRET'), ('tenant_b', 'b');
alter table invoices enable row level security;
create policy own on invoices using (owner_role = current_user) with check (owner_role = current_user);
grant select, insert, update, delete on invoices to tenant_a, tenant_b;
create table payments (id uuid primary key default gen_random_uuid(), owner_role name not null default current_user, body text not null);
insert into payments (owner_role, body) values ('tenant_a', 'A-SECRET'), ('tenant_b', 'b');
grant select on payments to tenant_a, tenant_b;
reset role;
