-- verdict: leak
-- kind: secdef-write-caller-tenant
-- object: public.log_event
-- why: the definer function writes into the tenant that the caller names
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select log_event('00000000-0000-4000-8000-00000000000a', 'planted');
-- exploit-end
-- check-begin
-- select exists (select 1 from events where tenant_id = '00000000-0000-4000-8000-00000000000a' and body = 'planted') as leaked;
-- check-end
-- fix-begin
-- create or replace function log_event(p_tenant uuid, p_body text) returns void language sql volatile security definer set search_path = pg_catalog, pg_temp as $$ insert into public.events (tenant_id, body) values (nullif(current_setting('app.tenant_id', true), '')::uuid, p_body) $$;
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
create table events (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into events (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table events enable row level security;
create policy tenant_isolation on events using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on events to app_user;
create function log_event(p_tenant uuid, p_body text) returns void language sql volatile security definer set search_path = pg_catalog, pg_temp as $$ insert into public.events (tenant_id, body) values (p_tenant, p_body) $$;
reset role;
