-- verdict: leak
-- kind: rls-not-enabled-link
-- object: public.document_tags
-- why: both ends are protected, the table between them is not
-- severity: high
-- also: public.documents public.tags
-- roles: app_owner app_user
-- exploit-begin
-- select exists (select 1 from document_tags where remark like '%A-SECRET%') as leaked;
-- exploit-end
-- fix-begin
-- alter table document_tags enable row level security;
-- create policy via_document on document_tags using (exists (select 1 from documents d where d.id = document_id and d.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid));
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
create table documents (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  body text not null
);
insert into documents (tenant_id, body) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table documents enable row level security;
create policy tenant_isolation on documents using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on documents to app_user;
create table tags (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  label text not null
);
insert into tags (tenant_id, label) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table tags enable row level security;
create policy tenant_isolation on tags using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on tags to app_user;
create table document_tags (document_id uuid not null references documents (id), tag_id uuid not null references tags (id), remark text not null, primary key (document_id, tag_id));
insert into document_tags select d.id, t.id, 'A-SECRET remark' from documents d, tags t where d.tenant_id = '00000000-0000-4000-8000-00000000000a' and t.tenant_id = '00000000-0000-4000-8000-00000000000a';
grant select on document_tags to app_user;
reset role;
