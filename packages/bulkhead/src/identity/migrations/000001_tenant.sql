-- The tenant directory: which tenants there are, and by which names a request may reach them.
-- The runner executes this file as the role `bulkhead`, which owns the schema and everything in it.

-- A slug can't look like a UUID, and a foreign id can't look like a slug or a UUID: every name of a
-- tenant has one reading, so no tenant can be registered under another one's id.
create table bulkhead.tenant (
  id uuid primary key default gen_random_uuid(),
  slug text not null unique
    check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'
           and slug !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'),
  external_id text unique
    check (length(external_id) <= 200 and external_id ~ '^[A-Za-z0-9][!-~]*$'
           and external_id !~* '^[a-z0-9-]{1,63}$' and external_id !~* '^[0-9a-f-]{36}$'),
  name text not null check (length(name) between 1 and 200),
  status text not null default 'active' check (status in ('active', 'disabled')),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  version uuid not null default gen_random_uuid()
);
comment on table bulkhead.tenant is 'The registered tenants. The app''s role can''t read it: it asks bulkhead.find_tenant for one at a time.';
comment on column bulkhead.tenant.id is 'What tenant_id columns and signed contexts hold; never reused.';
comment on column bulkhead.tenant.slug is 'Short name in hosts, paths and claims: one DNS label; never changed or reused, because tokens may hold it.';
comment on column bulkhead.tenant.external_id is 'The identity provider''s id of this tenant (Auth0 and Clerk: org_…), where its tokens carry that.';
comment on column bulkhead.tenant.name is 'What people are shown.';
comment on column bulkhead.tenant.status is 'A disabled tenant admits no request.';
comment on column bulkhead.tenant.created_at is 'When the tenant was registered.';
comment on column bulkhead.tenant.updated_at is 'When the row last changed.';
comment on column bulkhead.tenant.version is 'Names this state of the row: a change that was based on another one can be told.';

-- Drawn anew rather than counted: no other row, and no restored backup, comes to the same one.
create function bulkhead.another_version() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  new.version := gen_random_uuid();
  return new;
end
$$;
comment on function bulkhead.another_version() is 'Trigger: with every change, whoever makes it, a row has another version.';
revoke all on function bulkhead.another_version() from public;
create trigger bulkhead_version before update on bulkhead.tenant
  for each row execute function bulkhead.another_version();

create table bulkhead.tenant_domain (
  domain text primary key
    check (length(domain) <= 253
           and domain ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$'),
  tenant_id uuid not null references bulkhead.tenant (id),
  created_at timestamptz not null default clock_timestamp()
);
create index tenant_domain_tenant_id on bulkhead.tenant_domain (tenant_id, domain);
comment on table bulkhead.tenant_domain is 'Custom domains, each leading to one tenant.';
comment on column bulkhead.tenant_domain.domain is 'Lower-case host name in its ASCII (punycode) form, without a trailing dot.';
comment on column bulkhead.tenant_domain.tenant_id is 'The tenant the domain leads to.';
comment on column bulkhead.tenant_domain.created_at is 'When the domain was added.';

create table bulkhead.tenant_change (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  actor text not null,
  database_user text not null default session_user,
  action text not null,
  before jsonb,
  after jsonb,
  at timestamptz not null default clock_timestamp()
);
create index tenant_change_tenant_id on bulkhead.tenant_change (tenant_id, id);
comment on table bulkhead.tenant_change is 'What was changed in the directory, written in the statement that changed it. Append-only.';
comment on column bulkhead.tenant_change.id is 'Order of the changes.';
comment on column bulkhead.tenant_change.tenant_id is 'The tenant that was changed.';
comment on column bulkhead.tenant_change.actor is 'Who changed it, as the caller says.';
comment on column bulkhead.tenant_change.database_user is 'The database login it came by.';
comment on column bulkhead.tenant_change.action is 'create, import, rename, disable, enable, domain.add or domain.remove.';
comment on column bulkhead.tenant_change.before is 'The row before; null when there was none.';
comment on column bulkhead.tenant_change.after is 'The row after; null when it is gone.';
comment on column bulkhead.tenant_change.at is 'When.';

-- Our own house: a role that was granted too much still sees no row. The change log has no policy for
-- update or delete, so even its owner can only add to it.
alter table bulkhead.tenant enable row level security;
alter table bulkhead.tenant force row level security;
create policy bulkhead_owner on bulkhead.tenant to bulkhead using (true) with check (true);
alter table bulkhead.tenant_domain enable row level security;
alter table bulkhead.tenant_domain force row level security;
create policy bulkhead_owner on bulkhead.tenant_domain to bulkhead using (true) with check (true);
alter table bulkhead.tenant_change enable row level security;
alter table bulkhead.tenant_change force row level security;
create policy bulkhead_owner_reads on bulkhead.tenant_change for select to bulkhead using (true);
create policy bulkhead_owner_adds on bulkhead.tenant_change for insert to bulkhead with check (true);
revoke all on bulkhead.tenant, bulkhead.tenant_domain, bulkhead.tenant_change from public;

create function bulkhead.find_tenant(how text, value text)
returns table (id uuid, slug text, status text, external_id text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  -- One branch a name, so that each look-up is one index probe; a malformed id is an absent one.
  case how
    when 'id' then
      if value ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
        return query select t.id, t.slug, t.status, t.external_id
          from bulkhead.tenant t where t.id = value::uuid;
      end if;
    when 'slug' then
      return query select t.id, t.slug, t.status, t.external_id
        from bulkhead.tenant t where t.slug = value;
    when 'external' then
      return query select t.id, t.slug, t.status, t.external_id
        from bulkhead.tenant t where t.external_id = value;
    when 'domain' then
      return query select t.id, t.slug, t.status, t.external_id
        from bulkhead.tenant_domain d join bulkhead.tenant t on t.id = d.tenant_id
       where d.domain = value;
    else
      null;
  end case;
end
$$;
comment on function bulkhead.find_tenant(text, text) is 'One tenant by id, slug, external id or domain, or no row: all that the app''s role may ask of the directory.';
revoke all on function bulkhead.find_tenant(text, text) from public;
