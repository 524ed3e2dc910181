-- verdict: leak
-- kind: negative-list
-- object: public.documents
-- why: the policy names the tenants that may not see a row instead of the one that may
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from documents where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy unblocked on documents using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid and not exists (select 1 from blocked b where b.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid and b.by_tenant = documents.tenant_id));
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
create table blocked (tenant_id uuid not null, by_tenant uuid not null, primary key (tenant_id, by_tenant));
grant select on blocked to app_user;
alter table blocked enable row level security;
create policy mine on blocked for select using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create table documents (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into documents (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table documents enable row level security;
create policy unblocked on documents using (not exists (select 1 from blocked b where b.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid and b.by_tenant = documents.tenant_id));
grant select on documents to app_user;
reset role;
