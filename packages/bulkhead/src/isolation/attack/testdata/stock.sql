-- A small inventory app, protected as Bulkhead asks: warehouses, items, movements by year, a view, a function.

create table warehouse (
  tenant_id uuid not null default bulkhead.tenant_id(),
  id uuid not null default gen_random_uuid(),
  name text not null,
  contact text not null,
  primary key (tenant_id, id),
  unique (tenant_id, contact)
);
create table item (
  tenant_id uuid not null default bulkhead.tenant_id(),
  id uuid not null default gen_random_uuid(),
  warehouse_id uuid not null,
  label text not null,
  worth bigint not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, warehouse_id) references warehouse (tenant_id, id)
);
create index on item (tenant_id, warehouse_id);
create table movement (
  tenant_id uuid not null default bulkhead.tenant_id(),
  id uuid not null default gen_random_uuid(),
  on_day date not null,
  remark text not null,
  primary key (tenant_id, on_day, id)
) partition by range (on_day);
create table movement_2025 partition of movement for values from ('2025-01-01') to ('2026-01-01');
create table movement_2026 partition of movement for values from ('2026-01-01') to ('2027-01-01');
create table unit_of_measure (code text primary key, title text not null);

insert into unit_of_measure values ('kg', 'Kilogramme (metric)'), ('lb', 'Pound avoirdupois');
insert into warehouse (tenant_id, id, name, contact)
select t.id, w.id, 'Depot of ' || t.name || ' no. ' || n, 'depot' || n || '@' || t.name || '.example'
from (values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'amber'), ('bbbbbbbb-0000-4000-8000-000000000002', 'basalt'), ('cccccccc-0000-4000-8000-000000000003', 'cobalt')) t(id, name),
     generate_series(1, 3) n, lateral (select md5(t.name || n)::uuid as id) w;
insert into item (tenant_id, warehouse_id, id, label, worth)
select w.tenant_id, w.id, md5(w.contact || n)::uuid, 'Crate ' || md5(w.name || n), 100000000 + ('x' || substr(md5(w.name || n), 1, 7))::bit(28)::int
from warehouse w, generate_series(1, 5) n;
insert into movement (tenant_id, on_day, remark)
select i.tenant_id, date '2025-06-01' + (n * 300), 'moved ' || i.label || ' on run ' || n from item i, generate_series(0, 1) n;

create view item_overview with (security_invoker = true) as
  select i.tenant_id, i.id, i.label, w.name as warehouse from item i join warehouse w using (tenant_id)
  where w.id = i.warehouse_id;
create function find_items(pattern text) returns setof item
language sql stable set search_path = public, pg_temp
as $$ select * from item where label like pattern $$;

select bulkhead.protect_table(c.oid::regclass) from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'unit_of_measure';

grant usage on schema public to test_app;
grant select, insert, update, delete on warehouse, item to test_app;
grant select, insert on movement to test_app;
grant select on item_overview, unit_of_measure to test_app;
revoke execute on function find_items(text) from public;
grant execute on function find_items(text) to test_app;
