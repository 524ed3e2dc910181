-- verdict: leak
-- kind: rule-copies
-- object: public.note_log
-- why: an ON INSERT rule copies what is written into a table that everybody may read
-- severity: high
-- also: public.notes
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from note_log where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- revoke select on note_log from app_user;
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
create table notes (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into notes (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'x'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table notes enable row level security;
create policy tenant_isolation on notes using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on notes to app_user;
create table note_log (tenant_id uuid not null, body text not null);
create rule keep as on insert to notes do also insert into note_log values (new.tenant_id, new.body);
insert into notes (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET');
grant select on note_log to app_user;
reset role;
