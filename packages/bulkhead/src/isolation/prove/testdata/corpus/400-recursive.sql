-- verdict: safe
-- kind: safe-recursive
-- object: public.below
-- why: a recursion that stays within the tenant
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from below(1) t where t = 'A-SECRET') or exists (select 1 from below(2) t where t = 'A-SECRET') as leaked;
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
create table nodes (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  level int not null,
  title text
);
insert into nodes (tenant_id, level, title) values ('00000000-0000-4000-8000-00000000000a',2,'A-SECRET'),('00000000-0000-4000-8000-00000000000b',1,'b');
alter table nodes enable row level security;
create policy p on nodes using (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select on nodes to app_user;
create function below(p int) returns setof text language sql stable security definer set search_path = pg_catalog, pg_temp as $$ with recursive t as (select n.tenant_id, n.level, n.title from public.nodes n where n.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid and n.level = p union all select n.tenant_id, n.level, n.title from public.nodes n join t on n.tenant_id = t.tenant_id and n.level = t.level + 1) select title from t $$;
reset role;
