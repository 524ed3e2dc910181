-- verdict: leak
-- kind: subquery-unfiltered
-- object: public.documents
-- why: the sub-query returns every tenant that shares with anybody: nobody filters it by viewer
-- severity: high
-- also: public.shares
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from documents where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- exploit-end
-- fix-begin
-- alter policy all_links on shares using (viewer = nullif(current_setting('app.tenant_id', true), '')::uuid);
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
create table shares (viewer uuid not null references tenants (id), target uuid not null references tenants (id), primary key (viewer, target));
insert into shares values ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000a'), ('00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-00000000000b');
grant select on shares to app_user;
alter table shares enable row level security;
create policy all_links on shares for select using (viewer = nullif(current_setting('app.tenant_id', true), '')::uuid or target is not null);
create table documents (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into documents (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table documents enable row level security;
create policy shared on documents using (tenant_id in (select target from shares));
grant select on documents to app_user;
reset role;
