-- verdict: safe
-- kind: safe-column-privilege
-- object: public.remarks
-- why: the UPDATE policy checks the old row only, but the tenant column may not be updated: the twin of the give-away
-- roles: app_owner app_user
-- exploit-begin
-- insert into remarks (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- update remarks set tenant_id = '00000000-0000-4000-8000-00000000000a';
-- update remarks set note = 'overwritten' where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- delete from remarks where tenant_id = '00000000-0000-4000-8000-00000000000a';
-- select exists (select 1 from remarks where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- check-begin
-- select count(*) <> 1 or bool_or(note <> 'A-SECRET') as leaked from remarks where tenant_id = '00000000-0000-4000-8000-00000000000a';
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
create table remarks (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into remarks (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table remarks enable row level security;
create policy r on remarks for select using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy w on remarks for update using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (note is not null);
grant select, update (note) on remarks to app_user;
reset role;
