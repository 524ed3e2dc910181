-- verdict: safe
-- kind: safe-column-privilege
-- object: public.orders
-- why: WITH CHECK is open, but the role may not write the tenant column: its default fills it
-- roles: app_owner app_user
-- exploit-begin
-- insert into orders (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- update orders set tenant_id = '00000000-0000-4000-8000-00000000000a';
-- update orders set note = 'overwritten' where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- delete from orders where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- select exists (select 1 from orders where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- check-begin
-- select count(*) <> 1 or bool_or(note <> 'A-SECRET') as leaked from orders where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- check-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null);
insert into tenants values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table orders (id uuid primary key default gen_random_uuid(), tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid references tenants (id), note text not null);
insert into orders (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table orders enable row level security;
create policy r on orders for select using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy a on orders for insert with check (true);
create policy w on orders for update using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (true);
grant select, insert (note), update (note) on orders to app_user;
reset role;
