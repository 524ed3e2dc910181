-- verdict: leak
-- kind: secdef-error-message
-- object: public.check_code
-- why: the definer function puts another tenant's value into its error message
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ begin
--   perform check_code('X1');
-- exception when others then perform set_config('probe.seen', sqlerrm, false);
-- end $d$;
-- select coalesce(current_setting('probe.seen', true) like '%A-SECRET%', false) as leaked;
-- exploit-end
-- fix-begin
-- create or replace function check_code(p_code text) returns void language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
-- declare found_holder text;
-- begin
--   select holder into found_holder from public.codes where code = p_code and tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
--   if found_holder is not null then
--     raise exception 'code % is held by %', p_code, found_holder;
--   end if;
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
create table codes (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  code text not null,
  holder text not null
);
insert into codes (tenant_id, code, holder) values ('00000000-0000-4000-8000-00000000000a', 'X1', 'A-SECRET holder'), ('00000000-0000-4000-8000-00000000000b', 'Y1', 'b');
alter table codes enable row level security;
create policy tenant_isolation on codes using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on codes to app_user;
create function check_code(p_code text) returns void language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare found_holder text;
begin
  select holder into found_holder from public.codes where code = p_code;
  if found_holder is not null then
    raise exception 'code % is held by %', p_code, found_holder;
  end if;
end $$;
reset role;
