-- verdict: leak
-- kind: policy-registry-exists
-- object: public.documents
-- why: the policy asks whether the row's tenant exists and is active, which is so for every tenant
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from documents where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy active on documents using (exists (select 1 from tenants t where t.id = documents.tenant_id and t.active and t.id = nullif(current_setting('app.tenant_id', true), '')::uuid));
-- fix-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null, active boolean not null default true);
insert into tenants (id, name) values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
grant select on tenants to app_user;
create table documents (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into documents (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table documents enable row level security;
create policy active on documents using (exists (select 1 from tenants t where t.id = documents.tenant_id and t.active) and current_setting('app.tenant_id', true) <> '');
grant select, insert, update, delete on documents to app_user;
reset role;
