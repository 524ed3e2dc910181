-- verdict: leak
-- kind: extra-disjunct-flag
-- object: public.templates
-- why: the flag is_shared opens a row to every tenant
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from templates where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy tenant_isolation on templates using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
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
create table templates (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  is_shared boolean not null,
  body text not null
);
insert into templates (tenant_id, is_shared, body) values ('00000000-0000-4000-8000-00000000000a', true, 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', false, 'b');
alter table templates enable row level security;
create policy tenant_isolation on templates using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid or is_shared);
grant select, insert, update, delete on templates to app_user;
reset role;
