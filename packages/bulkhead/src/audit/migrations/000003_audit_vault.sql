-- The vault's side of sealing and erasing. The runner executes this file as the role `bulkhead`.

create table bulkhead.audit_erasure (
  tenant_id uuid not null,
  ref bytea not null check (octet_length(ref) = 32),
  pseudonym uuid not null,
  erased_at timestamptz not null default clock_timestamp(),
  settled_from xid8,
  primary key (tenant_id, ref)
);
alter table bulkhead.audit_erasure enable row level security;
alter table bulkhead.audit_erasure force row level security;
create policy bulkhead_owner on bulkhead.audit_erasure to bulkhead using (true) with check (true);
revoke all on bulkhead.audit_erasure from public;
comment on table bulkhead.audit_erasure is 'Erased persons of whom there may still be events in the outbox: those are sealed as erased. A row goes as soon as there can be none.';
comment on column bulkhead.audit_erasure.tenant_id is 'Whose log.';
comment on column bulkhead.audit_erasure.ref is 'Keyed hash of the person''s type and id.';
comment on column bulkhead.audit_erasure.pseudonym is 'What the log calls the person.';
comment on column bulkhead.audit_erasure.erased_at is 'Events recorded up to then are the erased person''s.';
comment on column bulkhead.audit_erasure.settled_from is 'Once no transaction before this one is under way or in the outbox, the row may go; null until the erasure has committed.';

create function bulkhead.audit_erasures() returns bigint
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select erasures from bulkhead.audit_vault_state
$$;
comment on function bulkhead.audit_erasures() is 'How many persons were erased so far; what was sealed under another count must not be appended.';

create function bulkhead.audit_vault_read(tenants uuid[], refs bytea[])
returns table (ordinal integer, pseudonym uuid, wrapped_key bytea, erased_as uuid, erased_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
  select t.n::integer, s.pseudonym, s.wrapped_key, e.pseudonym, e.erased_at
    from unnest(tenants, refs) with ordinality as t (tenant_id, ref, n)
    left join bulkhead.audit_subject s on s.tenant_id = t.tenant_id and s.ref = t.ref
    left join bulkhead.audit_erasure e on e.tenant_id = t.tenant_id and e.ref = t.ref
   where s.pseudonym is not null or e.pseudonym is not null
$$;
comment on function bulkhead.audit_vault_read(uuid[], bytea[]) is 'Those persons that are known or were erased, by their place in the arguments.';

revoke all on function bulkhead.audit_erasures(), bulkhead.audit_vault_read(uuid[], bytea[]) from public;
