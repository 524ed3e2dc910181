-- The audit log: an outbox that commits with the change it tells of, and per tenant and class a Merkle tree.
-- The runner executes this file as the role `bulkhead`, which owns the schema and everything in it.

-- What was recorded and is not yet in a log. A row appears with the transaction that recorded it, and is
-- deleted by the one that puts it into the log: an event is always in exactly one of the two.
create table bulkhead.audit_pending (
  xid xid8 not null default pg_current_xact_id(),
  seq bigint generated always as identity,
  tenant_id uuid not null,
  class text not null,
  event_id uuid not null,
  recorded_at timestamptz not null default clock_timestamp(),
  actor text,
  source text not null,
  event text not null,
  -- The one bound that is needed before the sequencer looks: a row must not be too large to read.
  check (octet_length(event) + octet_length(class) <= 262144)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000);
create index audit_pending_order on bulkhead.audit_pending (xid, seq);
comment on table bulkhead.audit_pending is 'Recorded events that wait for the sequencer; the only place of the audit log that holds them in plain text.';
comment on column bulkhead.audit_pending.xid is 'The recording transaction: with a snapshot it tells which rows are new, however late they commit.';
comment on column bulkhead.audit_pending.seq is 'Order within a transaction.';
comment on column bulkhead.audit_pending.tenant_id is 'The tenant of the verified context.';
comment on column bulkhead.audit_pending.class is 'The retention class, which with the tenant names the log; what is no name of a class counts as standard.';
comment on column bulkhead.audit_pending.event_id is 'Names the event in its tenant; a second event of that id is dropped.';
comment on column bulkhead.audit_pending.recorded_at is 'The database''s clock when it was recorded.';
comment on column bulkhead.audit_pending.actor is 'Who acted, as type:id, from the verified context.';
comment on column bulkhead.audit_pending.source is 'record: the app said so; row: a trigger saw it; operator: staff or the system.';
comment on column bulkhead.audit_pending.event is 'The event as JSON, as it was given.';

create table bulkhead.audit_log (
  tenant_id uuid not null,
  class text collate "C" not null,
  origin text not null,
  next bigint not null default 0 check (next >= 0),
  frontier bytea not null default '' check (octet_length(frontier) % 32 = 0),
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, class),
  unique (tenant_id, origin)
) with (fillfactor = 40);
comment on table bulkhead.audit_log is 'The heads of the logs: one per tenant and retention class.';
comment on column bulkhead.audit_log.tenant_id is 'Whose log; all zeros for the operators'' own.';
comment on column bulkhead.audit_log.class is 'The retention class.';
comment on column bulkhead.audit_log.origin is 'Names the log in its checkpoints; never changes.';
comment on column bulkhead.audit_log.next is 'The index of the next leaf, so the size of the tree.';
comment on column bulkhead.audit_log.frontier is 'Roots of the perfect subtrees of the tree, largest first, 32 bytes each.';
comment on column bulkhead.audit_log.created_at is 'When the first event came.';

create table bulkhead.audit_chunk (
  tenant_id uuid not null,
  class text collate "C" not null,
  first bigint not null check (first >= 0),
  count integer not null check (count between 1 and 256),
  entries bytea not null,
  hashes bytea not null check (octet_length(hashes) = 32 * count),
  sequenced_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, class, first),
  -- So that a tile of leaf hashes is always whole chunks, one after the other.
  check (first / 256 = (first + count - 1) / 256)
);
-- Compressing would make reading one event mean unpacking 256.
alter table bulkhead.audit_chunk alter column entries set storage external;
alter table bulkhead.audit_chunk alter column hashes set storage external;
comment on table bulkhead.audit_chunk is 'The leaves, up to 256 a row, never across a multiple of 256. Append-only.';
comment on column bulkhead.audit_chunk.tenant_id is 'Whose log.';
comment on column bulkhead.audit_chunk.class is 'The retention class.';
comment on column bulkhead.audit_chunk.first is 'Index of the first leaf.';
comment on column bulkhead.audit_chunk.count is 'How many leaves.';
comment on column bulkhead.audit_chunk.entries is 'The leaves as in a C2SP entry bundle: big-endian uint16 length, then the bytes.';
comment on column bulkhead.audit_chunk.hashes is 'Their RFC 6962 leaf hashes, 32 bytes each.';
comment on column bulkhead.audit_chunk.sequenced_at is 'When the sequencer appended them.';

create table bulkhead.audit_tile (
  tenant_id uuid not null,
  class text collate "C" not null,
  level smallint not null check (level between 1 and 7),
  first bigint not null check (first >= 0),
  count integer not null check (count between 1 and 256),
  hashes bytea not null check (octet_length(hashes) = 32 * count),
  primary key (tenant_id, class, level, first),
  check (first / 256 = (first + count - 1) / 256)
);
alter table bulkhead.audit_tile alter column hashes set storage external;
comment on table bulkhead.audit_tile is 'Pieces of the tiles above the leaves: tile n of a level is the pieces from 256n up to 256n + 255, one after the other. Append-only.';
comment on column bulkhead.audit_tile.tenant_id is 'Whose log.';
comment on column bulkhead.audit_tile.class is 'The retention class.';
comment on column bulkhead.audit_tile.level is 'The level of the tile as in C2SP tlog-tiles; level 0 is the hashes of audit_chunk.';
comment on column bulkhead.audit_tile.first is 'Index of the first node in its level; each is the root of 256^level leaves.';
comment on column bulkhead.audit_tile.count is 'How many nodes.';
comment on column bulkhead.audit_tile.hashes is 'The nodes, 32 bytes each.';

create table bulkhead.audit_checkpoint (
  tenant_id uuid not null,
  class text collate "C" not null,
  size bigint not null check (size > 0),
  root bytea not null check (octet_length(root) = 32),
  frontier bytea not null check (octet_length(frontier) % 32 = 0),
  note text not null,
  signed_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, class, size)
);
comment on table bulkhead.audit_checkpoint is 'Signed checkpoints. Append-only, and only through bulkhead.publish_checkpoints.';
comment on column bulkhead.audit_checkpoint.tenant_id is 'Whose log.';
comment on column bulkhead.audit_checkpoint.class is 'The retention class.';
comment on column bulkhead.audit_checkpoint.size is 'How many leaves it covers.';
comment on column bulkhead.audit_checkpoint.root is 'Root hash of the tree of that size.';
comment on column bulkhead.audit_checkpoint.frontier is 'What the signer goes on from: its own, not the head''s.';
comment on column bulkhead.audit_checkpoint.note is 'The C2SP signed note.';
comment on column bulkhead.audit_checkpoint.signed_at is 'When it was published.';

create table bulkhead.audit_unsigned (
  tenant_id uuid not null,
  class text collate "C" not null,
  size bigint not null,
  since timestamptz not null default clock_timestamp(),
  primary key (tenant_id, class)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
comment on table bulkhead.audit_unsigned is 'Logs that have grown since their last checkpoint.';
comment on column bulkhead.audit_unsigned.tenant_id is 'Whose log.';
comment on column bulkhead.audit_unsigned.class is 'The retention class.';
comment on column bulkhead.audit_unsigned.size is 'The size it has grown to.';
comment on column bulkhead.audit_unsigned.since is 'When the oldest unsigned event was sequenced.';

create table bulkhead.audit_event (
  tenant_id uuid not null,
  id uuid not null,
  class text collate "C" not null,
  leaf_index bigint not null,
  primary key (tenant_id, id)
);
comment on table bulkhead.audit_event is 'Where each event lies in its tenant''s logs; what makes recording an id again do nothing.';
comment on column bulkhead.audit_event.tenant_id is 'Whose event.';
comment on column bulkhead.audit_event.id is 'The event''s id.';
comment on column bulkhead.audit_event.class is 'The retention class.';
comment on column bulkhead.audit_event.leaf_index is 'Its place in the log.';

create table bulkhead.audit_subject (
  tenant_id uuid not null,
  pseudonym uuid not null,
  ref bytea check (octet_length(ref) = 32),
  sealed_ref bytea,
  wrapped_key bytea,
  created_at timestamptz not null default clock_timestamp(),
  erased_at timestamptz,
  primary key (tenant_id, pseudonym),
  unique (tenant_id, ref),
  check (erased_at is null or (ref is null and sealed_ref is null and wrapped_key is null))
);
comment on table bulkhead.audit_subject is 'The persons of a tenant''s log: who stands behind a pseudonym, and the key of their personal values. Leave it out of backups that outlive an erasure.';
comment on column bulkhead.audit_subject.tenant_id is 'Whose log.';
comment on column bulkhead.audit_subject.pseudonym is 'What leaves and search rows call the person; random.';
comment on column bulkhead.audit_subject.ref is 'Keyed hash of type:id, to find the person by; null once erased.';
comment on column bulkhead.audit_subject.sealed_ref is 'type:id, encrypted under the person''s key; null once erased.';
comment on column bulkhead.audit_subject.wrapped_key is 'The person''s key, wrapped by the tenant''s; null once erased.';
comment on column bulkhead.audit_subject.created_at is 'When the person first appeared.';
comment on column bulkhead.audit_subject.erased_at is 'When the person was erased.';

create table bulkhead.audit_vault_key (
  tenant_id uuid primary key,
  wrapped bytea not null,
  created_at timestamptz not null default clock_timestamp()
);
comment on table bulkhead.audit_vault_key is 'Per tenant the key of keyed hashes: of who a person is, and of what an event may be found by.';
comment on column bulkhead.audit_vault_key.tenant_id is 'Whose key.';
comment on column bulkhead.audit_vault_key.wrapped is 'The key, wrapped by the vault''s.';
comment on column bulkhead.audit_vault_key.created_at is 'When the tenant''s first event was sequenced.';

create table bulkhead.audit_vault_state (
  single boolean primary key default true check (single),
  erasures bigint not null default 0
) with (fillfactor = 10);
insert into bulkhead.audit_vault_state default values;
comment on table bulkhead.audit_vault_state is 'One row that every erasure moves on, so that no batch sealed before it is appended after it.';
comment on column bulkhead.audit_vault_state.single is 'True.';
comment on column bulkhead.audit_vault_state.erasures is 'How many erasures there were.';

create table bulkhead.audit_opening (
  tenant_id uuid not null,
  event_id uuid not null,
  subject uuid not null,
  class text collate "C" not null,
  leaf_index bigint not null,
  sealed bytea not null,
  primary key (tenant_id, class, leaf_index, subject)
);
create index audit_opening_subject on bulkhead.audit_opening (tenant_id, subject);
alter table bulkhead.audit_opening alter column sealed set storage external;
comment on table bulkhead.audit_opening is 'What the commitments in a leaf stand for: the personal values and their salts, encrypted under the person''s key.';
comment on column bulkhead.audit_opening.tenant_id is 'Whose log.';
comment on column bulkhead.audit_opening.event_id is 'The event.';
comment on column bulkhead.audit_opening.subject is 'Pseudonym of the person whose values these are.';
comment on column bulkhead.audit_opening.class is 'The retention class.';
comment on column bulkhead.audit_opening.leaf_index is 'The event''s place in the log.';
comment on column bulkhead.audit_opening.sealed is 'Values and salts, AES-256-GCM.';

create table bulkhead.audit_worker (
  task text primary key check (task in ('sequence', 'sign')),
  holder uuid,
  expires_at timestamptz not null default '-infinity'
) with (fillfactor = 10);
insert into bulkhead.audit_worker (task) values ('sequence'), ('sign');
comment on table bulkhead.audit_worker is 'Which process is at work, so that others wait. Correctness does not rest on it: appending and publishing are fenced.';
comment on column bulkhead.audit_worker.task is 'sequence or sign.';
comment on column bulkhead.audit_worker.holder is 'The process at work.';
comment on column bulkhead.audit_worker.expires_at is 'Until when it holds the task without a word.';

-- Our own house: forced row-level security everywhere. A tenant's reader sees its own rows of what a grant
-- names; the owner, whose functions do all the writing, may add but not change what is append-only.
do $$
declare
  name text;
begin
  foreach name in array array['audit_pending', 'audit_log', 'audit_chunk', 'audit_tile', 'audit_checkpoint',
    'audit_unsigned', 'audit_event', 'audit_subject', 'audit_vault_key', 'audit_vault_state', 'audit_opening', 'audit_worker']
  loop
    execute format('alter table bulkhead.%I enable row level security', name);
    execute format('alter table bulkhead.%I force row level security', name);
    execute format('revoke all on bulkhead.%I from public', name);
  end loop;
  foreach name in array array['audit_pending', 'audit_log', 'audit_unsigned', 'audit_event', 'audit_subject',
    'audit_vault_key', 'audit_vault_state', 'audit_opening', 'audit_worker']
  loop
    execute format('create policy bulkhead_owner on bulkhead.%I to bulkhead using (true) with check (true)', name);
  end loop;
  foreach name in array array['audit_chunk', 'audit_tile', 'audit_checkpoint']
  loop
    execute format('create policy bulkhead_owner_reads on bulkhead.%I for select to bulkhead using (true)', name);
    execute format('create policy bulkhead_owner_adds on bulkhead.%I for insert to bulkhead with check (true)', name);
  end loop;
  -- Not restrictive, or the owner's own functions would be bound to one tenant as well. There is no other
  -- policy that would let a tenant's reader see more.
  foreach name in array array['audit_log', 'audit_chunk', 'audit_tile', 'audit_checkpoint', 'audit_event',
    'audit_subject', 'audit_vault_key', 'audit_opening']
  loop
    execute format(
      'create policy bulkhead_tenant on bulkhead.%I for select to public using (tenant_id = (select bulkhead.tenant_id()))',
      name);
  end loop;
end
$$;

-- Recording ------------------------------------------------------------------------------------------------

-- All that the app's role may do to the log. Tenant and actor are those of the verified context, whatever the
-- caller's SQL says, so that an injected statement can at worst add events in its own name.
create function bulkhead.audit_record(ids uuid[], classes text[], events text[]) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := bulkhead.tenant_id();
  who text;
begin
  if tenant is null then
    raise exception 'bulkhead: no context to record in' using errcode = '28000';
  end if;
  -- tenant_id() has verified the token that this is cut from; see bulkhead.actor().
  who := substr(left(current_setting('bulkhead.context'), -65), 61);
  if cardinality(ids) = 1 and cardinality(events) = 1 then
    -- The usual case, without a plan over sets.
    insert into bulkhead.audit_pending (tenant_id, class, event_id, actor, source, event)
    values (tenant, classes[1], ids[1], who, 'record', events[1]);
  else
    insert into bulkhead.audit_pending (tenant_id, class, event_id, actor, source, event)
    select tenant, t.class, t.id, who, 'record', t.event
      from unnest(ids, classes, events) as t (id, class, event);
  end if;
end
$$;
comment on function bulkhead.audit_record(uuid[], text[], text[]) is 'Records events of the verified tenant by the verified actor, in the caller''s transaction.';

create function bulkhead.audit_record_as(tenant uuid, who text, ids uuid[], classes text[], events text[])
returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into bulkhead.audit_pending (tenant_id, class, event_id, actor, source, event)
  select tenant, t.class, t.id, who, 'operator', t.event
    from unnest(ids, classes, events) as t (id, class, event)
$$;
comment on function bulkhead.audit_record_as(uuid, text, uuid[], text[], text[]) is 'Records events of any tenant: for operators and for the system, whose role alone may call it.';

-- Sequencing -----------------------------------------------------------------------------------------------

create function bulkhead.audit_claim_sequencing(process uuid, lease_ms integer) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update bulkhead.audit_worker
     set holder = process, expires_at = clock_timestamp() + lease_ms * interval '1 millisecond'
   where task = 'sequence' and (holder = process or expires_at < clock_timestamp());
  return found;
end
$$;
comment on function bulkhead.audit_claim_sequencing(uuid, integer) is 'True when the process may sequence until the lease ends; a lease of 0 gives it up.';

-- The rows that are new since the snapshot `seen`: later transactions, and those that were under way then.
-- Rows that commit after a longer transaction has begun never wait for it, and it is never skipped. STABLE,
-- so that the rows are those of the calling statement's snapshot, which becomes the next `seen`.
create function bulkhead.audit_take(
  seen pg_snapshot, upto pg_snapshot, after_xid xid8, after_seq bigint, rows_max integer, bytes_max bigint)
returns table (place tid, xid xid8, seq bigint, tenant_id uuid, class text, event_id uuid,
  recorded_at timestamptz, actor text, source text, event text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
as $$
  select b.place, b.xid, b.seq, b.tenant_id, b.class, b.event_id, b.recorded_at, b.actor, b.source, b.event
    from (
      select a.*, sum(octet_length(a.event)) over (order by a.xid, a.seq) - octet_length(a.event) as bytes_before
        from (
          (select p.*
             from unnest(array(select pg_snapshot_xip(seen))) as late (xid)
            cross join lateral (
              select q.ctid as place, q.* from bulkhead.audit_pending q
               where q.xid = late.xid and (q.xid, q.seq) > (after_xid, after_seq)
                 and (upto is null or pg_visible_in_snapshot(q.xid, upto))
               order by q.seq limit rows_max) as p)
          union all
          (select p.ctid as place, p.* from bulkhead.audit_pending p
            where p.xid >= coalesce(pg_snapshot_xmax(seen), '0'::xid8)
              and (p.xid, p.seq) > (after_xid, after_seq)
              and (upto is null or pg_visible_in_snapshot(p.xid, upto))
            order by p.xid, p.seq limit rows_max)
        ) as a
       order by a.xid, a.seq limit rows_max
    ) as b
   where b.bytes_before < bytes_max
   order by b.xid, b.seq
$$;
comment on function bulkhead.audit_take(pg_snapshot, pg_snapshot, xid8, bigint, integer, bigint) is 'The next recorded events in the order of their transactions; takes nothing away.';

create function bulkhead.audit_heads(tenants uuid[], classes text[])
returns table (ordinal integer, origin text, next bigint, frontier bytea)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select t.n::integer, l.origin, l.next, l.frontier
    from unnest(tenants, classes) with ordinality as t (tenant_id, class, n)
    join bulkhead.audit_log l on l.tenant_id = t.tenant_id and l.class = t.class
$$;
comment on function bulkhead.audit_heads(uuid[], text[]) is 'The heads of those logs that exist, by their place in the arguments.';

create function bulkhead.audit_known(tenants uuid[], ids uuid[]) returns setof integer
language sql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
  select t.n::integer
    from unnest(tenants, ids) with ordinality as t (tenant_id, id, n)
    join bulkhead.audit_event e on e.tenant_id = t.tenant_id and e.id = t.id
$$;
comment on function bulkhead.audit_known(uuid[], uuid[]) is 'Which of these events are in a log already, by their place in the arguments.';

create function bulkhead.audit_vault_keys(tenants uuid[], offered bytea[])
returns table (ordinal integer, wrapped bytea)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into bulkhead.audit_vault_key (tenant_id, wrapped)
  select t.tenant_id, t.wrapped from unnest(tenants, offered) as t (tenant_id, wrapped)
      on conflict on constraint audit_vault_key_pkey do nothing;
  return query
    select t.n::integer, k.wrapped
      from unnest(tenants) with ordinality as t (tenant_id, n)
      join bulkhead.audit_vault_key k on k.tenant_id = t.tenant_id;
end
$$;
comment on function bulkhead.audit_vault_keys(uuid[], bytea[]) is 'The wrapped keys of tenants; one that has none yet gets the one offered.';

create function bulkhead.audit_log_counts(tenants uuid[])
returns table (ordinal integer, logs integer)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select t.n::integer, (select count(*) from bulkhead.audit_log l where l.tenant_id = t.tenant_id)::integer
    from unnest(tenants) with ordinality as t (tenant_id, n)
$$;
comment on function bulkhead.audit_log_counts(uuid[]) is 'How many logs tenants have, so that a class made up by an injected statement does not make logs without end.';

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
  event_log integer[], event_id uuid[], event_leaf_index bigint[],
  subject_tenant uuid[], subject_pseudonym uuid[], subject_ref_at integer[],
  subject_sealed_ref_length integer[], subject_wrapped_key_length integer[],
  opening_log integer[], opening_event uuid[], opening_leaf_index bigint[], opening_subject uuid[],
  opening_at integer[], opening_length integer[], erasures_expected bigint)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  n bigint;
begin
  delete from bulkhead.audit_pending p where p.ctid = any (places) and p.seq = any (seqs);
  get diagnostics n = row_count;
  if n <> cardinality(seqs) then
    raise exception 'bulkhead: % of % recorded events are gone', cardinality(seqs) - n, cardinality(seqs)
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

  insert into bulkhead.audit_chunk (tenant_id, class, first, count, entries, hashes)
  select log_tenant[t.log], log_class[t.log], t.first, t.count,
         substr(bytes, t.entries_at + 1, t.entries_length), substr(bytes, t.hashes_at + 1, 32 * t.count)
    from unnest(chunk_log, chunk_first, chunk_count, chunk_entries_at, chunk_entries_length, chunk_hashes_at)
      as t (log, first, count, entries_at, entries_length, hashes_at);

  if cardinality(tile_log) > 0 then
    insert into bulkhead.audit_tile (tenant_id, class, level, first, count, hashes)
    select log_tenant[t.log], log_class[t.log], t.level, t.first, t.count,
           substr(bytes, t.hashes_at + 1, 32 * t.count)
      from unnest(tile_log, tile_level, tile_first, tile_count, tile_hashes_at)
        as t (log, level, first, count, hashes_at);
  end if;

  insert into bulkhead.audit_event (tenant_id, id, class, leaf_index)
  select log_tenant[t.log], t.id, log_class[t.log], t.leaf_index
    from unnest(event_log, event_id, event_leaf_index) as t (log, id, leaf_index);

  if cardinality(subject_tenant) > 0 or cardinality(opening_log) > 0 then
    -- FOR SHARE: an erasure under way is waited for, and one that comes later finds these openings.
    perform from bulkhead.audit_vault_state v where v.erasures = erasures_expected for share;
    if not found then
      raise exception 'bulkhead: somebody was erased meanwhile' using errcode = '40001';
    end if;
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
    insert into bulkhead.audit_opening (tenant_id, event_id, subject, class, leaf_index, sealed)
    select log_tenant[t.log], t.event_id, t.subject, log_class[t.log], t.leaf_index,
           substr(bytes, t.sealed_at + 1, t.sealed_length)
      from unnest(opening_log, opening_event, opening_leaf_index, opening_subject, opening_at, opening_length)
        as t (log, event_id, leaf_index, subject, sealed_at, sealed_length);
  end if;

  insert into bulkhead.audit_unsigned (tenant_id, class, size)
  select t.tenant_id, t.class, t.next from unnest(log_tenant, log_class, log_next) as t (tenant_id, class, next)
      on conflict (tenant_id, class) do update set size = excluded.size;
end
$$;
comment on function bulkhead.audit_append is 'Moves recorded events from the outbox into their logs, all or none; raises 40001 when another sequencer or an erasure came first.';

-- Signing --------------------------------------------------------------------------------------------------

create function bulkhead.audit_claim_signing(process uuid, lease_ms integer) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update bulkhead.audit_worker
     set holder = process, expires_at = clock_timestamp() + lease_ms * interval '1 millisecond'
   where task = 'sign' and (holder = process or expires_at < clock_timestamp());
  return found;
end
$$;
comment on function bulkhead.audit_claim_signing(uuid, integer) is 'True when the process may sign until the lease ends; a lease of 0 gives it up.';

create function bulkhead.audit_to_sign(rows_max integer)
returns table (tenant_id uuid, class text, origin text, next bigint, frontier bytea,
  signed_size bigint, signed_frontier bytea)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select u.tenant_id, u.class, l.origin, l.next, l.frontier, coalesce(c.size, 0), coalesce(c.frontier, '')
    from (select * from bulkhead.audit_unsigned order by since limit rows_max) as u
    join bulkhead.audit_log l on l.tenant_id = u.tenant_id and l.class = u.class
    left join lateral (
      select k.size, k.frontier from bulkhead.audit_checkpoint k
       where k.tenant_id = u.tenant_id and k.class = u.class order by k.size desc limit 1) as c on true
$$;
comment on function bulkhead.audit_to_sign(integer) is 'Logs that have grown since their last checkpoint, the longest unsigned first.';

create function bulkhead.audit_entries(tenants uuid[], classes text[], froms bigint[], tos bigint[], bytes_max bigint)
returns table (ordinal integer, first bigint, count integer, entries bytea)
language sql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
  select b.ordinal, b.first, b.count, b.entries
    from (
      select t.n::integer as ordinal, c.first, c.count, c.entries,
             sum(octet_length(c.entries)) over (order by t.n, c.first) - octet_length(c.entries) as bytes_before
        from unnest(tenants, classes, froms, tos) with ordinality as t (tenant_id, class, first_leaf, next_leaf, n)
        join bulkhead.audit_chunk c
          on c.tenant_id = t.tenant_id and c.class = t.class and c.first >= t.first_leaf and c.first < t.next_leaf
    ) as b
   where b.bytes_before < bytes_max
   order by b.ordinal, b.first
$$;
comment on function bulkhead.audit_entries(uuid[], text[], bigint[], bigint[], bigint) is 'Whole chunks from one leaf up to another, of several logs, until the bytes are many.';

-- The last line of the signer: a checkpoint never covers less than the one before, nor more than there is.
create function bulkhead.publish_checkpoints(
  tenants uuid[], classes text[], sizes bigint[], roots bytea[], frontiers bytea[], notes text[])
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  n bigint;
begin
  -- One publisher at a time, or two could each find the other's checkpoint absent.
  perform from bulkhead.audit_worker where task = 'sign' for update;
  insert into bulkhead.audit_checkpoint (tenant_id, class, size, root, frontier, note)
  select t.tenant_id, t.class, t.size, t.root, t.frontier, t.note
    from unnest(tenants, classes, sizes, roots, frontiers, notes) as t (tenant_id, class, size, root, frontier, note)
    join bulkhead.audit_log l on l.tenant_id = t.tenant_id and l.class = t.class and l.next >= t.size
   where not exists (select from bulkhead.audit_checkpoint k
                      where k.tenant_id = t.tenant_id and k.class = t.class and k.size >= t.size);
  get diagnostics n = row_count;
  if n <> cardinality(sizes) then
    raise exception 'bulkhead: % of % checkpoints refused: not larger than the last, or larger than the log',
      cardinality(sizes) - n, cardinality(sizes) using errcode = '40001';
  end if;
  delete from bulkhead.audit_unsigned u using unnest(tenants, classes, sizes) as t (tenant_id, class, size)
   where u.tenant_id = t.tenant_id and u.class = t.class and u.size <= t.size;
  update bulkhead.audit_unsigned u set since = clock_timestamp()
    from unnest(tenants, classes) as t (tenant_id, class)
   where u.tenant_id = t.tenant_id and u.class = t.class;
end
$$;
comment on function bulkhead.publish_checkpoints(uuid[], text[], bigint[], bytea[], bytea[], text[]) is 'Publishes signed checkpoints, all or none; refuses one that is smaller than its log''s last or larger than the log.';

do $$
declare
  routine regprocedure;
begin
  for routine in
    select p.oid::regprocedure from pg_catalog.pg_proc p
     where p.pronamespace = 'bulkhead'::regnamespace
       and (p.proname like 'audit\_%' or p.proname = 'publish_checkpoints')
  loop
    execute format('revoke all on function %s from public', routine);
  end loop;
end
$$;
