-- verdict: leak
-- kind: primary-key-without-tenant
-- object: public.coupons
-- why: the primary key is a name that people choose, and it is unique over all tenants
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ begin
--   insert into coupons values ('A-SECRET-50', '00000000-0000-4000-8000-00000000000b', 1);
-- exception when unique_violation then perform set_config('probe.hit', 't', false);
-- end $d$;
-- select coalesce(current_setting('probe.hit', true) = 't', false) as leaked;
-- exploit-end
-- fix-begin
-- alter table coupons drop constraint coupons_pkey;
-- alter table coupons add primary key (tenant_id, code);
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
create table coupons (code text primary key, tenant_id uuid not null references tenants (id), percent int not null);
insert into coupons values ('A-SECRET-50', '00000000-0000-4000-8000-00000000000a', 50), ('B10', '00000000-0000-4000-8000-00000000000b', 10);
alter table coupons enable row level security;
create policy tenant_isolation on coupons using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on coupons to app_user;
reset role;
