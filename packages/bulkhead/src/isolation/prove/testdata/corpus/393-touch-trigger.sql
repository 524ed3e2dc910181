-- verdict: safe
-- kind: safe-touch-trigger
-- object: public.docs
-- why: a definer trigger that stamps the time
-- roles: app_owner app_user
-- exploit-begin
-- insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- update docs set tenant_id = '00000000-0000-4000-8000-00000000000a';
-- select exists (select 1 from docs where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- check-begin
-- select exists (select 1 from docs where title = 'planted') or not exists (select 1 from docs where tenant_id = '00000000-0000-4000-8000-00000000000a' and title = 'A-SECRET') or (select count(*) from docs where tenant_id = '00000000-0000-4000-8000-00000000000a') <> 1 as leaked;
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
  title text not null,
  updated_at timestamptz
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
create function touch() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ begin new.updated_at := now(); if tg_op = 'UPDATE' and new.title is distinct from old.title then new.title := trim(new.title); end if; return new; end $$;
create trigger touch before insert or update on docs for each row execute function touch();
reset role;
