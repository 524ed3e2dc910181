-- verdict: safe
-- kind: safe-array-agg-any
-- object: public.docs
-- why: ANY over an aggregated array of a guarded list
-- roles: app_owner app_user
-- exploit-begin
-- insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'planted');
-- update docs set tenant_id = '00000000-0000-4000-8000-00000000000a';
-- select exists (select 1 from docs where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- check-begin
-- select exists (select 1 from docs where title = 'planted') or not exists (select 1 from docs where tenant_id = '00000000-0000-4000-8000-00000000000a' and title = 'A-SECRET') or (select count(*) from docs where tenant_id = '00000000-0000-4000-8000-00000000000a') <> 1 as leaked;
-- check-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
set role app_owner;
create table tenants (id uuid primary key, name text not null);
insert into tenants values ('00000000-0000-4000-8000-00000000000a', 'Alder'), ('00000000-0000-4000-8000-00000000000b', 'Birch');
create table links (
  viewer uuid not null references tenants (id),
  target uuid not null references tenants (id),
  primary key (viewer, target)
);
insert into links values ('00000000-0000-4000-8000-00000000000a','00000000-0000-4000-8000-00000000000a'),('00000000-0000-4000-8000-00000000000b','00000000-0000-4000-8000-00000000000b');
alter table links enable row level security;
create policy own on links for select using (viewer = current_setting('app.tenant_id', true)::uuid);
grant select on links to app_user;
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = any ((select array_agg(l.target) from links l where l.viewer = current_setting('app.tenant_id', true)::uuid)::uuid[]));
grant select, insert, update, delete on docs to app_user;
reset role;
