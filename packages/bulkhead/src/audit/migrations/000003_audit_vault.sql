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

-- Erasing --------------------------------------------------------------------------------------------------

-- The moment of erasure, in one transaction: the key goes, and with it everything that it opens, wherever it
-- lies; the log is told. What is left to do after it (deleting what nobody can open any more) is tidying.
create function bulkhead.audit_erase(tenant uuid, person bytea, unknown_as uuid, event_id uuid, who text, event jsonb)
returns table (pseudonym uuid, was_known boolean)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  live uuid;
  gone uuid;
  moment timestamptz;
begin
  -- Waits for the batch that is being appended, and makes the next one be sealed anew.
  update bulkhead.audit_vault_state set erasures = erasures + 1;
  moment := clock_timestamp();
  update bulkhead.audit_subject s
     set ref = null, sealed_ref = null, wrapped_key = null, erased_at = moment
   where s.tenant_id = tenant and s.ref = person
  returning s.pseudonym into live;
  select e.pseudonym into gone from bulkhead.audit_erasure e where e.tenant_id = tenant and e.ref = person;
  if live is null and gone is not null then
    return query select gone, true;
    return;
  end if;
  if live is null then
    -- Nobody by this name is in the log yet, but perhaps in the outbox.
    insert into bulkhead.audit_subject (tenant_id, pseudonym, erased_at) values (tenant, unknown_as, moment);
  end if;
  insert into bulkhead.audit_erasure (tenant_id, ref, pseudonym, erased_at)
  values (tenant, person, coalesce(live, unknown_as), moment)
      on conflict (tenant_id, ref)
      do update set pseudonym = excluded.pseudonym, erased_at = excluded.erased_at, settled_from = null;
  insert into bulkhead.audit_pending (tenant_id, class, event_id, recorded_at, actor, source, event)
  values (tenant, 'standard', event_id, moment, who, 'operator',
          jsonb_set(event, '{targets,0,id}', to_jsonb(coalesce(live, unknown_as)::text))::text);
  return query select coalesce(live, unknown_as), live is not null;
end
$$;
comment on function bulkhead.audit_erase(uuid, bytea, uuid, uuid, text, jsonb) is 'Destroys a person''s key and records that it was done. Done again, it changes nothing.';

create function bulkhead.audit_erase_openings(tenant uuid, person uuid, rows_max integer) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  block record;
  deleted bigint := 0;
begin
  if not exists (select from bulkhead.audit_subject s
                  where s.tenant_id = tenant and s.pseudonym = person and s.erased_at is not null) then
    raise exception 'bulkhead: nobody of this pseudonym was erased' using errcode = '22023';
  end if;
  for block in
    with doomed as (
      select o.ctid as place from bulkhead.audit_opening o
       where o.tenant_id = tenant and o.subject = person limit rows_max),
    dropped as (
      delete from bulkhead.audit_opening o using doomed d
       where o.ctid = d.place and o.tenant_id = tenant and o.subject = person
      returning o.class, o.leaf_index)
    select d.class, array_agg(distinct d.leaf_index / 1024) as blocks, count(*) as n
      from dropped d group by d.class
  loop
    deleted := deleted + block.n;
    perform bulkhead.audit_search_forget(tenant, block.class, block.blocks);
  end loop;
  return deleted;
end
$$;
comment on function bulkhead.audit_erase_openings(uuid, uuid, integer) is 'Deletes openings of an erased person, and what search knows of the blocks they lie in; returns how many.';

create function bulkhead.audit_erasures_unfinished() returns table (tenant_id uuid, pseudonym uuid)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select e.tenant_id, e.pseudonym from bulkhead.audit_erasure e
   where exists (select from bulkhead.audit_opening o where o.tenant_id = e.tenant_id and o.subject = e.pseudonym)
$$;
comment on function bulkhead.audit_erasures_unfinished() is 'Erased persons of whom there still are openings, because whoever erased them was cut off.';

-- Two steps, each harmless to repeat. Transactions that began to write before the mark may still record in
-- the person's old name; once they have ended and the outbox holds nothing of theirs, nobody can.
create function bulkhead.audit_erasures_settle() returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  settled bigint;
begin
  delete from bulkhead.audit_erasure e
   where e.settled_from <= pg_snapshot_xmin(pg_current_snapshot())
     and not exists (select from bulkhead.audit_pending p where p.xid < e.settled_from)
     and not exists (select from bulkhead.audit_opening o where o.tenant_id = e.tenant_id and o.subject = e.pseudonym);
  get diagnostics settled = row_count;
  update bulkhead.audit_erasure set settled_from = pg_snapshot_xmax(pg_current_snapshot())
   where settled_from is null;
  return settled;
end
$$;
comment on function bulkhead.audit_erasures_settle() is 'Forgets the references of erased persons of whom nothing can come any more; returns of how many.';

revoke all on function bulkhead.audit_erase(uuid, bytea, uuid, uuid, text, jsonb),
  bulkhead.audit_erase_openings(uuid, uuid, integer), bulkhead.audit_erasures_unfinished(),
  bulkhead.audit_erasures_settle() from public;
