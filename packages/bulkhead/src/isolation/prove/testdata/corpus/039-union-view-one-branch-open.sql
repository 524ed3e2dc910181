-- verdict: leak
-- kind: view-union-branch
-- object: public.feed
-- why: the first branch is filtered by tenant, the second is not
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from feed where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- create or replace view feed with (security_barrier = true) as select tenant_id, body from posts where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid union all select tenant_id, body from comments where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
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
create table posts (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into posts (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET post'), ('00000000-0000-4000-8000-00000000000b', 'b post');
create table comments (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into comments (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET comment'), ('00000000-0000-4000-8000-00000000000b', 'b comment');
create view feed with (security_barrier = true) as select tenant_id, body from posts where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid union all select tenant_id, body from comments;
grant select on feed to app_user;
reset role;
