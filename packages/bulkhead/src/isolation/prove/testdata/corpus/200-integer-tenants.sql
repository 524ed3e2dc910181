-- verdict: safe
-- kind: safe-integer-tenant
-- object: crm.leads
-- why: organisations are numbers, the schema is not public, the setting is app.org_id
-- session: app.org_id=2
-- roles: app_owner app_user
-- exploit-begin
-- insert into crm.leads (org_id, mail) values (1, 'planted');
-- select exists (select 1 from crm.leads where org_id = 1) as leaked;
-- exploit-end
-- check-begin
-- select count(*) <> 1 as leaked from crm.leads where org_id = 1;
-- check-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
create schema crm authorization app_owner;
grant usage on schema crm to app_user;
set role app_owner;
create table crm.orgs (id int primary key, name text not null);
insert into crm.orgs values (1, 'Alder'), (2, 'Birch');
create table crm.leads (id int generated always as identity primary key, org_id int not null references crm.orgs (id), mail text not null);
insert into crm.leads (org_id, mail) values (1, 'A-SECRET@alder.example'), (2, 'b@birch.example');
alter table crm.leads enable row level security;
create policy org_leads on crm.leads using (org_id = nullif(current_setting('app.org_id', true), '')::int);
grant select, insert, update, delete on crm.leads to app_user;
reset role;
