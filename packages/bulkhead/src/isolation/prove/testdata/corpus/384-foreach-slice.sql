-- verdict: leak
-- kind: foreach-slice
-- object: public.pick
-- why: FOREACH over ids that the caller gives
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from pick(array['00000000-0000-4000-8000-0000000000a1'::uuid]) t where t = 'A-SECRET') as leaked;
-- exploit-end
-- fix-begin
-- create or replace function pick(p uuid[]) returns setof text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ declare i uuid; begin foreach i in array p loop return query select d.title from public.docs d where d.id = i and d.tenant_id = current_setting('app.tenant_id', true)::uuid; end loop; end $$;
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
update docs set id = '00000000-0000-4000-8000-0000000000a1' where tenant_id = '00000000-0000-4000-8000-00000000000a';
create function pick(p uuid[]) returns setof text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ declare i uuid; begin foreach i in array p loop return query select d.title from public.docs d where d.id = i; end loop; end $$;
reset role;
