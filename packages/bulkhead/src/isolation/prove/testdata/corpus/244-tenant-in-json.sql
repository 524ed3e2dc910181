-- verdict: safe
-- kind: safe-json-tenant
-- object: public.events
-- why: the tenant lies in a jsonb column, and the policy compares it whole
-- roles: app_owner app_user
-- exploit-begin
-- insert into events (data) values (jsonb_build_object('tenant_id', '00000000-0000-4000-8000-00000000000a', 'note', 'planted'));
-- select exists (select 1 from events where data ->> 'tenant_id' = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- check-begin
-- select count(*) <> 1 as leaked from events where data ->> 'tenant_id' = '00000000-0000-4000-8000-00000000000a';
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
create table events (id uuid primary key default gen_random_uuid(), data jsonb not null);
insert into events (data) values (jsonb_build_object('tenant_id', '00000000-0000-4000-8000-00000000000a', 'note', 'A-SECRET')), (jsonb_build_object('tenant_id', '00000000-0000-4000-8000-00000000000b', 'note', 'b'));
alter table events enable row level security;
create policy tenant_isolation on events using ((data ->> 'tenant_id')::uuid = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on events to app_user;
reset role;
