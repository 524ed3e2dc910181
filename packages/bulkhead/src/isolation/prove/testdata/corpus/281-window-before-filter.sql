-- verdict: leak
-- kind: window-before-filter
-- object: public.ranked
-- why: the window looks at every tenant before the filter
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from ranked where before = 'A-SECRET') as leaked;
-- exploit-end
-- fix-begin
-- create or replace view ranked with (security_barrier = true) as select * from (select tenant_id, title, lag(title) over (order by tenant_id) as before from docs where tenant_id = current_setting('app.tenant_id', true)::uuid) s where tenant_id = current_setting('app.tenant_id', true)::uuid;
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
create view ranked with (security_barrier = true) as select * from (select tenant_id, title, lag(title) over (order by tenant_id) as before from docs) s where tenant_id = current_setting('app.tenant_id', true)::uuid;
grant select on ranked to app_user;
reset role;
