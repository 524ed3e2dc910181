-- verdict: safe
-- kind: safe-dynamic-table
-- object: public.count_rows
-- why: a table name with %I, and the tenant bound whatever the table is
-- roles: app_owner app_user
-- exploit-begin
-- select count_rows('docs') <> 1 as leaked;
-- exploit-end

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
create table notes (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into notes (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table notes enable row level security;
create policy tenant_isolation on notes using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on notes to app_user;
create function count_rows(p_table text) returns bigint language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ declare n bigint; begin if p_table not in ('docs', 'notes') then raise exception 'no'; end if; execute format('select count(*) from public.%I where tenant_id = $1', p_table) into n using nullif(current_setting('app.tenant_id', true), '')::uuid; return n; end $$;
reset role;
