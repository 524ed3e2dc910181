-- verdict: leak
-- kind: secdef-nested
-- object: public.lookup_any
-- why: the inner function was meant for the outer one only, but PUBLIC may call it
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from lookup_any('00000000-0000-4000-8000-00000000000a') where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- revoke execute on function lookup_any(uuid) from public;
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
create table patients (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  name text not null
);
insert into patients (tenant_id, name) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table patients enable row level security;
create policy tenant_isolation on patients using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on patients to app_user;
create function lookup_any(p_tenant uuid) returns setof patients language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select * from public.patients where tenant_id = p_tenant $$;
create function lookup_mine() returns setof patients language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select * from public.lookup_any(nullif(current_setting('app.tenant_id', true), '')::uuid) $$;
reset role;
