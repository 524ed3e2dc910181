-- verdict: safe
-- kind: safe-unnest-ordinality
-- object: public.by_order
-- why: unnest WITH ORDINALITY joined to the tenant's rows
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from by_order(array['A-SECRET'])) as leaked;
-- exploit-end

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
create function by_order(p text[]) returns table (n bigint, title text) language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select o.ord, d.title from unnest(p) with ordinality as o(t, ord) join public.docs d on d.title = o.t and d.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid order by o.ord $$;
reset role;
