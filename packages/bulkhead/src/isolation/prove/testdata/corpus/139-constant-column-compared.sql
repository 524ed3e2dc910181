-- verdict: leak
-- kind: policy-without-tenant
-- object: public.transfers
-- why: the policy compares a column with a constant and never mentions the tenant
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from transfers where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy mine on transfers using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
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
create table transfers (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants (id), created_for text not null, note text not null);
insert into transfers (tenant_id, created_for, note) values ('00000000-0000-4000-8000-00000000000a', 'anyone', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'anyone', 'b');
alter table transfers enable row level security;
create policy mine on transfers using (created_for = 'anyone');
grant select, insert, update, delete on transfers to app_user;
reset role;
