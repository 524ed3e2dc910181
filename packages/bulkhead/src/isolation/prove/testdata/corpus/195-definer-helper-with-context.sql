-- verdict: safe
-- kind: safe-policy-helper
-- object: public.documents
-- why: the helper runs as the owner and asks for the context's tenant
-- roles: app_owner app_user
-- exploit-begin
-- insert into documents (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- update documents set tenant_id = '00000000-0000-4000-8000-00000000000a';
-- update documents set note = 'overwritten' where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- delete from documents where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- select exists (select 1 from documents where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- check-begin
-- select count(*) <> 1 or bool_or(note <> 'A-SECRET') as leaked from documents where tenant_id = '00000000-0000-4000-8000-00000000000a';
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
create table links (viewer uuid not null, target uuid not null, primary key (viewer, target));
insert into links values ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000a'), ('00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-00000000000b');
create function visible() returns setof uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select target from public.links where viewer = nullif(current_setting('app.tenant_id', true), '')::uuid $$;
create table documents (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into documents (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table documents enable row level security;
create policy visible on documents using (tenant_id in (select visible()));
grant select, insert, update, delete on documents to app_user;
reset role;
