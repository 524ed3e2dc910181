-- verdict: leak
-- kind: subquery-wrong-join
-- object: public.line_items
-- why: the sub-query joins the parent by its number, which two tenants may share, not by its key
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from line_items where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy via_bill on line_items using (exists (select 1 from bills b where b.number = line_items.bill_number and b.tenant_id = line_items.tenant_id));
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
create table bills (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants (id), number int not null, unique (tenant_id, number));
insert into bills (tenant_id, number) values ('00000000-0000-4000-8000-00000000000a', 1), ('00000000-0000-4000-8000-00000000000b', 1);
alter table bills enable row level security;
create policy tenant_isolation on bills using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select on bills to app_user;
create table line_items (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  bill_number int not null,
  body text not null
);
insert into line_items (tenant_id, bill_number, body) values ('00000000-0000-4000-8000-00000000000a', 1, 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 1, 'b');
alter table line_items enable row level security;
create policy via_bill on line_items using (exists (select 1 from bills b where b.number = line_items.bill_number));
grant select on line_items to app_user;
reset role;
