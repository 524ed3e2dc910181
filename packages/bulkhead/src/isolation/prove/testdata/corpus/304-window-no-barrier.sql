-- verdict: leak
-- kind: window-no-barrier
-- object: public.my_docs
-- why: a window cut by a column lets predicates on that column through
-- severity: medium
-- roles: app_owner app_user
-- exploit-begin
-- create function pg_temp.peek(text) returns boolean language plpgsql stable cost 0.0000001 as $f$ begin if $1 like 'A-SECRET%' then perform set_config('p.hit', 't', false); end if; return true; end $f$;
-- select count(*) from my_docs where pg_temp.peek(title);
-- select coalesce(current_setting('p.hit', true) = 't', false) as leaked;
-- exploit-end
-- fix-begin
-- alter view my_docs set (security_barrier = true);
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
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
create view my_docs as select title, row_number() over (partition by title) as n from docs where tenant_id = current_setting('app.tenant_id', true)::uuid;
grant select on my_docs to app_user;
reset role;
