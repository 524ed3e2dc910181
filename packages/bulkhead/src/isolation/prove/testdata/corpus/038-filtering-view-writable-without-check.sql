-- verdict: leak
-- kind: view-no-check-option
-- object: public.my_tasks
-- why: rows are filtered on reading, but the view takes inserts for any tenant: it has no check option
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- insert into my_tasks (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- exploit-end
-- check-begin
-- select exists (select 1 from tasks where tenant_id = '00000000-0000-4000-8000-00000000000a' and title = 'planted') as leaked;
-- check-end
-- fix-begin
-- create or replace view my_tasks with (security_barrier = true) as select * from tasks where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid with cascaded check option;
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
create table tasks (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into tasks (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
create view my_tasks with (security_barrier = true) as select * from tasks where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
grant select, insert, update, delete on my_tasks to app_user;
reset role;
