-- verdict: leak
-- kind: leakproof-lie
-- object: public.reveals
-- why: the function is marked LEAKPROOF but tells what it was given: it is pushed below the policy and sees every tenant's rows
-- severity: high
-- also: public.diagnoses
-- roles: app_owner app_user
-- exploit-begin
-- set client_min_messages = error;
-- select count(*) from diagnoses where reveals(body);
-- select coalesce(current_setting('probe.seen', true) like '%A-SECRET%', false) as leaked;
-- exploit-end
-- fix-begin
-- alter function reveals(text) not leakproof;
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
create table diagnoses (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into diagnoses (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table diagnoses enable row level security;
create policy tenant_isolation on diagnoses using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on diagnoses to app_user;
analyze diagnoses;
reset role;
create function reveals(value text) returns boolean language plpgsql volatile leakproof cost 0.0001 as $$
begin
  perform set_config('probe.seen', coalesce(current_setting('probe.seen', true), '') || value, false);
  return true;
end $$;
