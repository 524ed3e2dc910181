-- verdict: leak
-- kind: upsert-update-open
-- object: public.counters
-- why: INSERT is checked, but ON CONFLICT DO UPDATE goes through the open UPDATE and SELECT policies
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- update counters set value = 'overwritten';
-- exploit-end
-- check-begin
-- select exists (select 1 from counters where tenant_id = '00000000-0000-4000-8000-00000000000a' and value = 'overwritten') as leaked;
-- check-end
-- fix-begin
-- alter policy change on counters using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
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
create table counters (name text not null, tenant_id uuid not null references tenants (id), value text not null, primary key (tenant_id, name));
insert into counters values ('visits', '00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('visits', '00000000-0000-4000-8000-00000000000b', 'b');
alter table counters enable row level security;
create policy read on counters for select using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy add on counters for insert with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy change on counters for update using (name = 'visits') with check (name = 'visits');
grant select, insert, update on counters to app_user;
reset role;
