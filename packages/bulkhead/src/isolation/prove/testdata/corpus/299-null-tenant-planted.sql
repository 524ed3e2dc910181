-- verdict: leak
-- kind: null-tenant-planted
-- object: public.notices
-- why: rows of nobody are shown to all and may be written by any tenant
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- insert into notices (tenant_id, body) values (null, 'phishing');
-- exploit-end
-- victim-begin
-- select exists (select 1 from notices where body = 'phishing') as leaked;
-- victim-end
-- fix-begin
-- drop policy p on notices; create policy r on notices for select using (tenant_id = current_setting('app.tenant_id', true)::uuid or tenant_id is null); create policy w on notices for insert with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
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
create table notices (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid references tenants (id),
  body text
);
insert into notices (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a','A-SECRET'),('00000000-0000-4000-8000-00000000000b','b');
alter table notices enable row level security;
create policy p on notices using (tenant_id = current_setting('app.tenant_id', true)::uuid or tenant_id is null);
grant select, insert on notices to app_user;
reset role;
