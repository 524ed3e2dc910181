-- verdict: leak
-- kind: fail-open-not-distinct
-- object: public.uploads
-- why: IS NOT DISTINCT FROM gives a session without tenant the rows whose tenant is not filled in yet
-- severity: medium
-- session-tenant: unset
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from uploads where file like '%A-SECRET%') as leaked;
-- exploit-end
-- fix-begin
-- alter policy tenant_isolation on uploads using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
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
create table uploads (id uuid primary key default gen_random_uuid(), tenant_id uuid references tenants (id), file text not null);
insert into uploads (tenant_id, file) values (null, 'A-SECRET waiting to be assigned'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table uploads enable row level security;
create policy tenant_isolation on uploads using (tenant_id is not distinct from nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on uploads to app_user;
reset role;
