-- verdict: leak
-- kind: rls-not-enabled
-- object: public.leads
-- why: the table carries org_id and the app role may read it, but nothing filters its rows
-- severity: high
-- session: app.org_id=2
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from leads where org_id = 1) as leaked;
-- exploit-end
-- fix-begin
-- alter table leads enable row level security;
-- create policy org_leads on leads using (org_id = current_setting('app.org_id', true)::int);
-- fix-end

do $$ begin
  if to_regrole('app_owner') is null then create role app_owner nologin; end if;
  if to_regrole('app_user') is null then create role app_user login; end if;
end $$;
grant create, usage on schema public to app_owner;
grant usage on schema public to app_user;
set role app_owner;
create table orgs (id int primary key, name text not null);
insert into orgs values (1, 'Alder'), (2, 'Birch');
create table accounts (id int generated always as identity primary key, org_id int not null references orgs (id), title text not null);
insert into accounts (org_id, title) values (1, 'A-SECRET account'), (2, 'b account');
alter table accounts enable row level security;
create policy org_accounts on accounts using (org_id = current_setting('app.org_id', true)::int);
create table leads (id int generated always as identity primary key, org_id int not null references orgs (id), mail text not null);
insert into leads (org_id, mail) values (1, 'A-SECRET@alder.example'), (2, 'b@birch.example');
grant select, insert, update, delete on accounts, leads to app_user;
reset role;
