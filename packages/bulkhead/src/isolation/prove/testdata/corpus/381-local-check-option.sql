-- verdict: leak
-- kind: local-check-option
-- object: public.recent_docs
-- why: LOCAL checks only its own condition, not that of the view below
-- severity: high
-- also: public.my_docs
-- roles: app_owner app_user
-- exploit-begin
-- insert into recent_docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- exploit-end
-- check-begin
-- select exists (select 1 from docs where title = 'planted' and tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- check-end
-- fix-begin
-- create or replace view recent_docs with (security_barrier = true) as select * from my_docs where title is not null with cascaded check option;
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
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
create view my_docs with (security_barrier = true) as select id, tenant_id, title from docs where tenant_id = current_setting('app.tenant_id', true)::uuid;
create view recent_docs with (security_barrier = true) as select * from my_docs where title is not null with local check option;
grant select, insert on recent_docs to app_user;
reset role;
