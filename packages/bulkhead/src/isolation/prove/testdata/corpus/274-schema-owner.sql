-- verdict: leak
-- kind: schema-owner
-- object: crm.docs
-- why: who owns the schema may drop what others own in it
-- severity: high
-- also: crm role:app_user schema:crm
-- roles: app_owner app_user
-- exploit-begin
-- drop table crm.docs;
-- exploit-end
-- check-begin
-- select to_regclass('crm.docs') is null as leaked;
-- check-end
-- fix-begin
-- alter schema crm owner to app_owner; grant usage on schema crm to app_user;
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
reset role; create schema crm authorization app_user; grant usage, create on schema crm to app_owner; set role app_owner;
create table crm.docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into crm.docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table crm.docs enable row level security;
create policy tenant_isolation on crm.docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on crm.docs to app_user;
reset role;
