-- verdict: leak
-- kind: fail-open-is-not-false
-- object: public.rooms
-- why: NULL is not false: without a tenant setting every row passes
-- severity: high
-- session-tenant: unset
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from rooms where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy tenant_isolation on rooms using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
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
create table rooms (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into rooms (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table rooms enable row level security;
create policy tenant_isolation on rooms using ((tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) is not false);
grant select, insert, update, delete on rooms to app_user;
reset role;
