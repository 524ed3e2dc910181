-- verdict: leak
-- kind: attacker-controlled-setting
-- object: public.documents
-- why: the tenant is looked up by the user in app.user_id, and any session may say it is another user
-- severity: high
-- also: public.tenant_of_user
-- roles: app_owner app_user
-- exploit-begin
-- select set_config('app.user_id', '1', false);
-- select exists (select 1 from documents where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy of_user on documents using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
-- drop function tenant_of_user();
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
create table users (id int primary key, tenant_id uuid not null references tenants (id));
insert into users values (1, '00000000-0000-4000-8000-00000000000a'), (2, '00000000-0000-4000-8000-00000000000b');
create function tenant_of_user() returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select tenant_id from public.users where id = nullif(current_setting('app.user_id', true), '')::int $$;
create table orders (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into orders (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table orders enable row level security;
create policy tenant_isolation on orders using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on orders to app_user;
create table refunds (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into refunds (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table refunds enable row level security;
create policy tenant_isolation on refunds using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on refunds to app_user;
create table documents (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into documents (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table documents enable row level security;
create policy of_user on documents using (tenant_id = tenant_of_user());
grant select, insert, update, delete on documents to app_user;
reset role;
