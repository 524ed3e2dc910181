-- verdict: leak
-- kind: policy-subquery-definer-view
-- object: public.documents
-- why: the policy reads a view that runs as its owner and so returns every tenant's projects
-- severity: high
-- also: public.project_ids
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from documents where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter view project_ids set (security_invoker = true);
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
create table projects (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  name text not null
);
insert into projects (tenant_id, name) values ('00000000-0000-4000-8000-00000000000a', 'A'), ('00000000-0000-4000-8000-00000000000b', 'B');
alter table projects enable row level security;
create policy tenant_isolation on projects using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on projects to app_user;
create view project_ids as select id, tenant_id from projects;
create table documents (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into documents (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table documents enable row level security;
create policy via_projects on documents using (tenant_id in (select tenant_id from project_ids));
grant select on documents, project_ids to app_user;
reset role;
