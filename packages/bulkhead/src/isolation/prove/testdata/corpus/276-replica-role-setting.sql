-- verdict: leak
-- kind: replica-role-setting
-- object: role:app_user
-- why: SET on session_replication_role switches the guarding triggers off
-- severity: high
-- also: public.docs
-- roles: app_owner app_user
-- exploit-begin
-- set session_replication_role = replica;
-- insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- exploit-end
-- check-begin
-- select exists (select 1 from docs where title = 'planted' and tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- check-end
-- fix-begin
-- revoke set on parameter session_replication_role from app_user;
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
create policy r on docs for select using (tenant_id = current_setting('app.tenant_id', true)::uuid);
create policy w on docs for insert with check (true);
grant select, insert, update, delete on docs to app_user;
create function own_tenant() returns trigger language plpgsql as $$ begin new.tenant_id := current_setting('app.tenant_id')::uuid; return new; end $$;
create trigger own_tenant before insert or update on docs for each row execute function own_tenant();
reset role; grant set on parameter session_replication_role to app_user;
