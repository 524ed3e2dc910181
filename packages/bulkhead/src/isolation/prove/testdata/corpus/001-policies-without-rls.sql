-- verdict: leak
-- kind: rls-policy-disabled
-- object: public.shipments
-- why: the policies were written, but row level security was never switched on, so they are not applied
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from shipments where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter table shipments enable row level security;
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
create table shipments (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  label text not null
);
insert into shipments (tenant_id, label) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET crate'), ('00000000-0000-4000-8000-00000000000b', 'b crate');
create policy tenant_isolation on shipments using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on shipments to app_user;
reset role;
