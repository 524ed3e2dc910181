-- verdict: leak
-- kind: secdef-sql-injection
-- object: public.count_where
-- why: the table's name is pasted with %s into a statement that runs as the owner
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from count_where('(select set_config(''probe.seen'', (select string_agg(page, '','') from public.visits), false))')) as ran;
-- select coalesce(current_setting('probe.seen', true) like '%A-SECRET%', false) as leaked;
-- exploit-end
-- fix-begin
-- create or replace function count_where(p_order text) returns setof visits language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
-- begin
--   return query execute format('select * from public.visits where tenant_id = %L order by %I', current_setting('app.tenant_id', true), p_order);
-- end $$;
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
create table visits (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  page text not null
);
insert into visits (tenant_id, page) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table visits enable row level security;
create policy tenant_isolation on visits using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on visits to app_user;
create function count_where(p_order text) returns setof visits language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query execute format('select * from public.visits where tenant_id = %L order by %s', current_setting('app.tenant_id', true), p_order);
end $$;
reset role;
