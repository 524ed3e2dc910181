-- verdict: leak
-- kind: restrictive-other-role
-- object: public.articles
-- why: the restrictive policy is for another role; app_user meets only the open one
-- severity: high
-- roles: app_owner app_user app_reader
-- exploit-begin
-- select exists (select 1 from articles where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy tenant on articles to public;
-- fix-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
  if to_regrole('app_reader') is null then create role app_reader nologin; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null);
insert into tenants values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table articles (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into articles (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table articles enable row level security;
create policy open on articles using (true);
create policy tenant on articles as restrictive to app_reader using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on articles to app_user;
reset role;
