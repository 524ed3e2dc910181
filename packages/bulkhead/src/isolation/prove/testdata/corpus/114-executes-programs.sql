-- verdict: leak
-- kind: pg-execute-server-program
-- object: role:app_user
-- why: pg_execute_server_program runs programs as the server's own account
-- severity: high
-- also: role:pg_execute_server_program
-- roles: app_owner app_user
-- exploit-begin
-- create temp table lines (line text);
-- copy lines from program 'echo here';
-- select count(*) > 0 as leaked from lines;
-- exploit-end
-- fix-begin
-- revoke pg_execute_server_program from app_user;
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
create table orders (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into orders (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table orders enable row level security;
create policy tenant_isolation on orders using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on orders to app_user;
reset role;
grant pg_execute_server_program to app_user;
