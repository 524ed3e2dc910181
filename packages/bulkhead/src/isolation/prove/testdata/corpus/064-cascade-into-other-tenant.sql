-- verdict: leak
-- kind: fk-cascade-across-tenants
-- object: public.attachments
-- why: the foreign key lacks the tenant and cascades: deleting one's own message deletes rows that another tenant hung on it
-- severity: high
-- also: public.mails
-- roles: app_owner app_user
-- exploit-begin
-- delete from mails where tenant_id = '00000000-0000-4000-8000-00000000000b';
-- exploit-end
-- check-begin
-- select not exists (select 1 from attachments where tenant_id = '00000000-0000-4000-8000-00000000000a') as leaked;
-- check-end
-- fix-begin
-- delete from attachments a using mails m where m.id = a.mail_id and m.tenant_id <> a.tenant_id;
-- alter table mails add unique (tenant_id, id);
-- alter table attachments drop constraint attachments_mail_id_fkey;
-- alter table attachments add foreign key (tenant_id, mail_id) references mails (tenant_id, id) on delete cascade;
-- insert into attachments (tenant_id, name) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET again');
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
create table mails (id uuid primary key, tenant_id uuid not null references tenants (id), body text not null);
create table attachments (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants (id), mail_id uuid references mails (id) on delete cascade, name text not null);
insert into mails values ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-00000000000b', 'b mail');
insert into attachments (tenant_id, mail_id, name) values ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-0000000000b1', 'A-SECRET, attached to a mail of b');
alter table mails enable row level security;
create policy tenant_isolation on mails using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
alter table attachments enable row level security;
create policy tenant_isolation on attachments using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on mails to app_user;
grant select, insert, update, delete on attachments to app_user;
reset role;
