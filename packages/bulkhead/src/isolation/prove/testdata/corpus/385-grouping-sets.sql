-- verdict: leak
-- kind: grouping-sets
-- object: public.sums
-- why: ROLLUP adds a line over all tenants
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from sums where tenant_id is null and n = 2) as leaked;
-- exploit-end
-- fix-begin
-- create or replace view sums with (security_barrier = true) as select * from (select tenant_id, count(*) as n from docs where tenant_id = current_setting('app.tenant_id', true)::uuid group by rollup (tenant_id)) s;
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
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
create view sums with (security_barrier = true) as select * from (select tenant_id, count(*) as n from docs group by rollup (tenant_id)) s where tenant_id = current_setting('app.tenant_id', true)::uuid or tenant_id is null;
grant select on sums to app_user;
reset role;
