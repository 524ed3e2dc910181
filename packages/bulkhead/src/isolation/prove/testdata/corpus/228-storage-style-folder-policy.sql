-- verdict: leak
-- kind: prefix-compare
-- object: public.objects
-- why: the folder in the path is compared by its beginning, which another user may share
-- severity: high
-- app-role: authenticated
-- session: request.jwt.claims={"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated","org_id":"00000000-0000-4000-8000-00000000000b","app_metadata":{"org_id":"00000000-0000-4000-8000-00000000000b"},"user_metadata":{"org_id":"00000000-0000-4000-8000-00000000000b"}}
-- victim-session: request.jwt.claims={"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated","org_id":"00000000-0000-4000-8000-00000000000a","app_metadata":{"org_id":"00000000-0000-4000-8000-00000000000a"},"user_metadata":{"org_id":"00000000-0000-4000-8000-00000000000a"}}
-- roles: app_owner app_user anon authenticated
-- exploit-begin
-- select exists (select 1 from objects where owner = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy folder on objects using (owner = auth.uid());
-- fix-end

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
create table objects (id uuid primary key default gen_random_uuid(), owner uuid not null references auth.users (id), path text not null);
insert into objects (owner, path) values ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000a/A-SECRET.pdf'), ('00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-00000000000b/b.pdf');
alter table objects enable row level security;
create policy folder on objects for select to authenticated using (split_part(path, '-', 1) = split_part(auth.uid()::text, '-', 1));
grant select on objects to authenticated;
reset role;
