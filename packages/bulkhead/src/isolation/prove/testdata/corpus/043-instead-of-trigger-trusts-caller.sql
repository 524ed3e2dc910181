-- verdict: leak
-- kind: view-instead-of-trigger
-- object: public.issue_board
-- why: the view is harmless to read, but its INSTEAD OF trigger runs as the owner and writes whatever tenant the caller names
-- severity: high
-- also: public.issue_board_insert public.issues
-- roles: app_owner app_user
-- exploit-begin
-- insert into issue_board (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- exploit-end
-- check-begin
-- select exists (select 1 from issues where tenant_id = '00000000-0000-4000-8000-00000000000a' and title = 'planted') as leaked;
-- check-end
-- fix-begin
-- create or replace function issue_board_insert() returns trigger language plpgsql security invoker set search_path = pg_catalog, pg_temp as $$
-- begin
--   insert into public.issues (tenant_id, title) values (new.tenant_id, new.title);
--   return new;
-- end $$;
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
create table issues (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into issues (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table issues enable row level security;
create policy tenant_isolation on issues using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on issues to app_user;
create view issue_board with (security_invoker = true) as select id, tenant_id, title from issues;
create function issue_board_insert() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.issues (tenant_id, title) values (new.tenant_id, new.title);
  return new;
end $$;
create trigger issue_board_insert instead of insert on issue_board for each row execute function issue_board_insert();
grant select, insert on issue_board to app_user;
reset role;
