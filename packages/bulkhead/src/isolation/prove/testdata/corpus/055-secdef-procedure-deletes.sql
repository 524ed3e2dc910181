-- verdict: leak
-- kind: secdef-procedure
-- object: public.purge_sessions
-- why: the procedure runs as its owner and deletes every tenant's rows
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- call purge_sessions('%');
-- exploit-end
-- check-begin
-- select not exists (select 1 from sessions where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- check-end
-- fix-begin
-- create or replace procedure purge_sessions(p_agent text) language sql security definer set search_path = pg_catalog, pg_temp as $$ delete from public.sessions where agent like p_agent and tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid $$;
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
create table sessions (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  agent text not null
);
insert into sessions (tenant_id, agent) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table sessions enable row level security;
create policy tenant_isolation on sessions using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on sessions to app_user;
create procedure purge_sessions(p_agent text) language sql security definer set search_path = pg_catalog, pg_temp as $$ delete from public.sessions where agent like p_agent $$;
reset role;
