-- verdict: safe
-- kind: safe-same-errors
-- object: public.open_doc
-- why: the same answer for another tenant's row and for none
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ begin perform open_doc('A-SECRET'); perform set_config('p.hit','t',false); exception when others then if sqlerrm <> 'not found' then perform set_config('p.hit','t',false); end if; end $d$;
-- select coalesce(current_setting('p.hit', true) = 't', false) as leaked;
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
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
create function open_doc(p text) returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ declare r public.docs%rowtype; begin select * into r from public.docs where title = p; if not found or r.tenant_id is distinct from nullif(current_setting('app.tenant_id', true), '')::uuid then raise exception 'not found'; end if; return r.title; end $$;
reset role;
