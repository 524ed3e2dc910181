-- verdict: leak
-- kind: truncate-privilege
-- object: public.audit_rows
-- why: PUBLIC may TRUNCATE, which asks no policy
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- truncate audit_rows;
-- exploit-end
-- check-begin
-- select not exists (select 1 from audit_rows) as leaked;
-- check-end
-- fix-begin
-- revoke truncate on audit_rows from public;
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
create table audit_rows (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into audit_rows (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table audit_rows enable row level security;
alter table audit_rows force row level security;
create policy tenant_isolation on audit_rows using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on audit_rows to app_user;
grant truncate on audit_rows to public;
reset role;
