-- verdict: safe
-- kind: safe-app-metadata
-- object: public.files
-- why: the organisation comes from app_metadata, which the user cannot write: the twin of user_metadata
-- app-role: authenticated
-- session: request.jwt.claims={"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated","org_id":"00000000-0000-4000-8000-00000000000b","app_metadata":{"org_id":"00000000-0000-4000-8000-00000000000b"},"user_metadata":{"org_id":"00000000-0000-4000-8000-00000000000a"}}
-- victim-session: request.jwt.claims={"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated","org_id":"00000000-0000-4000-8000-00000000000a","app_metadata":{"org_id":"00000000-0000-4000-8000-00000000000a"},"user_metadata":{"org_id":"00000000-0000-4000-8000-00000000000a"}}
-- roles: app_owner app_user anon authenticated
-- exploit-begin
-- select exists (select 1 from files where org_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
  if to_regrole('anon') is null then create role anon nologin; end if;
  if to_regrole('authenticated') is null then create role authenticated nologin; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
grant usage on schema public to anon, authenticated;
create schema auth;
create function auth.uid() returns uuid language sql stable as $$ select nullif(current_setting('request.jwt.claims', true)::jsonb ->> 'sub', '')::uuid $$;
create function auth.jwt() returns jsonb language sql stable as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
create function auth.role() returns text language sql stable as $$ select current_setting('request.jwt.claims', true)::jsonb ->> 'role' $$;
grant usage on schema auth to public;
create table auth.users (id uuid primary key, email text);
insert into auth.users values ('00000000-0000-4000-8000-00000000000a', 'a@alder.example'), ('00000000-0000-4000-8000-00000000000b', 'b@birch.example');
grant references on auth.users to app_owner;
grant usage on schema auth to app_owner;
set role app_owner;
create table orgs (id uuid primary key, name text not null);
insert into orgs values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table files (id uuid primary key default gen_random_uuid(), org_id uuid not null references orgs (id), name text not null);
insert into files (org_id, name) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table files enable row level security;
create policy org on files to authenticated using (org_id = (auth.jwt() -> 'app_metadata' ->> 'org_id')::uuid);
grant select, insert, update, delete on files to authenticated;
reset role;
