-- verdict: leak
-- kind: trigger-copies
-- object: public.order_history
-- why: a trigger copies every row of a protected table into one without row level security
-- severity: high
-- also: public.orders public.keep_history
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from order_history where old_row::text like '%A-SECRET%') as leaked;
-- exploit-end
-- fix-begin
-- revoke select on order_history from app_user;
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
create table orders (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into orders (tenant_id, note) values ('00000000-0000-4000-8000-00000000000b', 'b');
alter table orders enable row level security;
create policy tenant_isolation on orders using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on orders to app_user;
create table order_history (id bigint generated always as identity primary key, at timestamptz not null default now(), old_row jsonb not null);
create function keep_history() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.order_history (old_row) values (to_jsonb(new));
  return null;
end $$;
create trigger keep_history after insert or update on orders for each row execute function keep_history();
insert into orders (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET');
grant select on order_history to app_user;
reset role;
