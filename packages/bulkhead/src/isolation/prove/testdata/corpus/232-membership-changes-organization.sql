-- verdict: leak
-- kind: membership-writable
-- object: public.members
-- why: a member may change the organisation of its own membership row
-- severity: high
-- also: public.documents
-- app-role: authenticated
-- session: request.jwt.claims={"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated","org_id":"00000000-0000-4000-8000-00000000000b","app_metadata":{"org_id":"00000000-0000-4000-8000-00000000000b"},"user_metadata":{"org_id":"00000000-0000-4000-8000-00000000000b"}}
-- victim-session: request.jwt.claims={"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated","org_id":"00000000-0000-4000-8000-00000000000a","app_metadata":{"org_id":"00000000-0000-4000-8000-00000000000a"},"user_metadata":{"org_id":"00000000-0000-4000-8000-00000000000a"}}
-- roles: app_owner app_user anon authenticated
-- exploit-begin
-- update members set organization_id = '00000000-0000-4000-8000-00000000000a' where user_id = '00000000-0000-4000-8000-00000000000b';
-- select exists (select 1 from documents where organization_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- revoke update on members from authenticated;
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
create table organizations (id uuid primary key, name text not null);
insert into organizations values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table members (organization_id uuid not null references organizations (id), user_id uuid not null references auth.users (id), role text not null default 'member', primary key (organization_id, user_id));
insert into members values ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000a'), ('00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-00000000000b');
alter table members enable row level security;
create policy own on members for select to authenticated using (user_id = auth.uid());
create policy change on members for update to authenticated using (user_id = auth.uid()) with check (user_id = auth.uid());
grant select, update on members to authenticated;
create table documents (id uuid primary key default gen_random_uuid(), organization_id uuid not null references organizations (id), body text not null);
insert into documents (organization_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table documents enable row level security;
create policy member on documents to authenticated using (exists (select 1 from members m where m.organization_id = documents.organization_id and m.user_id = auth.uid()));
grant select, insert, update, delete on documents to authenticated;
reset role;
