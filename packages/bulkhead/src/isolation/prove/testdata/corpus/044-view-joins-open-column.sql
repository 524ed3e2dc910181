-- verdict: leak
-- kind: view-definer-join
-- object: public.user_directory
-- why: the view adds a column from a protected table, read as the view's owner
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from user_directory where amount_note like '%A-SECRET%') as leaked;
-- exploit-end
-- fix-begin
-- alter view user_directory set (security_invoker = true);
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
create table people (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  name text not null
);
insert into people (tenant_id, name) values ('00000000-0000-4000-8000-00000000000a', 'Ann'), ('00000000-0000-4000-8000-00000000000b', 'Bob');
alter table people enable row level security;
create policy tenant_isolation on people using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on people to app_user;
create table salaries (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  amount_note text not null
);
insert into salaries (tenant_id, amount_note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET 9000'), ('00000000-0000-4000-8000-00000000000b', 'b 10');
alter table salaries enable row level security;
create policy tenant_isolation on salaries using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on salaries to app_user;
create view user_directory as select p.name, s.amount_note from people p join salaries s on s.tenant_id = p.tenant_id;
grant select on user_directory to app_user;
reset role;
