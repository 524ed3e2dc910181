-- verdict: safe
-- kind: safe-secdef-trigger
-- object: public.moves
-- why: the definer trigger changes rows of the written row's own tenant only, and that is checked: the twin of the trusting one
-- roles: app_owner app_user
-- exploit-begin
-- insert into moves (tenant_id, code, note) values ('00000000-0000-4000-8000-00000000000b', 'W1', 'overwritten');
-- insert into moves (tenant_id, code, note) values ('00000000-0000-4000-8000-00000000000a', 'W1', 'overwritten');
-- exploit-end
-- check-begin
-- select count(*) <> 1 or bool_or(note <> 'A-SECRET') as leaked from stocks where tenant_id = '00000000-0000-4000-8000-00000000000a';
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
create table stocks (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  code text not null,
  note text not null
);
insert into stocks (tenant_id, code, note) values ('00000000-0000-4000-8000-00000000000a', 'W1', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'W1', 'b');
alter table stocks enable row level security;
create policy tenant_isolation on stocks using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on stocks to app_user;
create table moves (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  code text not null,
  note text not null
);
insert into moves (tenant_id, code, note) values ('00000000-0000-4000-8000-00000000000a', 'W1', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'W1', 'b');
alter table moves enable row level security;
create policy tenant_isolation on moves using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on moves to app_user;
create function mirror() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.stocks set note = new.note where code = new.code and tenant_id = new.tenant_id;
  return null;
end $$;
create trigger mirror after insert on moves for each row execute function mirror();
reset role;
