-- verdict: leak
-- kind: or-precedence
-- object: public.articles
-- why: AND binds tighter than OR: the second status escapes the tenant condition
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from articles where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy tenant_isolation on articles using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid and (status = 'draft' or status = 'published'));
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
create table articles (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  status text not null,
  body text not null
);
insert into articles (tenant_id, status, body) values ('00000000-0000-4000-8000-00000000000a', 'published', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'draft', 'b');
alter table articles enable row level security;
create policy tenant_isolation on articles using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid and status = 'draft' or status = 'published');
grant select, insert, update, delete on articles to app_user;
reset role;
