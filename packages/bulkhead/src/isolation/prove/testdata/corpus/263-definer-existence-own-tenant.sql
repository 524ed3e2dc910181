-- verdict: safe
-- kind: safe-secdef-oracle
-- object: public.mail_taken
-- why: the definer function answers about the context's tenant only: the twin of the oracle
-- roles: app_owner app_user
-- exploit-begin
-- select mail_taken('A-SECRET@alder.example') as leaked;
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
create table users (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  mail text not null
);
insert into users (tenant_id, mail) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET@alder.example'), ('00000000-0000-4000-8000-00000000000b', 'b@birch.example');
alter table users enable row level security;
create policy tenant_isolation on users using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on users to app_user;
create function mail_taken(p_mail text) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select exists (select 1 from public.users where mail = p_mail and tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) $$;
reset role;
