-- What the control plane keeps: what is live, what was asked twice, and work that takes longer than a request.
-- The runner executes this file as the role `bulkhead`, which owns the schema and everything in it.

-- The operators are a tenant of their own: people who belong to it, with roles in it, may work on the others.
insert into bulkhead.tenant (id, slug, name)
values ('00000000-0000-0000-0000-000000000000', 'bulkhead-operators', 'Operators')
on conflict do nothing;

-- How far each log has been counted. An event is counted in the statement that moves this on, so exactly once.
create table bulkhead.live_position (
  tenant_id uuid not null,
  class text collate "C" not null,
  next bigint not null check (next >= 0),
  primary key (tenant_id, class)
) with (fillfactor = 50);
comment on table bulkhead.live_position is 'How far the logs have been counted and announced.';
comment on column bulkhead.live_position.tenant_id is 'Whose log.';
comment on column bulkhead.live_position.class is 'The retention class.';
comment on column bulkhead.live_position.next is 'The index of the next leaf to count.';

create table bulkhead.live_slot (
  tenant_id uuid not null,
  slot timestamptz not null,
  events bigint not null default 0 check (events >= 0),
  failures bigint not null default 0 check (failures >= 0),
  denials bigint not null default 0 check (denials >= 0),
  last_at timestamptz not null,
  primary key (tenant_id, slot)
) with (fillfactor = 50);
create index live_slot_slot on bulkhead.live_slot (slot);
comment on table bulkhead.live_slot is 'How much happened in each quarter of an hour, by the time at which it was recorded.';
comment on column bulkhead.live_slot.tenant_id is 'To whom.';
comment on column bulkhead.live_slot.slot is 'The beginning of the quarter of an hour.';
comment on column bulkhead.live_slot.events is 'Events in all.';
comment on column bulkhead.live_slot.failures is 'Those that failed.';
comment on column bulkhead.live_slot.denials is 'Those that were denied.';
comment on column bulkhead.live_slot.last_at is 'When the last of them was recorded.';

create table bulkhead.live_action (
  tenant_id uuid not null,
  action text collate "C" not null,
  slot timestamptz not null,
  events bigint not null default 0 check (events >= 0),
  failures bigint not null default 0 check (failures >= 0),
  denials bigint not null default 0 check (denials >= 0),
  primary key (tenant_id, action, slot)
) with (fillfactor = 80);
-- They come in the order of their time, and go in it.
create index live_action_slot on bulkhead.live_action using brin (slot) with (pages_per_range = 32);
comment on table bulkhead.live_action is 'The same for each action: how often it was done in each quarter of an hour.';
comment on column bulkhead.live_action.tenant_id is 'To whom.';
comment on column bulkhead.live_action.action is 'What was done.';
comment on column bulkhead.live_action.slot is 'The beginning of the quarter of an hour.';
comment on column bulkhead.live_action.events is 'How often, in all.';
comment on column bulkhead.live_action.failures is 'How often it failed.';
comment on column bulkhead.live_action.denials is 'How often it was denied.';

create table bulkhead.live_notice (
  seq bigint primary key,
  at timestamptz not null default clock_timestamp(),
  tenant_id uuid,
  kind text not null check (kind in ('activity', 'denial', 'change', 'proof', 'verification', 'job')),
  data jsonb not null
);
create index live_notice_tenant_id on bulkhead.live_notice (tenant_id, seq);
create index live_notice_kind on bulkhead.live_notice (kind, seq);
comment on table bulkhead.live_notice is 'What listeners of the control plane are told, in the order in which they are told it; kept for a day.';
comment on column bulkhead.live_notice.seq is 'The order, without twins: a listener who was away names the last one it saw.';
comment on column bulkhead.live_notice.at is 'When it was announced.';
comment on column bulkhead.live_notice.tenant_id is 'Whom it is about; null for what is about all, which operators alone are told.';
comment on column bulkhead.live_notice.kind is 'What it says.';
comment on column bulkhead.live_notice.data is 'The message.';

create table bulkhead.live_state (
  single boolean primary key default true check (single),
  seq bigint not null default 0,
  holder uuid,
  expires_at timestamptz not null default '-infinity'
) with (fillfactor = 10);
insert into bulkhead.live_state default values;
comment on table bulkhead.live_state is 'One row: the last notice, and which process counts.';
comment on column bulkhead.live_state.single is 'True.';
comment on column bulkhead.live_state.seq is 'Of the last notice. Locked by whoever announces, so that notices commit in their order.';
comment on column bulkhead.live_state.holder is 'The process that counts, so that others need not.';
comment on column bulkhead.live_state.expires_at is 'Until when it does without a word.';

create table bulkhead.control_job (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  kind text not null check (kind in ('proof', 'verification', 'export')),
  title text not null check (length(title) between 1 and 300),
  input jsonb not null default '{}',
  status text not null default 'queued' check (status in ('queued', 'running', 'done', 'failed', 'cancelled')),
  done bigint not null default 0,
  total bigint,
  result jsonb,
  problem jsonb,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  seen_at timestamptz,
  finished_at timestamptz,
  primary key (tenant_id, id)
);
create index control_job_recent on bulkhead.control_job (tenant_id, created_at desc);
create index control_job_kind on bulkhead.control_job (kind, finished_at desc) where status = 'done';
create unique index control_job_single on bulkhead.control_job (tenant_id, kind)
  where status in ('queued', 'running') and kind <> 'export';
comment on table bulkhead.control_job is 'Work that takes longer than a request.';
comment on column bulkhead.control_job.tenant_id is 'On whom it works; all zeros for all of them.';
comment on column bulkhead.control_job.id is 'Names the job.';
comment on column bulkhead.control_job.kind is 'What is done.';
comment on column bulkhead.control_job.title is 'The same in words.';
comment on column bulkhead.control_job.input is 'What it was asked.';
comment on column bulkhead.control_job.status is 'How it stands.';
comment on column bulkhead.control_job.done is 'How much of it is done.';
comment on column bulkhead.control_job.total is 'How much there is to do; null while nobody knows.';
comment on column bulkhead.control_job.result is 'What came of it.';
comment on column bulkhead.control_job.problem is 'Why it failed, as problem details.';
comment on column bulkhead.control_job.created_by is 'Who asked, as type:id.';
comment on column bulkhead.control_job.created_at is 'When.';
comment on column bulkhead.control_job.started_at is 'When a process took it up.';
comment on column bulkhead.control_job.seen_at is 'When that process last said that it is at it; one that falls silent has died.';
comment on column bulkhead.control_job.finished_at is 'When it ended.';

create table bulkhead.idempotency_key (
  tenant_id uuid not null,
  actor text not null,
  key text not null check (length(key) between 1 and 255),
  request_hash bytea not null check (octet_length(request_hash) = 32),
  holder uuid,
  held_until timestamptz,
  fenced boolean not null default false,
  made boolean not null default false,
  status smallint,
  sealed bytea,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, actor, key)
);
create index idempotency_key_created_at on bulkhead.idempotency_key (created_at);
comment on table bulkhead.idempotency_key is 'Answers to changes whose sender may ask again, kept for a day.';
comment on column bulkhead.idempotency_key.tenant_id is 'Where the change was made.';
comment on column bulkhead.idempotency_key.actor is 'Who sent it, as type:id: keys of different senders never meet.';
comment on column bulkhead.idempotency_key.key is 'The Idempotency-Key header.';
comment on column bulkhead.idempotency_key.request_hash is 'SHA-256 of what was asked: the same key with another request is refused.';
comment on column bulkhead.idempotency_key.holder is 'The attempt that is at work on it; null once answered.';
comment on column bulkhead.idempotency_key.held_until is 'From then on that attempt counts as dead.';
comment on column bulkhead.idempotency_key.fenced is 'The change marks itself here, in its own transaction: where it did not, it was not made and may be made by another attempt.';
comment on column bulkhead.idempotency_key.made is 'The mark; of a change that is not fenced nobody knows.';
comment on column bulkhead.idempotency_key.status is 'The status of the answer.';
comment on column bulkhead.idempotency_key.sealed is 'Its headers and body, encrypted: an answer may hold a secret that is shown once.';
comment on column bulkhead.idempotency_key.created_at is 'When the key was first used.';

-- Not in the write-ahead log: after a crash all begin anew, which is what a minute later they would anyway.
create unlogged table bulkhead.rate_bucket (
  key bytea primary key check (octet_length(key) = 16),
  level double precision not null,
  full_at integer not null check (full_at > 0),
  at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);
create index rate_bucket_at on bulkhead.rate_bucket (at);
comment on table bulkhead.rate_bucket is 'How often somebody may still ask, for all processes together.';
comment on column bulkhead.rate_bucket.key is 'Who, as a hash.';
comment on column bulkhead.rate_bucket.level is 'How many requests were left; below nothing what was granted too much by processes that had not heard of each other.';
comment on column bulkhead.rate_bucket.full_at is 'How many a minute are let through, and how many the bucket holds.';
comment on column bulkhead.rate_bucket.at is 'When that was.';

do $$
declare
  name text;
begin
  foreach name in array array['live_position', 'live_slot', 'live_action', 'live_notice', 'live_state', 'control_job', 'idempotency_key', 'rate_bucket']
  loop
    execute format('alter table bulkhead.%I enable row level security', name);
    execute format('alter table bulkhead.%I force row level security', name);
    execute format('revoke all on bulkhead.%I from public', name);
    execute format('create policy bulkhead_owner on bulkhead.%I to bulkhead using (true) with check (true)', name);
  end loop;
end
$$;

-- True while the counting is `me`'s.
create function bulkhead.live_claim(me uuid, lease_ms integer) returns boolean
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  with claimed as (
    update bulkhead.live_state s
       set holder = me, expires_at = clock_timestamp() + lease_ms * interval '1 millisecond'
     where s.holder = me or s.expires_at < clock_timestamp() returning 1)
  select exists (select from claimed)
$$;
comment on function bulkhead.live_claim(uuid, integer) is 'Takes or keeps the task of counting; false while another process has it.';

-- Announces, in an order that is also the order of commits: whoever announces holds the one row of live_state.
create function bulkhead.live_announce(tenants uuid[], kinds text[], messages jsonb[]) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  last bigint;
begin
  if coalesce(cardinality(kinds), 0) = 0 then
    return null;
  end if;
  update bulkhead.live_state set seq = seq + cardinality(kinds) returning seq into last;
  insert into bulkhead.live_notice (seq, tenant_id, kind, data)
  select last - cardinality(kinds) + n.ordinal, n.tenant, n.kind, n.message
    from unnest(tenants, kinds, messages) with ordinality as n (tenant, kind, message, ordinal);
  return last;
end
$$;
comment on function bulkhead.live_announce(uuid[], text[], jsonb[]) is 'Adds notices; returns the last one''s number.';

-- Counts and announces what came in some logs, for those among them that still are where the caller saw them.
create function bulkhead.live_count(
  log_tenants uuid[], log_classes text[], log_expected bigint[], log_next bigint[],
  slot_logs integer[], slot_slots timestamptz[], slot_actions text[], slot_events bigint[], slot_failures bigint[], slot_denials bigint[],
  slot_last timestamptz[], notice_logs integer[], notice_kinds text[], notices jsonb[])
returns setof integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  moved integer[];
begin
  perform 1 from bulkhead.live_state for update;
  insert into bulkhead.live_position (tenant_id, class, next)
  select l.tenant_id, l.class, 0 from unnest(log_tenants, log_classes) as l (tenant_id, class)
  on conflict do nothing;
  with went as (
    update bulkhead.live_position p
       set next = l.upto
      from unnest(log_tenants, log_classes, log_expected, log_next) with ordinality as l (tenant_id, class, expected, upto, n)
     where p.tenant_id = l.tenant_id and p.class = l.class and p.next = l.expected
 returning l.n::integer as n)
  select coalesce(array_agg(n), '{}') into moved from went;

  insert into bulkhead.live_slot as s (tenant_id, slot, events, failures, denials, last_at)
  select log_tenants[c.log], c.slot, sum(c.events), sum(c.failures), sum(c.denials), max(c.last_at)
    from unnest(slot_logs, slot_slots, slot_events, slot_failures, slot_denials, slot_last)
           as c (log, slot, events, failures, denials, last_at)
   where c.log = any (moved)
   group by 1, 2
  on conflict (tenant_id, slot) do update
    set events = s.events + excluded.events, failures = s.failures + excluded.failures,
        denials = s.denials + excluded.denials, last_at = greatest(s.last_at, excluded.last_at);

  insert into bulkhead.live_action as s (tenant_id, action, slot, events, failures, denials)
  select log_tenants[c.log], c.action, c.slot, sum(c.events), sum(c.failures), sum(c.denials)
    from unnest(slot_logs, slot_slots, slot_actions, slot_events, slot_failures, slot_denials)
           as c (log, slot, action, events, failures, denials)
   where c.log = any (moved)
   group by 1, 2, 3
  on conflict (tenant_id, action, slot) do update
    set events = s.events + excluded.events, failures = s.failures + excluded.failures,
        denials = s.denials + excluded.denials;

  perform bulkhead.live_announce(
    (select array_agg(log_tenants[n.log] order by n.o) from unnest(notice_logs) with ordinality as n (log, o) where n.log = any (moved)),
    (select array_agg(n.kind order by n.o) from unnest(notice_logs, notice_kinds) with ordinality as n (log, kind, o) where n.log = any (moved)),
    (select array_agg(n.message order by n.o) from unnest(notice_logs, notices) with ordinality as n (log, message, o) where n.log = any (moved)));
  return query select unnest(moved);
end
$$;
comment on function bulkhead.live_count is 'Moves the positions of logs on, counts what lay between and announces it; returns which logs moved, by their place in the arguments.';

-- Takes from buckets what was granted, and says what is left in each.
create function bulkhead.rate_share(p_keys bytea[], p_taken integer[], p_limits integer[])
returns table (key bytea, level double precision)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into bulkhead.rate_bucket as b (key, level, full_at)
  select t.key, t.full_at - t.taken, t.full_at
    from unnest(p_keys, p_taken, p_limits) as t (key, taken, full_at)
   -- In one order, so that two who tell at once do not wait for each other.
   order by t.key
  on conflict (key) do update set
    -- What is owed is never more than a minute's.
    level = greatest(least(b.level + extract(epoch from clock_timestamp() - b.at) * excluded.full_at / 60.0, excluded.full_at)
      - (excluded.full_at - excluded.level), -excluded.full_at),
    full_at = excluded.full_at, at = clock_timestamp()
  returning b.key, b.level
$$;
comment on function bulkhead.rate_share(bytea[], integer[], integer[]) is 'Takes from buckets what a process granted, and says what all processes together have left.';
revoke all on function bulkhead.rate_share(bytea[], integer[], integer[]) from public;

create function bulkhead.live_prune() returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from bulkhead.live_notice where at < clock_timestamp() - interval '1 day';
  delete from bulkhead.live_slot where slot < clock_timestamp() - interval '93 days';
  delete from bulkhead.live_action where slot < clock_timestamp() - interval '93 days';
  delete from bulkhead.idempotency_key where created_at < clock_timestamp() - interval '1 day'
    and (held_until is null or held_until < clock_timestamp());
  delete from bulkhead.rate_bucket where at < clock_timestamp() - interval '5 minutes';
  delete from bulkhead.control_job j
   where j.finished_at < clock_timestamp() - interval '30 days'
     and j.id <> (select k.id from bulkhead.control_job k
                   where k.tenant_id = j.tenant_id and k.kind = j.kind and k.finished_at is not null
                   order by k.finished_at desc limit 1);
end
$$;
comment on function bulkhead.live_prune() is 'Forgets what is kept for a time: notices and answers for a day, jobs for thirty, counts for a quarter of a year.';

-- Called by the statement that makes the change, as the role that makes it. Whoever has lost the key fails by it, so an
-- attempt that was given up cannot come late; `p_holder` is known to that attempt alone.
create function bulkhead.idempotency_mark(p_actor text, p_key text, p_holder uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update bulkhead.idempotency_key k
     set made = true
   where k.tenant_id = bulkhead.tenant_id() and k.actor = p_actor and k.key = p_key and k.holder = p_holder and k.status is null;
  if not found then
    raise exception 'Another attempt has taken this key over.' using errcode = '40001';
  end if;
  return true;
end
$$;
comment on function bulkhead.idempotency_mark(text, text, uuid) is 'Says in a change''s own transaction that it is made; fails it where another attempt holds the key by now.';
revoke all on function bulkhead.idempotency_mark(text, text, uuid) from public;

create function bulkhead.precondition_stamp() returns bigint
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce((select e.epoch from bulkhead.access_epoch e where e.tenant_id = bulkhead.tenant_id()), 0)
$$;
comment on function bulkhead.precondition_stamp() is 'Where the verified tenant''s changes stand; whoever reads it before what they compare can have it held by precondition_hold.';

create function bulkhead.precondition_hold(p_stamp bigint) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_epoch bigint;
begin
  select e.epoch into v_epoch from bulkhead.access_epoch e where e.tenant_id = bulkhead.tenant_id() for update;
  if coalesce(v_epoch, 0) <> p_stamp then
    raise exception using errcode = 'BH001', message = 'http.precondition_failed';
  end if;
  return true;
end
$$;
comment on function bulkhead.precondition_hold(bigint) is 'Fails a change''s own transaction where anything of its tenant was changed since the stamp was read, and keeps others from changing it meanwhile.';
revoke all on function bulkhead.precondition_stamp(), bulkhead.precondition_hold(bigint) from public;

revoke all on function bulkhead.live_claim(uuid, integer), bulkhead.live_announce(uuid[], text[], jsonb[]),
  bulkhead.live_count, bulkhead.live_prune() from public;

create function bulkhead.control_tenant_counts(p_tenant uuid)
returns table (invitations bigint, api_keys bigint, sessions bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select
    (select count(*) from bulkhead.invitation i
      where i.tenant_id = p_tenant and i.accepted_at is null and i.revoked_at is null
        and i.expires_at > clock_timestamp()),
    (select count(*) from bulkhead.api_key k
      where k.tenant_id = p_tenant and k.revoked_at is null
        and (k.expires_at is null or k.expires_at > clock_timestamp())),
    (select count(*) from bulkhead.session_entry e join bulkhead.session s on s.id = e.session_id
      where e.tenant_id = p_tenant and e.revoked_at is null and s.revoked_at is null
        and s.expires_at > clock_timestamp()
        and s.last_seen_at > clock_timestamp() - s.idle_seconds * interval '1 second')
$$;
comment on function bulkhead.control_tenant_counts(uuid) is 'How many open invitations, live API keys and live sessions a tenant has; for operators.';
revoke all on function bulkhead.control_tenant_counts(uuid) from public;

create function bulkhead.control_context_keys() returns table (kid text, created_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select k.kid, k.created_at from bulkhead.context_key k
   where k.revoked_at is null and k.not_after > clock_timestamp() order by k.created_at desc
$$;
comment on function bulkhead.control_context_keys() is 'Names and ages of the keys that sign contexts; nothing of the keys themselves.';
revoke all on function bulkhead.control_context_keys() from public;
