-- Many events in one row, on both sides of the sequencer: recorded together they lie in the outbox together, and
-- what is personal in a chunk of leaves is sealed person by person instead of event by event.
-- The runner executes this file as the role `bulkhead`.

comment on column bulkhead.audit_pending.source is 'record: the app said so; row: a trigger saw it; operator: staff or the system; parcel: many events that the app said so, one a line, in the name of the verified context; signed: the same, each line in the name of whom the signed parcel says.';
comment on column bulkhead.audit_pending.event is 'The event as JSON, as it was given; of a parcel its lines.';
-- A parcel is read once and then deleted: compressing it would cost more than it saves.
alter table bulkhead.audit_pending alter column event set storage external;
alter table bulkhead.audit_pending set (
  toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 20000);

-- It orders what one transaction recorded, and that comes from one session: nobody needs to wait for the others' turn.
alter table bulkhead.audit_pending alter column seq set cache 32;

-- Members says for which of the 256 leaves of its tile a row is: one byte each. Rows from before this release
-- have none, and are for their leaf alone.
alter table bulkhead.audit_opening add column members bytea check (octet_length(members) between 1 and 256);
alter table bulkhead.audit_opening alter column members set storage plain;
alter table bulkhead.audit_opening alter column event_id drop not null;
comment on column bulkhead.audit_opening.event_id is 'The event; null for a row of several, which names them inside.';
comment on column bulkhead.audit_opening.leaf_index is 'The event''s place in the log; of several, the first''s.';
comment on column bulkhead.audit_opening.members is 'The leaves that it is for, modulo 256, one byte each; null for the one leaf alone.';

-- Recording ------------------------------------------------------------------------------------------------

create function bulkhead.audit_record_parcels(parcels text[]) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.tenant_id();
begin
  if tenant is null then
    raise exception 'bulkhead: no context to record in' using errcode = '28000';
  end if;
  insert into bulkhead.audit_pending (tenant_id, class, event_id, actor, source, event)
  -- tenant_id() has verified the token that the actor is cut from; see bulkhead.actor().
  select tenant, 'standard', gen_random_uuid(), substr(left(current_setting('bulkhead.context'), -65), 61), 'parcel', p.lines
    from unnest(parcels) as p (lines);
end
$$;
comment on function bulkhead.audit_record_parcels(text[]) is 'Records many events of the verified tenant by the verified actor, in the caller''s transaction; a line each: id, class, JSON.';

-- The text is signed as a context is, p1.<kid:8>.<expiry:10>. standing before it, so that one signature vouches for
-- all that the text says. Sent again it does nothing, since its events have their ids.
create function bulkhead.audit_submit_parcel(head text, lines text, mac text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  ok boolean;
  expiry timestamptz;
begin
  select encode(sha256(k.opad || sha256(k.ipad || convert_to(head || lines, 'UTF8'))), 'hex') = mac
         and substr(head, 1, 3) = 'p1.'
         and length(head) = 23
         and k.revoked_at is null
         and k.not_after > clock_timestamp()
    into ok
    from bulkhead.context_key k
   where k.kid = substr(head, 4, 8);
  if ok is not true then
    raise exception 'bulkhead: parcel refused' using errcode = '28000';
  end if;
  expiry := to_timestamp(substr(head, 13, 10)::bigint);
  if expiry <= clock_timestamp() or expiry > clock_timestamp() + interval '900 seconds' then
    raise exception 'bulkhead: parcel refused' using errcode = '28000';
  end if;
  insert into bulkhead.audit_pending (tenant_id, class, event_id, actor, source, event)
  values ('00000000-0000-0000-0000-000000000000', 'standard', gen_random_uuid(), null, 'signed', lines);
end
$$;
comment on function bulkhead.audit_submit_parcel(text, text, text) is 'Records events of several tenants and actors, all vouched for by one signature.';

-- Sequencing -----------------------------------------------------------------------------------------------

-- For a parcel that holds an event which cannot be appended, or one of a log that waits: its events become rows
-- of their own, at the same place in time.
create function bulkhead.audit_unpack(
  of_place tid, of_seq bigint, tenants uuid[], classes text[], ids uuid[], actors text[], events text[])
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  parcel record;
begin
  delete from bulkhead.audit_pending p where p.ctid = of_place and p.seq = of_seq
  returning p.xid, p.recorded_at into parcel;
  if not found then
    raise exception 'bulkhead: a parcel is gone' using errcode = '40001';
  end if;
  insert into bulkhead.audit_pending (xid, recorded_at, tenant_id, class, event_id, actor, source, event)
  select parcel.xid, parcel.recorded_at, t.tenant_id, t.class, t.id, t.actor, 'record', t.event
    from unnest(tenants, classes, ids, actors, events) as t (tenant_id, class, id, actor, event);
end
$$;
comment on function bulkhead.audit_unpack(tid, bigint, uuid[], text[], uuid[], text[], text[]) is 'Makes of a parcel in the outbox a row for each of its events.';

-- A worker of an earlier release cannot read parcels and would record each as one event that it cannot read: it
-- finds its statement gone, waits, and loses nothing.
drop function bulkhead.audit_append;

-- One batch, in one statement and so in one transaction: the outbox rows go, everything else comes. Fenced
-- three times: the rows must still be there, every head must be where the sequencer left it, and nobody may
-- have been erased since it was sealed. Whoever lost the race changes nothing.
--
-- All byte strings lie end to end in `bytes`, so that they travel as they are; the arguments named _at and
-- _length say where.
create function bulkhead.audit_append(
  places tid[], seqs bigint[], bytes bytea,
  log_tenant uuid[], log_class text[], log_origin text[], log_expected bigint[], log_next bigint[],
  log_frontier_at integer[], log_frontier_length integer[],
  chunk_log integer[], chunk_first bigint[], chunk_count integer[],
  chunk_entries_at integer[], chunk_entries_length integer[], chunk_hashes_at integer[],
  tile_log integer[], tile_level smallint[], tile_first bigint[], tile_count integer[], tile_hashes_at integer[],
  event_id uuid[],
  subject_tenant uuid[], subject_pseudonym uuid[], subject_ref_at integer[],
  subject_sealed_ref_length integer[], subject_wrapped_key_length integer[],
  opening_log integer[], opening_leaf_index bigint[], opening_subject uuid[],
  opening_at integer[], opening_members integer[], opening_length integer[], erasures_expected bigint)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  n bigint;
  latest timestamptz;
begin
  with taken as (
    delete from bulkhead.audit_pending p using unnest(places, seqs) as t (place, seq)
     where p.ctid = t.place and p.seq = t.seq
    returning p.recorded_at)
  select count(*), max(t.recorded_at) filter (where t.recorded_at < '9999-12-31') into n, latest from taken t;
  if n <> cardinality(seqs) then
    raise exception 'bulkhead: % of % recorded rows are gone', cardinality(seqs) - n, cardinality(seqs)
      using errcode = '40001';
  end if;

  insert into bulkhead.audit_log (tenant_id, class, origin)
  select t.tenant_id, t.class, t.origin
    from unnest(log_tenant, log_class, log_origin, log_expected) as t (tenant_id, class, origin, expected)
   where t.expected = 0
      on conflict (tenant_id, class) do nothing;
  update bulkhead.audit_log l
     set next = t.next, frontier = substr(bytes, t.frontier_at + 1, t.frontier_length)
    from unnest(log_tenant, log_class, log_origin, log_expected, log_next, log_frontier_at, log_frontier_length)
      as t (tenant_id, class, origin, expected, next, frontier_at, frontier_length)
   where l.tenant_id = t.tenant_id and l.class = t.class
     and l.next = t.expected and l.origin = t.origin and t.next > t.expected;
  get diagnostics n = row_count;
  if n <> cardinality(log_tenant) then
    raise exception 'bulkhead: % of % heads are elsewhere', cardinality(log_tenant) - n, cardinality(log_tenant)
      using errcode = '40001';
  end if;

  -- Nothing is appended before it was recorded, though the clock be set back in between: those who verify and
  -- those who search rely on it.
  insert into bulkhead.audit_chunk (tenant_id, class, first, count, entries, hashes, sequenced_at)
  select log_tenant[t.log], log_class[t.log], t.first, t.count,
         substr(bytes, t.entries_at + 1, t.entries_length), substr(bytes, t.hashes_at + 1, 32 * t.count),
         greatest(clock_timestamp(), latest)
    from unnest(chunk_log, chunk_first, chunk_count, chunk_entries_at, chunk_entries_length, chunk_hashes_at)
      as t (log, first, count, entries_at, entries_length, hashes_at);

  if cardinality(tile_log) > 0 then
    insert into bulkhead.audit_tile (tenant_id, class, level, first, count, hashes)
    select log_tenant[t.log], log_class[t.log], t.level, t.first, t.count,
           substr(bytes, t.hashes_at + 1, 32 * t.count)
      from unnest(tile_log, tile_level, tile_first, tile_count, tile_hashes_at)
        as t (log, level, first, count, hashes_at);
  end if;

  -- The ids lie chunk by chunk. A text is looked for in its array from the beginning: once a chunk, not once an event.
  insert into bulkhead.audit_event (tenant_id, id, class, leaf_index)
  select c.tenant_id, event_id[c.before + g.nth], c.class, c.first + g.nth - 1
    from (select log_tenant[t.log] as tenant_id, log_class[t.log] as class, t.first, t.count,
                 sum(t.count) over (order by t.n) - t.count as before
            from unnest(chunk_log, chunk_first, chunk_count) with ordinality as t (log, first, count, n)
          offset 0) as c
   cross join lateral generate_series(1, c.count) as g (nth);
  get diagnostics n = row_count;
  if n <> cardinality(event_id) then
    raise exception 'bulkhead: % leaves, % ids', n, cardinality(event_id) using errcode = '22023';
  end if;

  if cardinality(subject_tenant) > 0 or cardinality(opening_log) > 0 then
    -- FOR SHARE: an erasure under way is waited for, and one that comes later finds these openings.
    perform from bulkhead.audit_vault_state v where v.erasures = erasures_expected for share;
    if not found then
      raise exception 'bulkhead: somebody was erased meanwhile' using errcode = '40001';
    end if;
    if cardinality(subject_tenant) > 0 then
      insert into bulkhead.audit_subject (tenant_id, pseudonym, ref, sealed_ref, wrapped_key)
      select t.tenant_id, t.pseudonym, substr(bytes, t.ref_at + 1, 32),
             substr(bytes, t.ref_at + 33, t.sealed_ref_length),
             substr(bytes, t.ref_at + 33 + t.sealed_ref_length, t.wrapped_key_length)
        from unnest(subject_tenant, subject_pseudonym, subject_ref_at, subject_sealed_ref_length, subject_wrapped_key_length)
          as t (tenant_id, pseudonym, ref_at, sealed_ref_length, wrapped_key_length)
          on conflict (tenant_id, ref) do nothing;
      get diagnostics n = row_count;
      if n <> cardinality(subject_tenant) then
        raise exception 'bulkhead: % persons were known already', cardinality(subject_tenant) - n
          using errcode = '40001';
      end if;
    end if;
    -- Members first, then what is sealed.
    insert into bulkhead.audit_opening (tenant_id, subject, class, leaf_index, members, sealed)
    select log_tenant[t.log], t.subject, log_class[t.log], t.leaf_index,
           substr(bytes, t.at + 1, t.members), substr(bytes, t.at + 1 + t.members, t.length)
      from unnest(opening_log, opening_leaf_index, opening_subject, opening_at, opening_members, opening_length)
        as t (log, leaf_index, subject, at, members, length);
  end if;

  insert into bulkhead.audit_unsigned (tenant_id, class, size)
  select t.tenant_id, t.class, t.next from unnest(log_tenant, log_class, log_next) as t (tenant_id, class, next)
      on conflict (tenant_id, class) do update set size = excluded.size;
end
$$;
comment on function bulkhead.audit_append is 'Moves recorded events from the outbox into their logs, all or none; raises 40001 when another sequencer or an erasure came first.';

-- Erasing --------------------------------------------------------------------------------------------------

-- As before, but that a row may be of several events, all of which count.
create or replace function bulkhead.audit_erase_openings(tenant uuid, person uuid, rows_max integer) returns bigint
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
      returning o.class, o.leaf_index, coalesce(octet_length(o.members), 1) as events)
    select d.class, array_agg(distinct d.leaf_index / 1024) as blocks, sum(d.events) as n
      from dropped d group by d.class
  loop
    deleted := deleted + block.n;
    perform bulkhead.audit_search_forget(tenant, block.class, block.blocks);
  end loop;
  return deleted;
end
$$;

-- Reading --------------------------------------------------------------------------------------------------

-- One leaf out of a chunk, so that nobody fetches 256 to read one. It is the caller who may read the chunk or may not.
create function bulkhead.audit_leaf(entries bytea, nth integer) returns bytea
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Fetched once: as it was given, every look at a byte would fetch it again.
  bundle bytea := substr(entries, 1);
  size integer := octet_length(bundle);
  at integer := 0;
  length integer;
begin
  for before in 0 .. nth loop
    if at + 2 > size then
      return null;
    end if;
    length := 256 * get_byte(bundle, at) + get_byte(bundle, at + 1);
    at := at + 2 + length;
  end loop;
  if at > size then
    return null;
  end if;
  return substr(bundle, at - length + 1, length);
end
$$;
comment on function bulkhead.audit_leaf(bytea, integer) is 'One leaf of a chunk''s entries, counted from 0; null where there is none.';

drop function bulkhead.audit_search_openings(uuid, text, bigint);
create function bulkhead.audit_search_openings(tenant uuid, of_class text, of_block bigint)
returns table (class text, leaf_index bigint, subject uuid, members bytea, sealed bytea)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select o.class, o.leaf_index, o.subject, o.members, o.sealed from bulkhead.audit_opening o
   where o.tenant_id = tenant and o.class = of_class
     and o.leaf_index >= 1024 * of_block and o.leaf_index < 1024 * (of_block + 1)
$$;
comment on function bulkhead.audit_search_openings(uuid, text, bigint) is 'The personal values of a block, sealed, for the indexer.';

do $$
declare
  routine regprocedure;
begin
  for routine in
    select p.oid::regprocedure from pg_catalog.pg_proc p
     where p.pronamespace = 'bulkhead'::regnamespace
       and p.proname in ('audit_record_parcels', 'audit_submit_parcel', 'audit_unpack', 'audit_append', 'audit_search_openings', 'audit_leaf')
  loop
    execute format('revoke all on function %s from public', routine);
  end loop;
end
$$;

-- Rows of ours in a log would tell its readers what only the database may know, such as keys.
create or replace function bulkhead.audit_track(target regclass, settings jsonb default '{}') returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  known text[] := array['as', 'class', 'exclude', 'mask', 'personal', 'tenant'];
  column_names text[] := array(
    select a.attname from pg_catalog.pg_attribute a
     where a.attrelid = target and a.attnum > 0 and not a.attisdropped order by a.attnum);
  -- Of another type, whoever changes a row in no context would fail by it.
  tenant_columns text[] := array(
    select a.attname from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
     where a.attrelid = target and (t.typcategory = 'S' or 'uuid'::regtype in (t.oid, t.typbasetype)));
  named text;
  tenant_column text;
  key_columns text[];
  -- A table that inherits has no key of its own, though its rows are the other's too.
  key_of regclass := target;
  row_type text := coalesce(settings ->> 'as', (
    select nullif(left(regexp_replace(regexp_replace(lower(c.relname), '[^a-z0-9_]+', '_', 'g'), '^[^a-z]+', ''), 64), '')
      from pg_catalog.pg_class c where c.oid = target), 'row');
  whole jsonb;
  part record;
begin
  if (select c.relkind from pg_catalog.pg_class c where c.oid = target) not in ('r', 'p') then
    raise exception 'bulkhead: % is no table', target using errcode = '42809';
  end if;
  if exists (
    select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.oid = target and (n.nspname in ('bulkhead', 'information_schema') or n.nspname like 'pg\_%'))
  then
    raise exception 'bulkhead: % is no table of the app''s', target using errcode = '42809';
  end if;
  if exists (select from jsonb_object_keys(settings) as k where k <> all (known)) then
    raise exception 'bulkhead: settings are %', array_to_string(known, ', ') using errcode = '22023';
  end if;
  tenant_column := coalesce(settings ->> 'tenant', case when 'tenant_id' = any (tenant_columns) then 'tenant_id' end);
  for named in
    select jsonb_array_elements_text(coalesce(settings -> 'exclude', '[]'))
    union all select jsonb_array_elements_text(coalesce(settings -> 'mask', '[]'))
    union all select jsonb_object_keys(coalesce(settings -> 'personal', '{}'))
    union all select p.value ->> 'id' from jsonb_each(coalesce(settings -> 'personal', '{}')) as p
               where p.value ->> 'type' <> 'actor'
    union all select tenant_column where tenant_column is not null
  loop
    if named is null or named <> all (column_names) then
      raise exception 'bulkhead: % has no column %', target, coalesce(named, 'of that name') using errcode = '42703';
    end if;
  end loop;
  if tenant_column is not null and tenant_column <> all (tenant_columns) then
    raise exception 'bulkhead: %.% names no tenants: their ids are of type uuid', target, tenant_column using errcode = '42804';
  end if;
  if coalesce(settings ->> 'class', 'standard') !~ '^[a-z][a-z0-9-]{0,31}$'
     or coalesce(settings ->> 'as', 'row') !~ '^[a-z][a-z0-9_.]{0,63}$'
     or exists (select from jsonb_each(coalesce(settings -> 'personal', '{}')) as p
                 where coalesce(p.value ->> 'type', '') !~ '^[a-z][a-z0-9_.]{0,63}$') then
    raise exception 'bulkhead: a class or a type is a word in lower case' using errcode = '22023';
  end if;
  while not exists (select from pg_catalog.pg_index i where i.indrelid = key_of and i.indisprimary) loop
    select i.inhparent into key_of from pg_catalog.pg_inherits i where i.inhrelid = key_of order by i.inhseqno limit 1;
    exit when key_of is null;
  end loop;
  key_columns := array(
    select a.attname::text
      from pg_catalog.pg_index i
     cross join lateral unnest(i.indkey) with ordinality as k (attnum, n)
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
     where i.indrelid = key_of and i.indisprimary and a.attname is distinct from tenant_column
     order by k.n);
  whole := jsonb_build_object(
    'class', coalesce(settings ->> 'class', 'standard'),
    -- What PostgreSQL computes when a row is read, no trigger sees: it would stand in the log as null.
    'exclude', coalesce(settings -> 'exclude', '[]') || (
      select coalesce(jsonb_agg(a.attname), '[]') from pg_catalog.pg_attribute a
       where a.attrelid = target and a.attgenerated = 'v' and not a.attisdropped
         and not coalesce(settings -> 'exclude', '[]') ? a.attname),
    'mask', coalesce(settings -> 'mask', '[]'),
    -- A person's own id in the row would tell whose pseudonym the target has.
    'personal', coalesce(settings -> 'personal', '{}') || coalesce((
      select jsonb_object_agg(k.name, jsonb_build_object('type', row_type, 'id', k.name))
        from unnest(key_columns) as k (name)
       where row_type in ('user', 'operator')), '{}'),
    'tenant', tenant_column,
    'type', row_type,
    'key', to_jsonb(key_columns));
  if whole -> 'exclude' <> '[]' or whole -> 'mask' <> '[]' or whole -> 'personal' <> '{}' then
    whole := whole || jsonb_build_object('columns', column_names);
  end if;
  perform bulkhead.audit_untrack(target);
  -- On a partitioned table PostgreSQL puts it on every partition, those to come included.
  execute format(
    'create trigger bulkhead_audit_row after insert or update or delete on %s for each row execute function bulkhead.audit_row(%L)',
    target, whole);
  for part in
    select p.relid::regclass as name from pg_catalog.pg_partition_tree(target) p union select target
  loop
    execute format(
      'create trigger bulkhead_audit_truncate after truncate on %s for each statement execute function bulkhead.audit_truncate(%L)',
      part.name, whole);
  end loop;
  -- Rows of tables that inherit are changed by way of this one too, past its triggers.
  for part in
    select i.inhrelid::regclass as name from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
     where i.inhparent = target and not c.relispartition
  loop
    perform bulkhead.audit_track(part.name, settings || jsonb_build_object('as', row_type));
  end loop;
  return whole;
end
$$;
