-- verdict: leak
-- kind: partition-nested
-- object: public.measures_eu_2026
-- why: a partition of a partition was granted; row level security stands on the topmost table and the middle one only
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from measures_eu_2026 where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- revoke select on measures_eu_2026 from app_user;
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
create table measures (tenant_id uuid not null references tenants (id), region text not null, taken date not null, body text not null) partition by list (region);
create table measures_eu partition of measures for values in ('eu') partition by range (taken);
create table measures_eu_2026 partition of measures_eu for values from ('2026-01-01') to ('2027-01-01');
insert into measures values ('00000000-0000-4000-8000-00000000000a', 'eu', '2026-02-02', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'eu', '2026-02-02', 'b');
alter table measures enable row level security;
create policy tenant_isolation on measures using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
alter table measures_eu enable row level security;
create policy tenant_isolation on measures_eu using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on measures to app_user;
grant select, insert, update, delete on measures_eu to app_user;
grant select on measures_eu_2026 to app_user;
reset role;
