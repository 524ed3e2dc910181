-- verdict: leak
-- kind: statistics-view
-- object: public.column_values
-- why: a view of a superuser over pg_statistic shows the most common values of every column
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from column_values where common_values like '%A-SECRET%') as leaked;
-- exploit-end
-- fix-begin
-- revoke select on column_values from app_user;
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
create table wages (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into wages (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table wages enable row level security;
create policy tenant_isolation on wages using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on wages to app_user;
insert into wages (tenant_id, body) select '00000000-0000-4000-8000-00000000000a', 'A-SECRET' from generate_series(1, 50);
analyze wages;
reset role;
create view column_values as select starelid, staattnum, stavalues1::text as common_values from pg_statistic;
grant select on column_values to app_user;
