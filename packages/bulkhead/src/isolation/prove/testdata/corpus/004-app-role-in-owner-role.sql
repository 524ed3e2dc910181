-- verdict: leak
-- kind: member-of-owner
-- object: role:app_user
-- why: the app role inherits the role that owns the tables, and owners pass row level security
-- severity: high
-- also: public.ledgers role:app_owner public.tenants
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from ledgers where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- revoke app_owner from app_user;
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
create table ledgers (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  memo text not null
);
insert into ledgers (tenant_id, memo) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET memo'), ('00000000-0000-4000-8000-00000000000b', 'b memo');
alter table ledgers enable row level security;
create policy tenant_isolation on ledgers using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on ledgers to app_user;
reset role;
grant app_owner to app_user;
