-- verdict: leak
-- kind: operator-always-true
-- object: public.docs
-- why: the policy's operator is the owner's own and compares nothing but lengths
-- severity: high
-- also: public.same_tenant
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from docs where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy tenant_isolation on docs using (tenant_id::text = current_setting('app.tenant_id', true));
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
create function same_tenant(uuid, text) returns boolean language sql immutable as $$ select length($1::text) = length($2) $$;
create operator public.=== (leftarg = uuid, rightarg = text, function = same_tenant);
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id === current_setting('app.tenant_id', true));
grant select, insert, update, delete on docs to app_user;
reset role;
