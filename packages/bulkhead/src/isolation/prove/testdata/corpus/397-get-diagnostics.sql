-- verdict: safe
-- kind: safe-get-diagnostics
-- object: public.archive
-- why: counts what it changed of its own
-- roles: app_owner app_user
-- exploit-begin
-- select archive(array['A-SECRET']) > 0 as leaked;
-- exploit-end
-- check-begin
-- select archived as leaked from docs where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- check-end

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
  title text not null,
  archived boolean not null default false
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
create function archive(p text[]) returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ declare n int; begin update public.docs set archived = true where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid and title = any (p); get diagnostics n = row_count; if n = 0 then raise notice 'nothing'; end if; return n; end $$;
reset role;
