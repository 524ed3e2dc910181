-- verdict: leak
-- kind: secdef-arbitrary-sql
-- object: public.run_report
-- why: the function executes the text it is given, as its owner
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from run_report('select * from figures') r where r ->> 'body' like '%A-SECRET%') as leaked;
-- exploit-end
-- fix-begin
-- alter function run_report(text) security invoker;
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
create table figures (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into figures (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table figures enable row level security;
create policy tenant_isolation on figures using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on figures to app_user;
create function run_report(query text) returns setof jsonb language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return query execute 'select to_jsonb(q) from (' || query || ') q';
end $$;
reset role;
