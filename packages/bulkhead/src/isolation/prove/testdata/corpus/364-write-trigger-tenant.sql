-- verdict: safe
-- kind: safe-write-trigger-tenant
-- object: public.docs
-- why: a definer trigger counts within the tenant of the row, which the policy has checked
-- roles: app_owner app_user
-- exploit-begin
-- insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- select exists (select 1 from counters where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- check-begin
-- select n <> 1 as leaked from counters where tenant_id = '00000000-0000-4000-8000-00000000000a';
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
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
create table counters (tenant_id uuid primary key references tenants (id), n bigint not null default 0);
insert into counters values ('00000000-0000-4000-8000-00000000000a',1),('00000000-0000-4000-8000-00000000000b',1);
alter table counters enable row level security;
create policy p on counters for select using (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select on counters to app_user;
create function bump() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ begin update public.counters set n = n + 1 where tenant_id = new.tenant_id; return null; end $$;
create trigger bump after insert on docs for each row execute function bump();
reset role;
