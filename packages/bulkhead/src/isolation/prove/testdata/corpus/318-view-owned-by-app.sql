-- verdict: leak
-- kind: view-owned-by-app
-- object: scratch.visible_tenants
-- why: the app role owns the view that the policy asks
-- severity: high
-- also: public.docs role:app_user scratch
-- roles: app_owner app_user
-- exploit-begin
-- create or replace view scratch.visible_tenants as select '00000000-0000-4000-8000-00000000000a'::uuid as id;
-- select exists (select 1 from docs where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter view scratch.visible_tenants owner to app_owner; grant select on scratch.visible_tenants to app_user;
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
reset role; create schema scratch; grant usage, create on schema scratch to app_user; grant usage on schema scratch to public; create view scratch.visible_tenants as select current_setting('app.tenant_id', true)::uuid as id; alter view scratch.visible_tenants owner to app_user; grant select on scratch.visible_tenants to public; set role app_owner;
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id in (select id from scratch.visible_tenants));
grant select, insert, update, delete on docs to app_user;
reset role;
