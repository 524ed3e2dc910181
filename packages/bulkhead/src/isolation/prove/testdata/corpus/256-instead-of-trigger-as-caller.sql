-- verdict: safe
-- kind: safe-instead-of-trigger
-- object: public.order_board
-- why: the INSTEAD OF trigger writes with the caller's rights: the twin of the definer one
-- roles: app_owner app_user
-- exploit-begin
-- insert into order_board (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- select exists (select 1 from order_board where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
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
create table orders (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into orders (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table orders enable row level security;
create policy tenant_isolation on orders using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on orders to app_user;
create view order_board with (security_invoker = true) as select id, tenant_id, note from orders;
create function order_board_insert() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.orders (tenant_id, note) values (new.tenant_id, new.note);
  return new;
end $$;
create trigger order_board_insert instead of insert on order_board for each row execute function order_board_insert();
grant select, insert on order_board to app_user;
reset role;
