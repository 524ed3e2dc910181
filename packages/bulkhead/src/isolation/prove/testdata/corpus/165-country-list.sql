-- verdict: safe
-- kind: safe-shared-lookup
-- object: public.countries
-- why: a list of countries belongs to no tenant and the role may only read it
-- roles: app_owner app_user
-- exploit-begin
-- insert into countries values ('xx', 'planted');
-- update countries set name = 'planted';
-- select exists (select 1 from countries where name like '%SECRET%' or name = 'planted') as leaked;
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
create table countries (code text primary key, name text not null);
insert into countries values ('ch', 'Switzerland'), ('fr', 'France');
grant select on countries to app_user;
create table orders (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null,
  country text references countries (code)
);
insert into orders (tenant_id, note, country) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET', 'ch'), ('00000000-0000-4000-8000-00000000000b', 'b', 'fr');
alter table orders enable row level security;
create policy tenant_isolation on orders using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on orders to app_user;
reset role;
