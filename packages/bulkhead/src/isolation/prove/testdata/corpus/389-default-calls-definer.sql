-- verdict: leak
-- kind: default-calls-definer
-- object: public.next_ref
-- why: a column default shows a number of everyone's
-- severity: medium
-- also: public.docs
-- roles: app_owner app_user
-- exploit-begin
-- insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000b', 'x');
-- select ref = 3 as leaked from docs where title = 'x';
-- exploit-end
-- fix-begin
-- create or replace function next_ref() returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select count(*) + 1 from public.docs where tenant_id = current_setting('app.tenant_id', true)::uuid $$;
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
create function next_ref() returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select count(*) + 1 from public.docs $$;
alter table docs add column ref bigint default public.next_ref();
grant select, insert (tenant_id, title) on docs to app_user;
reset role;
