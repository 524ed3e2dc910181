-- verdict: leak
-- kind: unique-without-tenant
-- object: public.members
-- why: e-mail addresses are unique over all tenants: a refused insert tells that another tenant has the address
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ begin
--   insert into members (tenant_id, mail) values ('00000000-0000-4000-8000-00000000000b', 'nobody@nowhere.example');
--   insert into members (tenant_id, mail) values ('00000000-0000-4000-8000-00000000000b', 'A-SECRET@alder.example');
-- exception when unique_violation then perform set_config('probe.hit', 't', false);
-- end $d$;
-- select coalesce(current_setting('probe.hit', true) = 't', false) as leaked;
-- exploit-end
-- fix-begin
-- alter table members drop constraint members_mail_key;
-- alter table members add unique (tenant_id, mail);
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
create table members (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  mail text not null unique
);
insert into members (tenant_id, mail) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET@alder.example'), ('00000000-0000-4000-8000-00000000000b', 'b@birch.example');
alter table members enable row level security;
create policy tenant_isolation on members using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on members to app_user;
reset role;
