-- verdict: leak
-- kind: membership-writable
-- object: public.docs
-- why: whoever may write the membership list may join any tenant
-- severity: high
-- also: public.access_list
-- roles: app_owner app_user
-- exploit-begin
-- insert into access_list values ('00000000-0000-4000-8000-00000000000b','00000000-0000-4000-8000-00000000000a');
-- select exists (select 1 from docs where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- revoke insert on access_list from app_user;
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
create table access_list (
  viewer uuid not null,
  target uuid not null,
  primary key (viewer, target)
);
insert into access_list values ('00000000-0000-4000-8000-00000000000a','00000000-0000-4000-8000-00000000000a'),('00000000-0000-4000-8000-00000000000b','00000000-0000-4000-8000-00000000000b');
alter table access_list enable row level security;
create policy own on access_list using (viewer = current_setting('app.tenant_id', true)::uuid);
grant select, insert on access_list to app_user;
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id in (select target from access_list where viewer = current_setting('app.tenant_id', true)::uuid));
grant select, insert, update, delete on docs to app_user;
reset role;
