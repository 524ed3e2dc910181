-- verdict: leak
-- kind: error-tells
-- object: public.check_title
-- why: the error message carries the other tenant's name
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ begin perform check_title('A-SECRET'); exception when others then perform set_config('p.hit', (sqlerrm like '%Alder%')::text, false); end $d$;
-- select coalesce(current_setting('p.hit', true) = 'true', false) as leaked;
-- exploit-end
-- fix-begin
-- create or replace function check_title(p text) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ declare v text; begin select t.name into v from public.docs d join public.tenants t on t.id = d.tenant_id where d.title = p and d.tenant_id = current_setting('app.tenant_id', true)::uuid; if v is not null then raise exception 'already used by %', v; end if; end $$;
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
create function check_title(p text) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ declare v text; begin select t.name into v from public.docs d join public.tenants t on t.id = d.tenant_id where d.title = p; if v is not null then raise exception 'already used by %', v; end if; end $$;
reset role;
