-- verdict: safe
-- kind: safe-barrier-join
-- object: public.my_lines
-- why: a barrier view over a join bound on both sides
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from my_lines where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
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
create table lines (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text,
  body text
);
insert into lines (tenant_id, title, body) values ('00000000-0000-4000-8000-00000000000a','A-SECRET','A-SECRET'),('00000000-0000-4000-8000-00000000000b','b','b');
alter table lines enable row level security;
create policy p on lines using (tenant_id = current_setting('app.tenant_id', true)::uuid);
create view my_lines with (security_barrier) as select d.title, l.body, l.tenant_id from docs d join lines l using (tenant_id, title) where d.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
grant select on my_lines to app_user;
reset role;
