-- verdict: leak
-- kind: matview-through-view
-- object: public.revenue_rows
-- why: security_invoker does not help: what it reads is a materialized view without row filter
-- severity: high
-- also: public.my_revenue
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from my_revenue where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- revoke select on revenue_rows from app_user;
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
create table sales (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  amount numeric not null,
  note text not null
);
insert into sales (tenant_id, amount, note) values ('00000000-0000-4000-8000-00000000000a', 100, 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 5, 'b');
alter table sales enable row level security;
create policy tenant_isolation on sales using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on sales to app_user;
create materialized view revenue_rows as select tenant_id, note, amount from sales;
create view my_revenue with (security_invoker = true) as select * from revenue_rows;
grant select on revenue_rows, my_revenue to app_user;
reset role;
