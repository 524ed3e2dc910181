-- verdict: leak
-- kind: delete-using-true
-- object: public.remarks
-- why: the DELETE policy is open, and a DELETE without WHERE needs no right to read
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- delete from remarks;
-- exploit-end
-- check-begin
-- select not exists (select 1 from remarks where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- check-end
-- fix-begin
-- alter policy remove on remarks using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
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
create table remarks (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into remarks (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table remarks enable row level security;
create policy read on remarks for select using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy remove on remarks for delete using (body is not null);
grant select, delete on remarks to app_user;
reset role;
