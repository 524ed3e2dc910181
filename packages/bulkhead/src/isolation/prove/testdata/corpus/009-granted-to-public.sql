-- verdict: leak
-- kind: public-grant-without-rls
-- object: public.tokens
-- why: the app role has no grant of its own, but PUBLIC does, and there is no row level security
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from tokens where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- revoke select on tokens from public;
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
create table tokens (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  secret text not null
);
insert into tokens (tenant_id, secret) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET token'), ('00000000-0000-4000-8000-00000000000b', 'b token');
grant select on tokens to public;
reset role;
