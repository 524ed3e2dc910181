-- verdict: leak
-- kind: secdef-owner-bypasses
-- object: public.latest_alerts
-- why: the function trusts row level security of a forced table, but its owner has BYPASSRLS
-- severity: high
-- also: role:app_batch
-- roles: app_owner app_user app_batch
-- exploit-begin
-- select exists (select 1 from latest_alerts() where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter function latest_alerts() owner to app_owner;
-- fix-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
  if to_regrole('app_batch') is null then create role app_batch nologin; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null);
insert into tenants values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table alerts (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into alerts (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table alerts enable row level security;
alter table alerts force row level security;
create policy tenant_isolation on alerts using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on alerts to app_user;
reset role;
alter role app_batch bypassrls;
grant select on alerts to app_batch;
create function latest_alerts() returns setof alerts language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select * from public.alerts $$;
alter function latest_alerts() owner to app_batch;
