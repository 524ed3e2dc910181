-- verdict: leak
-- kind: inheritance-parent-open
-- object: public.documents
-- why: the parent has no row level security, and a query of it reads the protected children as well
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from documents where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter table documents enable row level security;
-- create policy tenant_isolation on documents using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
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
create table documents (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants (id), body text not null);
create table contracts (signed boolean) inherits (documents);
insert into contracts (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table contracts enable row level security;
create policy tenant_isolation on contracts using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on contracts to app_user;
grant select on documents to app_user;
reset role;
