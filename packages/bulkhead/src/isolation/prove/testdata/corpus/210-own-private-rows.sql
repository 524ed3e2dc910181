-- verdict: safe
-- kind: safe-narrower
-- object: public.notes
-- why: narrower than the tenant: also the author, from a setting of the session, must match
-- roles: app_owner app_user
-- exploit-begin
-- select set_config('app.user_name', 'ann', false);
-- select exists (select 1 from notes where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null);
insert into tenants values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table notes (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  author text not null,
  note text not null
);
insert into notes (tenant_id, author, note) values ('00000000-0000-4000-8000-00000000000a', 'ann', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'bob', 'b');
alter table notes enable row level security;
create policy own on notes using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid and author = current_setting('app.user_name', true));
grant select, insert, update, delete on notes to app_user;
reset role;
