-- verdict: leak
-- kind: captured-column
-- object: public.documents
-- why: the unqualified tenant_id inside the sub-query is the sub-query's own: the condition never looks at the row
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from documents where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy member on documents using (exists (select 1 from scopes s where s.tenant_id = documents.tenant_id and s.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid));
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
create table scopes (tenant_id uuid primary key references tenants (id), active boolean not null);
insert into scopes values ('00000000-0000-4000-8000-00000000000a', true), ('00000000-0000-4000-8000-00000000000b', true);
grant select on scopes to app_user;
alter table scopes enable row level security;
create policy tenant_isolation on scopes using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create table documents (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into documents (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table documents enable row level security;
create policy member on documents using (exists (select 1 from scopes s where s.tenant_id = tenant_id and s.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on documents to app_user;
reset role;
