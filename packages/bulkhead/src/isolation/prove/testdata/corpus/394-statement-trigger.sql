-- verdict: safe
-- kind: safe-statement-trigger
-- object: public.tally
-- why: a statement trigger counts by tenant into a guarded table
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from tally where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
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
create table tally (tenant_id uuid not null, n bigint);
alter table tally enable row level security;
create policy p on tally for select using (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select on tally to app_user;
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
create function tally_docs() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ begin insert into public.tally (tenant_id, n) select n.tenant_id, count(*) from n group by n.tenant_id; return null; end $$;
create trigger tally after insert on docs referencing new table as n for each statement execute function tally_docs();
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET 2');
reset role;
