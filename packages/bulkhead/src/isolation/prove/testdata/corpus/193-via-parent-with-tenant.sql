-- verdict: safe
-- kind: safe-via-parent
-- object: public.lines
-- why: the parent has no policy of its own, but the sub-query asks for its tenant
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from lines where article like '%A-SECRET%') as leaked;
-- exploit-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null);
insert into tenants values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table bills (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  note text not null
);
insert into bills (tenant_id, note) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table bills enable row level security;
create policy b on bills for select using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select on bills to app_user;
create table lines (id uuid primary key default gen_random_uuid(), bill_id uuid not null references bills (id), article text not null);
insert into lines (bill_id, article) select id, note from bills;
alter table lines enable row level security;
create policy via_bill on lines using (bill_id in (select id from bills where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select on lines to app_user;
reset role;
