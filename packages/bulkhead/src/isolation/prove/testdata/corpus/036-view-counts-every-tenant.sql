-- verdict: leak
-- kind: view-aggregate
-- object: public.plan_statistics
-- why: the view shows no rows, but numbers per tenant over everybody's rows
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from plan_statistics where plan like '%A-SECRET%') as leaked;
-- exploit-end
-- fix-begin
-- alter view plan_statistics set (security_invoker = true);
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
create table subscriptions (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  plan text not null
);
insert into subscriptions (tenant_id, plan) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET plan'), ('00000000-0000-4000-8000-00000000000b', 'free');
alter table subscriptions enable row level security;
create policy tenant_isolation on subscriptions using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on subscriptions to app_user;
create view plan_statistics as select plan, count(*) as customers from subscriptions group by plan;
grant select on plan_statistics to app_user;
reset role;
