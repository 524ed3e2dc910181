-- verdict: leak
-- kind: member-of-bypassrls
-- object: role:app_user
-- why: the app role may become a role that has BYPASSRLS
-- severity: high
-- also: role:app_batch public.invoices
-- roles: app_owner app_user app_batch
-- exploit-begin
-- set role app_batch;
-- select exists (select 1 from invoices where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- revoke app_batch from app_user;
-- fix-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
  if to_regrole('app_batch') is null then create role app_batch nologin; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
alter role app_batch bypassrls;
grant usage on schema public to app_batch;
grant app_batch to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null);
insert into tenants values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table invoices (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  number text not null
);
insert into invoices (tenant_id, number) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table invoices enable row level security;
alter table invoices force row level security;
create policy tenant_isolation on invoices using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on invoices to app_user;
grant select on invoices to app_batch;
reset role;
