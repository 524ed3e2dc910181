-- verdict: leak
-- kind: partition-policy-open
-- object: public.measures_2026
-- why: the partition was granted with row level security and a policy of its own, which is open
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from measures_2026 where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy all_rows on measures_2026 using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
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
create table measures (tenant_id uuid not null references tenants (id), taken date not null, body text not null) partition by range (taken);
create table measures_2026 partition of measures for values from ('2026-01-01') to ('2027-01-01');
insert into measures values ('00000000-0000-4000-8000-00000000000a', '2026-02-02', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', '2026-02-02', 'b');
alter table measures enable row level security;
create policy tenant_isolation on measures using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on measures to app_user;
alter table measures_2026 enable row level security;
create policy all_rows on measures_2026 for select using (taken is not null);
grant select on measures_2026 to app_user;
reset role;
