-- verdict: leak
-- kind: except-list
-- object: public.docs
-- why: everybody but the excluded
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from docs where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid);
-- revoke select on closed from app_user;
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
create table closed (tenant_id uuid primary key references tenants (id));
grant select on closed to app_user;
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (exists (select docs.tenant_id except select c.tenant_id from closed c));
grant select, insert, update, delete on docs to app_user;
reset role;
