-- verdict: leak
-- kind: child-without-rls
-- object: public.invoice_lines
-- why: the lines have no tenant column of their own, but belong to a tenant through the invoice, and are open
-- severity: high
-- also: public.invoices
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from invoice_lines where article like '%A-SECRET%') as leaked;
-- exploit-end
-- fix-begin
-- alter table invoice_lines enable row level security;
-- create policy via_invoice on invoice_lines using (exists (select 1 from invoices i where i.id = invoice_lines.invoice_id and i.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid));
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
create table invoices (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  number text not null
);
insert into invoices (tenant_id, number) values ('00000000-0000-4000-8000-00000000000a', 'A-1'), ('00000000-0000-4000-8000-00000000000b', 'B-1');
alter table invoices enable row level security;
create policy tenant_isolation on invoices using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on invoices to app_user;
create table invoice_lines (id uuid primary key default gen_random_uuid(), invoice_id uuid not null references invoices (id) on delete cascade, article text not null);
insert into invoice_lines (invoice_id, article) select id, 'A-SECRET article' from invoices where number = 'A-1';
grant select on invoice_lines to app_user;
reset role;
