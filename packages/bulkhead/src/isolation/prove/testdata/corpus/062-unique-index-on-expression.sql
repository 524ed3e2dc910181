-- verdict: leak
-- kind: unique-index-without-tenant
-- object: public.domains
-- why: a unique index on lower(host) holds across tenants
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ begin
--   insert into domains (tenant_id, host) values ('00000000-0000-4000-8000-00000000000b', 'A-SECRET.example');
-- exception when unique_violation then perform set_config('probe.hit', 't', false);
-- end $d$;
-- select coalesce(current_setting('probe.hit', true) = 't', false) as leaked;
-- exploit-end
-- fix-begin
-- drop index domains_host;
-- create unique index domains_host on domains (tenant_id, lower(host));
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
create table domains (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  host text not null
);
insert into domains (tenant_id, host) values ('00000000-0000-4000-8000-00000000000a', 'a-secret.example'), ('00000000-0000-4000-8000-00000000000b', 'b.example');
alter table domains enable row level security;
create policy tenant_isolation on domains using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on domains to app_user;
create unique index domains_host on domains (lower(host));
reset role;
