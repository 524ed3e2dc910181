-- verdict: leak
-- kind: recursive-view
-- object: public.tree
-- why: the recursive arm walks into other tenants
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from tree where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- create or replace view tree with (security_barrier = true) as with recursive t as (select id, tenant_id, level, title from nodes where tenant_id = current_setting('app.tenant_id', true)::uuid union all select n.id, n.tenant_id, n.level, n.title from nodes n join t on n.level = t.level + 1 and n.tenant_id = t.tenant_id) select * from t;
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
create view tree with (security_barrier = true) as with recursive t as (select id, tenant_id, level, title from nodes where tenant_id = current_setting('app.tenant_id', true)::uuid union all select n.id, n.tenant_id, n.level, n.title from nodes n join t on n.level = t.level + 1) select * from t;
grant select on tree to app_user;
reset role;
