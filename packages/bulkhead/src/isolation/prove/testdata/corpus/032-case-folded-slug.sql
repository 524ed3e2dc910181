-- verdict: leak
-- kind: case-folded-compare
-- object: public.deals
-- why: slugs are unique with their case, but the policy folds it: north and NORTH are two tenants
-- severity: medium
-- session: app.tenant_id=north
-- victim-session: app.tenant_id=NORTH
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from deals where title like '%A-SECRET%') as leaked;
-- exploit-end
-- fix-begin
-- alter policy tenant_isolation on deals using (tenant_slug = current_setting('app.tenant_id', true));
-- fix-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
set role app_owner;
create table tenants (slug text primary key, name text not null);
insert into tenants values ('NORTH', 'North Ltd'), ('north', 'north gmbh');
create table deals (id uuid primary key default gen_random_uuid(), tenant_slug text not null references tenants (slug), title text not null);
insert into deals (tenant_slug, title) values ('NORTH', 'A-SECRET deal'), ('north', 'b deal');
alter table deals enable row level security;
create policy tenant_isolation on deals using (lower(tenant_slug) = lower(current_setting('app.tenant_id', true)));
grant select, insert, update, delete on deals to app_user;
reset role;
