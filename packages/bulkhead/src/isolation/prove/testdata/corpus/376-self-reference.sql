-- verdict: leak
-- kind: self-reference
-- object: public.nodes
-- why: a parent in the same table, referenced without its tenant
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- insert into nodes (tenant_id, parent_id) values ('00000000-0000-4000-8000-00000000000b','00000000-0000-4000-8000-0000000000a1');
-- select exists (select 1 from nodes where parent_id = '00000000-0000-4000-8000-0000000000a1') as leaked;
-- exploit-end
-- fix-begin
-- alter table nodes add unique (tenant_id, id);
-- alter table nodes drop constraint nodes_parent_id_fkey;
-- alter table nodes add foreign key (tenant_id, parent_id) references nodes (tenant_id, id);
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
  parent_id uuid references nodes(id),
  title text
);
insert into nodes (id, tenant_id, title) values ('00000000-0000-4000-8000-0000000000a1','00000000-0000-4000-8000-00000000000a','A-SECRET');
alter table nodes enable row level security;
create policy p on nodes using (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert on nodes to app_user;
reset role;
