-- verdict: leak
-- kind: acting-as-updatable
-- object: public.docs
-- why: each tenant may say for whom it acts
-- severity: high
-- also: public.acting
-- roles: app_owner app_user
-- exploit-begin
-- update acting set acting_as = '00000000-0000-4000-8000-00000000000a';
-- select exists (select 1 from docs where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- revoke update on acting from app_user;
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
create table acting (viewer uuid primary key references tenants (id), acting_as uuid not null references tenants (id));
insert into acting values ('00000000-0000-4000-8000-00000000000a','00000000-0000-4000-8000-00000000000a'),('00000000-0000-4000-8000-00000000000b','00000000-0000-4000-8000-00000000000b');
alter table acting enable row level security;
create policy own on acting using (viewer = current_setting('app.tenant_id', true)::uuid) with check (viewer = current_setting('app.tenant_id', true)::uuid);
grant select, update on acting to app_user;
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = (select a.acting_as from acting a where a.viewer = current_setting('app.tenant_id', true)::uuid));
grant select, insert, update, delete on docs to app_user;
reset role;
