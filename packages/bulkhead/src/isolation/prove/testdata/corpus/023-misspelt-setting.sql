-- verdict: leak
-- kind: attacker-controlled-setting
-- object: public.pages
-- why: this one policy reads app.tenant, which nobody pins: the others read app.tenant_id
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select set_config('app.tenant', '00000000-0000-4000-8000-00000000000a', false);
-- select exists (select 1 from pages where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy tenant_isolation on pages using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
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
create table files (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  name text not null
);
insert into files (tenant_id, name) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table files enable row level security;
create policy tenant_isolation on files using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on files to app_user;
create table folders (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  name text not null
);
insert into folders (tenant_id, name) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table folders enable row level security;
create policy tenant_isolation on folders using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on folders to app_user;
create table pages (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into pages (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table pages enable row level security;
create policy tenant_isolation on pages using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on pages to app_user;
reset role;
