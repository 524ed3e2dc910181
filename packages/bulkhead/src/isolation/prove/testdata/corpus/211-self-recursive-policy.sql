-- verdict: safe
-- kind: safe-recursive
-- object: public.nodes
-- why: the policy reads its own table: PostgreSQL refuses with an error of infinite recursion, so nothing comes out
-- roles: app_owner app_user
-- exploit-begin
-- insert into nodes (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- update nodes set tenant_id = '00000000-0000-4000-8000-00000000000a';
-- update nodes set note = 'overwritten' where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- delete from nodes where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- select exists (select 1 from nodes where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- check-begin
-- select count(*) <> 1 or bool_or(note <> 'A-SECRET') as leaked from nodes where tenant_id = '00000000-0000-4000-8000-00000000000a';
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
create table nodes (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into nodes (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table nodes enable row level security;
create policy loop on nodes using (tenant_id in (select n.tenant_id from nodes n));
grant select, insert, update, delete on nodes to app_user;
reset role;
