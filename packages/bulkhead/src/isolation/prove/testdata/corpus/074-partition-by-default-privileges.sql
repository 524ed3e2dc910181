-- verdict: leak
-- kind: default-privileges
-- object: public.readings_2027
-- why: default privileges gave the app role the new partition, past the parent's policies
-- severity: high
-- also: role:app_owner role:app_user
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from readings_2027 where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter default privileges for role app_owner in schema public revoke all on tables from app_user;
-- revoke all on readings_2027 from app_user;
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
create table readings (tenant_id uuid not null references tenants (id), taken date not null, body text not null) partition by range (taken);
alter table readings enable row level security;
create policy tenant_isolation on readings using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on readings to app_user;
alter default privileges in schema public grant select, insert, update, delete on tables to app_user;
create table readings_2027 partition of readings for values from ('2027-01-01') to ('2028-01-01');
insert into readings values ('00000000-0000-4000-8000-00000000000a', '2027-02-02', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', '2027-02-02', 'b');
reset role;
