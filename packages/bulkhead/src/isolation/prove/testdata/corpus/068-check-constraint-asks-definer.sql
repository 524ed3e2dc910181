-- verdict: leak
-- kind: check-constraint-oracle
-- object: public.badge_free
-- why: a check constraint calls a definer function that looks into every tenant's rows; the role may call it too
-- severity: medium
-- also: public.badges
-- roles: app_owner app_user
-- exploit-begin
-- select not badge_free('A-SECRET 1') and badge_free('no such badge') as leaked;
-- exploit-end
-- fix-begin
-- create or replace function badge_free(p_code text) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select not exists (select 1 from public.badges where code = p_code and tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) $$;
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
create table badges (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  code text not null
);
insert into badges (tenant_id, code) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET 1'), ('00000000-0000-4000-8000-00000000000b', 'b 1');
alter table badges enable row level security;
create policy tenant_isolation on badges using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on badges to app_user;
create function badge_free(p_code text) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select not exists (select 1 from public.badges where code = p_code) $$;
alter table badges add constraint fresh check (badge_free(code)) not valid;
reset role;
