-- verdict: safe
-- kind: safe-trigger-history
-- object: public.order_history
-- why: the definer trigger copies into a history table that has the tenant and a policy: the twin of the open copy
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from order_history where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
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
create table orders (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into orders (tenant_id, note) values ('00000000-0000-4000-8000-00000000000b', 'b');
alter table orders enable row level security;
create policy tenant_isolation on orders using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on orders to app_user;
create table order_history (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants (id), note text not null);
create function keep_history() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.order_history (tenant_id, note) values (new.tenant_id, new.note);
  return null;
end $$;
create trigger keep_history after insert or update on orders for each row execute function keep_history();
insert into orders (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET');
alter table order_history enable row level security;
create policy tenant_isolation on order_history using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select on order_history to app_user;
reset role;
