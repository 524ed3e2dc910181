-- verdict: leak
-- kind: rls-not-enabled-other-schema
-- object: billing.cards
-- why: row level security was enabled in public, but a second schema that the app role may use was forgotten
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from billing.cards where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter table billing.cards enable row level security;
-- create policy tenant_isolation on billing.cards using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
-- fix-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
create schema billing authorization app_owner;
grant usage on schema billing to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null);
insert into tenants values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table customers (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  name text not null
);
insert into customers (tenant_id, name) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table customers enable row level security;
create policy tenant_isolation on customers using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on customers to app_user;
create table billing.cards (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants (id), last4 text not null);
insert into billing.cards (tenant_id, last4) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET 4242'), ('00000000-0000-4000-8000-00000000000b', '1111');
grant select on billing.cards to app_user;
reset role;
