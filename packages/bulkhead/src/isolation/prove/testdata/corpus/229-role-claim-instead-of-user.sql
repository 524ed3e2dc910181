-- verdict: leak
-- kind: any-signed-in-user
-- object: public.todos
-- why: the policy asks for the role in the token, which every signed-in user has
-- severity: high
-- app-role: authenticated
-- session: request.jwt.claims={"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated","org_id":"00000000-0000-4000-8000-00000000000b","app_metadata":{"org_id":"00000000-0000-4000-8000-00000000000b"},"user_metadata":{"org_id":"00000000-0000-4000-8000-00000000000b"}}
-- victim-session: request.jwt.claims={"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated","org_id":"00000000-0000-4000-8000-00000000000a","app_metadata":{"org_id":"00000000-0000-4000-8000-00000000000a"},"user_metadata":{"org_id":"00000000-0000-4000-8000-00000000000a"}}
-- roles: app_owner app_user anon authenticated
-- exploit-begin
-- select exists (select 1 from todos where user_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy members on todos using (auth.uid() = user_id);
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
create table todos (id uuid primary key default gen_random_uuid(), user_id uuid not null references auth.users (id), task text not null);
insert into todos (user_id, task) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table todos enable row level security;
create policy members on todos using (auth.role() = 'authenticated');
grant select, insert, update, delete on todos to authenticated;
reset role;
