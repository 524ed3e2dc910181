-- verdict: leak
-- kind: domain-check-oracle
-- object: public.title_free
-- why: a domain's check asks a definer function about everybody's rows
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ begin perform 'A-SECRET'::free_title; exception when check_violation then perform set_config('p.hit','t',false); end $d$;
-- select coalesce(current_setting('p.hit', true) = 't', false) as leaked;
-- exploit-end
-- fix-begin
-- create or replace function title_free(p text) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select not exists (select 1 from public.docs where title = p and tenant_id = current_setting('app.tenant_id', true)::uuid) $$;
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
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
create function title_free(p text) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select not exists (select 1 from public.docs where title = p) $$;
create domain free_title as text check (public.title_free(value));
reset role;
