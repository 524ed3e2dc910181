-- verdict: leak
-- kind: secdef-oracle
-- object: public.next_number
-- why: the numbering function runs as the owner and counts every tenant's rows
-- severity: medium
-- also: public.offers
-- roles: app_owner app_user
-- exploit-begin
-- select next_number() = 42 as leaked;
-- exploit-end
-- fix-begin
-- create or replace function next_number() returns int language sql volatile security definer set search_path = pg_catalog, pg_temp as $$ select coalesce(max(number), 0) + 1 from public.offers where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid $$;
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
create table offers (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  number int not null
);
insert into offers (tenant_id, number) values ('00000000-0000-4000-8000-00000000000a', 41), ('00000000-0000-4000-8000-00000000000b', 1);
alter table offers enable row level security;
create policy tenant_isolation on offers using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on offers to app_user;
create function next_number() returns int language sql volatile security definer set search_path = pg_catalog, pg_temp as $$ select coalesce(max(number), 0) + 1 from public.offers $$;
alter table offers alter column number set default next_number();
reset role;
