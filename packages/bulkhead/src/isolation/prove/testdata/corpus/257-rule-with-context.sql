-- verdict: safe
-- kind: safe-rule
-- object: public.inbox
-- why: the INSTEAD rule writes as the owner, but always into the context's tenant: the twin of the trusting one
-- roles: app_owner app_user
-- exploit-begin
-- insert into inbox (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- select exists (select 1 from inbox where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- check-begin
-- select count(*) <> 1 or bool_or(note <> 'A-SECRET') as leaked from mails where tenant_id = '00000000-0000-4000-8000-00000000000a';
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
create table mails (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into mails (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table mails enable row level security;
create policy tenant_isolation on mails using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create view inbox with (security_barrier = true) as select * from mails where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
create rule deliver as on insert to inbox do instead insert into mails (tenant_id, note) values (nullif(current_setting('app.tenant_id', true), '')::uuid, new.note);
grant select, insert on inbox to app_user;
reset role;
