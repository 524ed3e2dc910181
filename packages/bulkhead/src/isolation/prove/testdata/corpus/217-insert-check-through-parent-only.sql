-- verdict: leak
-- kind: check-without-tenant
-- object: public.tasks
-- why: the new row must hang on one of one's own projects, but its tenant column is free
-- severity: high
-- also: public.projects
-- roles: app_owner app_user
-- exploit-begin
-- insert into tasks (tenant_id, project_id, title) select '00000000-0000-4000-8000-00000000000a', id, 'planted' from projects;
-- exploit-end
-- check-begin
-- select exists (select 1 from tasks where tenant_id = '00000000-0000-4000-8000-00000000000a' and title = 'planted') as leaked;
-- check-end
-- fix-begin
-- alter policy a on tasks with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid and exists (select 1 from projects p where p.id = project_id and p.tenant_id = tasks.tenant_id));
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
insert into projects (tenant_id, name) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table projects enable row level security;
create policy tenant_isolation on projects using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on projects to app_user;
create table tasks (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants (id), project_id uuid not null, title text not null);
insert into tasks (tenant_id, project_id, title) select tenant_id, id, name from projects;
alter table tasks enable row level security;
create policy r on tasks for select using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy a on tasks for insert with check (exists (select 1 from projects p where p.id = project_id and p.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert on tasks to app_user;
reset role;
