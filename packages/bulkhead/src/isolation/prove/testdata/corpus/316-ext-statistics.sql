-- verdict: leak
-- kind: ext-statistics
-- object: pg_catalog.pg_statistic_ext_data
-- why: extended statistics hold most common values of every tenant
-- severity: high
-- also: role:app_user
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from pg_catalog.pg_statistic_ext_data d, pg_mcv_list_items(d.stxdmcv) m where 'A-SECRET' = any (m.values)) as leaked;
-- exploit-end
-- fix-begin
-- revoke select on pg_catalog.pg_statistic_ext_data from app_user;
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
  title text not null,
  kind text
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
insert into docs (tenant_id,title,kind) select '00000000-0000-4000-8000-00000000000a', 'A-SECRET', 'k' from generate_series(1,50);
create statistics s (mcv) on title, kind from docs;
reset role; analyze docs; grant select on pg_catalog.pg_statistic_ext_data to app_user;
