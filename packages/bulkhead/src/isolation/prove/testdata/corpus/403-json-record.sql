-- verdict: safe
-- kind: safe-json-record
-- object: public.add_docs
-- why: rows out of a JSON argument, each for the context's tenant
-- roles: app_owner app_user
-- exploit-begin
-- select add_docs('[{"title":"planted","tenant_id":"00000000-0000-4000-8000-00000000000a"}]');
-- exploit-end
-- check-begin
-- select exists (select 1 from docs where title = 'planted' and tenant_id = '00000000-0000-4000-8000-00000000000a') or not exists (select 1 from docs where tenant_id = '00000000-0000-4000-8000-00000000000a' and title = 'A-SECRET') or (select count(*) from docs where tenant_id = '00000000-0000-4000-8000-00000000000a') <> 1 as leaked;
-- check-end

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
create function add_docs(p jsonb) returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ declare n int; begin insert into public.docs (tenant_id, title) select nullif(current_setting('app.tenant_id', true), '')::uuid, r.title from jsonb_to_recordset(p) as r(title text); get diagnostics n = row_count; return n; end $$;
reset role;
