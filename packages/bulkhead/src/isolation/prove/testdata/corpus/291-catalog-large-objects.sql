-- verdict: leak
-- kind: catalog-large-objects
-- object: pg_catalog.pg_largeobject
-- why: SELECT on pg_largeobject shows the bytes of all large objects
-- severity: high
-- also: public.files role:app_user
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from pg_catalog.pg_largeobject where convert_from(data,'utf8') = 'A-SECRET') as leaked;
-- exploit-end
-- fix-begin
-- revoke select on pg_catalog.pg_largeobject from app_user;
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
create table files (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  content oid not null
);
reset role; select lo_from_bytea(424243, 'A-SECRET'::bytea); set role app_owner;
insert into files (tenant_id, content) values ('00000000-0000-4000-8000-00000000000a', 424243);
alter table files enable row level security;
create policy p on files using (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select on files to app_user;
reset role; grant select on pg_catalog.pg_largeobject to app_user;
