-- verdict: safe
-- kind: safe-global-rows
-- object: public.templates
-- why: rows without tenant are templates for all, readable by all, written by the owner only
-- roles: app_owner app_user
-- exploit-begin
-- insert into templates (tenant_id, note) values (null, 'planted');
-- update templates set tenant_id = null;
-- insert into templates (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- update templates set tenant_id = '00000000-0000-4000-8000-00000000000a';
-- update templates set note = 'overwritten' where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- delete from templates where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- select exists (select 1 from templates where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- check-begin
-- select count(*) filter (where tenant_id = '00000000-0000-4000-8000-00000000000a') <> 1 or count(*) filter (where tenant_id is null) <> 1 as leaked from templates;
-- check-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null);
insert into tenants values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table templates (id uuid primary key default gen_random_uuid(), tenant_id uuid references tenants (id), note text not null);
insert into templates (tenant_id, note) values (null, 'welcome'), ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table templates enable row level security;
create policy r on templates for select using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid or tenant_id is null);
create policy a on templates for insert with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy w on templates for update using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy d on templates for delete using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on templates to app_user;
reset role;
