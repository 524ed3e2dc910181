-- verdict: leak
-- kind: trigger-copies-foreign-row
-- object: public.fill_title
-- why: a definer trigger reads the row that the caller points at
-- severity: high
-- also: public.refs public.docs
-- roles: app_owner app_user
-- exploit-begin
-- insert into refs (tenant_id, doc_id) values ('00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-0000000000a1');
-- select exists (select 1 from refs where title = 'A-SECRET') as leaked;
-- exploit-end
-- fix-begin
-- create or replace function fill_title() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ begin select d.title into new.title from public.docs d where d.id = new.doc_id and d.tenant_id = new.tenant_id; return new; end $$;
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
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
create table refs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  doc_id uuid,
  title text
);
alter table refs enable row level security;
create policy p on refs using (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert on refs to app_user;
update docs set id = '00000000-0000-4000-8000-0000000000a1' where tenant_id = '00000000-0000-4000-8000-00000000000a';
create function fill_title() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ begin select d.title into new.title from public.docs d where d.id = new.doc_id; return new; end $$;
create trigger fill before insert on refs for each row execute function fill_title();
reset role;
