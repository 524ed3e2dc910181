-- verdict: leak
-- kind: while-loop
-- object: public.walk
-- why: a loop over ids reads without filter
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select walk() like '%A-SECRET%' as leaked;
-- exploit-end
-- fix-begin
-- create or replace function walk() returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ declare i int := 0; v text; r text := ''; begin while i < 3 loop i := i + 1; select title into v from public.docs where n = i and tenant_id = current_setting('app.tenant_id', true)::uuid; r := r || coalesce(v, ''); end loop; return r; end $$;
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
  n int not null,
  title text
);
insert into docs (tenant_id, n) values ('00000000-0000-4000-8000-00000000000a', 1), ('00000000-0000-4000-8000-00000000000b', 2);
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
update docs set title = case n when 1 then 'A-SECRET' else 'b' end;
create function walk() returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ declare i int := 0; v text; r text := ''; begin while i < 3 loop i := i + 1; select title into v from public.docs where n = i; r := r || coalesce(v, ''); end loop; return r; end $$;
reset role;
