-- verdict: leak
-- kind: policy-helper-unfiltered
-- object: public.documents
-- why: the helper that lists the visible tenants runs as the owner and forgets to ask for whom
-- severity: high
-- also: public.visible_tenants
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from documents where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- create or replace function visible_tenants() returns setof uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select tenant_id from public.memberships where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid $$;
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
create table memberships (user_id text not null, tenant_id uuid not null references tenants (id), primary key (user_id, tenant_id));
insert into memberships values ('ann', '00000000-0000-4000-8000-00000000000a'), ('bob', '00000000-0000-4000-8000-00000000000b');
alter table memberships enable row level security;
create function visible_tenants() returns setof uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select tenant_id from public.memberships where user_id is not null $$;
create table documents (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into documents (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table documents enable row level security;
create policy visible on documents using (tenant_id in (select visible_tenants()) and current_setting('app.tenant_id', true) <> '');
grant select, insert, update, delete on documents to app_user;
reset role;
