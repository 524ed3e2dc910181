-- verdict: leak
-- kind: fk-without-tenant
-- object: public.line_notes
-- why: the foreign key has two columns, but neither is the tenant
-- severity: medium
-- also: public.lines
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ begin
--   begin insert into line_notes (tenant_id, doc, line, body) values ('00000000-0000-4000-8000-00000000000b', 9, 9, 'probe'); exception when foreign_key_violation then perform set_config('probe.miss', 't', false); end;
--   begin insert into line_notes (tenant_id, doc, line, body) values ('00000000-0000-4000-8000-00000000000b', 1, 1, 'probe'); perform set_config('probe.hit', 't', false); exception when foreign_key_violation then null; end;
-- end $d$;
-- select coalesce(current_setting('probe.hit', true) = 't' and current_setting('probe.miss', true) = 't', false) as leaked;
-- exploit-end
-- fix-begin
-- alter table lines add unique (tenant_id, doc, line);
-- alter table line_notes drop constraint line_notes_doc_line_fkey;
-- alter table line_notes add foreign key (tenant_id, doc, line) references lines (tenant_id, doc, line);
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
create table lines (doc int not null, line int not null, tenant_id uuid not null references tenants (id), body text not null, primary key (doc, line));
create table line_notes (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants (id), doc int not null, line int not null, body text not null, foreign key (doc, line) references lines);
insert into lines values (1, 1, '00000000-0000-4000-8000-00000000000a', 'A-SECRET'), (2, 1, '00000000-0000-4000-8000-00000000000b', 'b');
alter table lines enable row level security;
create policy tenant_isolation on lines using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
alter table line_notes enable row level security;
create policy tenant_isolation on line_notes using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select on lines to app_user;
grant select, insert, update, delete on line_notes to app_user;
reset role;
