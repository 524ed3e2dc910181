-- verdict: safe
-- kind: safe-definer-upsert
-- object: public.save_doc
-- why: an upsert by the tenant's own key
-- roles: app_owner app_user
-- exploit-begin
-- select save_doc('A-SECRET', 'pwned');
-- exploit-end
-- check-begin
-- select exists (select 1 from docs where tenant_id = '00000000-0000-4000-8000-00000000000a' and title = 'pwned') as leaked;
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
  slug text not null,
  title text
);
insert into docs (tenant_id, slug) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
create unique index docs_slug on docs (tenant_id, slug);
create function save_doc(p_slug text, p_title text) returns uuid language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ declare v uuid; begin insert into public.docs (tenant_id, slug, title) values (nullif(current_setting('app.tenant_id', true), '')::uuid, p_slug, p_title) on conflict (tenant_id, slug) do update set title = excluded.title returning id into v; return v; end $$;
reset role;
