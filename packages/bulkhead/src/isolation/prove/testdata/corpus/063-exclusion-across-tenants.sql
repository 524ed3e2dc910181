-- verdict: leak
-- kind: exclusion-without-tenant
-- object: public.bookings
-- why: the exclusion constraint compares bookings of all tenants: a refused booking tells that another tenant holds the hour
-- severity: medium
-- requires: btree_gist
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ begin
--   insert into bookings (tenant_id, room, during) values ('00000000-0000-4000-8000-00000000000b', 'atrium', '[2026-01-01 10:30,2026-01-01 10:40)');
-- exception when exclusion_violation then perform set_config('probe.hit', 't', false);
-- end $d$;
-- select coalesce(current_setting('probe.hit', true) = 't', false) as leaked;
-- exploit-end
-- fix-begin
-- alter table bookings drop constraint no_overlap;
-- create extension if not exists btree_gist;
-- alter table bookings add constraint no_overlap exclude using gist (tenant_id with =, during with &&) where (room = 'atrium');
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
create table bookings (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  room text not null,
  during tsrange not null
);
insert into bookings (tenant_id, room, during) values ('00000000-0000-4000-8000-00000000000a', 'atrium', '[2026-01-01 10:00,2026-01-01 11:00)'), ('00000000-0000-4000-8000-00000000000b', 'cellar', '[2026-01-01 10:00,2026-01-01 11:00)');
alter table bookings enable row level security;
create policy tenant_isolation on bookings using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on bookings to app_user;
alter table bookings add constraint no_overlap exclude using gist (during with &&) where (room = 'atrium');
reset role;
