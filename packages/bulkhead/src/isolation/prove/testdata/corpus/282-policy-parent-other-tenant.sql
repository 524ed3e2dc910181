-- verdict: leak
-- kind: policy-parent-other-tenant
-- object: public.lines
-- why: the child's policy asks a parent whose policy shows shared rows of everyone
-- severity: high
-- also: public.boards
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from lines where body = 'A-SECRET') as leaked;
-- exploit-end
-- fix-begin
-- alter policy p on boards using (tenant_id = current_setting('app.tenant_id', true)::uuid);
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
create table boards (
  id uuid primary key,
  tenant_id uuid not null references tenants (id),
  open boolean not null
);
insert into boards values ('00000000-0000-4000-8000-0000000000a1','00000000-0000-4000-8000-00000000000a',true);
alter table boards enable row level security;
create policy p on boards using (tenant_id = current_setting('app.tenant_id', true)::uuid or open);
grant select on boards to app_user;
create table lines (
  id uuid primary key default gen_random_uuid(),
  board_id uuid not null references boards(id),
  body text
);
insert into lines (board_id, body) values ('00000000-0000-4000-8000-0000000000a1','A-SECRET');
alter table lines enable row level security;
create policy p on lines using (exists (select 1 from boards b where b.id = lines.board_id));
grant select on lines to app_user;
reset role;
