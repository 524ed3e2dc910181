-- verdict: leak
-- kind: attacker-controlled-setting
-- object: public.notes_private
-- why: the row owner is compared with app.user_id, which the attacker may choose
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- select set_config('app.user_id', '7', false);
-- select exists (select 1 from notes_private where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy tenant_isolation on notes_private using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid and owner_id = nullif(current_setting('app.user_id', true), '')::int);
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
create table teams (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  name text not null
);
insert into teams (tenant_id, name) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table teams enable row level security;
create policy tenant_isolation on teams using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on teams to app_user;
create table boards (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  name text not null
);
insert into boards (tenant_id, name) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table boards enable row level security;
create policy tenant_isolation on boards using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on boards to app_user;
create table notes_private (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  owner_id int not null,
  body text not null
);
insert into notes_private (tenant_id, owner_id, body) values ('00000000-0000-4000-8000-00000000000a', 7, 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 9, 'b');
alter table notes_private enable row level security;
create policy tenant_isolation on notes_private using (owner_id = nullif(current_setting('app.user_id', true), '')::int);
grant select, insert, update, delete on notes_private to app_user;
reset role;
