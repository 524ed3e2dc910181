-- verdict: leak
-- kind: extra-permissive-delete
-- object: public.papers
-- why: the policy for the nightly sweep is for everybody: expired rows of other tenants can be deleted
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- delete from papers;
-- exploit-end
-- check-begin
-- select not exists (select 1 from papers where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- check-end
-- fix-begin
-- alter policy sweep on papers using (expired and tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
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
create table papers (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  expired boolean not null,
  body text not null
);
insert into papers (tenant_id, expired, body) values ('00000000-0000-4000-8000-00000000000a', true, 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', false, 'b');
alter table papers enable row level security;
create policy tenant_isolation on papers using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy sweep on papers for delete using (expired);
grant select, insert, update, delete on papers to app_user;
reset role;
