-- verdict: leak
-- kind: immutable-context
-- object: public.current_tenant
-- why: the function that reads the tenant setting is marked IMMUTABLE: a prepared plan keeps the first tenant's value for the next
-- severity: medium
-- also: public.memos
-- roles: app_owner app_user
-- exploit-begin
-- select set_config('app.tenant_id', '00000000-0000-4000-8000-00000000000a', false);
-- set plan_cache_mode = force_generic_plan;
-- prepare recent as select exists (select 1 from memos where body like '%A-SECRET%') as leaked;
-- execute recent;
-- select set_config('app.tenant_id', '00000000-0000-4000-8000-00000000000b', false);
-- execute recent;
-- exploit-end
-- fix-begin
-- create or replace function current_tenant() returns uuid language sql stable as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
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
create function current_tenant() returns uuid language sql immutable as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
create table memos (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into memos (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table memos enable row level security;
create policy tenant_isolation on memos using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
grant select, insert, update, delete on memos to app_user;
reset role;
