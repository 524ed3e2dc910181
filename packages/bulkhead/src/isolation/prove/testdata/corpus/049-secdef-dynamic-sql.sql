-- verdict: leak
-- kind: secdef-sql-injection
-- object: public.search_articles
-- why: the search word is pasted into the text of a statement that runs as the owner
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from search_articles(''' or true --') where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- create or replace function search_articles(word text) returns setof articles language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
-- begin
--   return query execute 'select * from public.articles where tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid and title like ''%'' || $1 || ''%''' using word;
-- end $$;
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
  title text not null
);
insert into articles (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table articles enable row level security;
create policy tenant_isolation on articles using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on articles to app_user;
create function search_articles(word text) returns setof articles language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query execute 'select * from public.articles where tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid and title like ''%' || word || '%''';
end $$;
reset role;
