-- verdict: leak
-- kind: fk-set-null-across-tenants
-- object: public.tickets
-- why: the foreign key lacks the tenant: deleting one's own queue empties a column in another tenant's rows
-- severity: medium
-- also: public.queues
-- roles: app_owner app_user
-- exploit-begin
-- delete from queues where id = 1;
-- exploit-end
-- check-begin
-- select exists (select 1 from tickets where tenant_id = '00000000-0000-4000-8000-00000000000a' and queue_id is null) as leaked;
-- check-end
-- fix-begin
-- delete from tickets;
-- alter table queues add unique (tenant_id, id);
-- alter table tickets drop constraint tickets_queue_id_fkey;
-- alter table tickets add foreign key (tenant_id, queue_id) references queues (tenant_id, id) on delete set null (queue_id);
-- insert into queues values (2, '00000000-0000-4000-8000-00000000000a', 'a queue');
-- insert into tickets (tenant_id, queue_id) values ('00000000-0000-4000-8000-00000000000a', 2);
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
create table queues (id int primary key, tenant_id uuid not null references tenants (id), name text not null);
create table tickets (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants (id), queue_id int references queues (id) on delete set null);
insert into queues values (1, '00000000-0000-4000-8000-00000000000b', 'b queue');
insert into tickets (tenant_id, queue_id) values ('00000000-0000-4000-8000-00000000000a', 1);
alter table queues enable row level security;
create policy tenant_isolation on queues using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
alter table tickets enable row level security;
create policy tenant_isolation on tickets using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on queues to app_user;
grant select, insert, update, delete on tickets to app_user;
reset role;
