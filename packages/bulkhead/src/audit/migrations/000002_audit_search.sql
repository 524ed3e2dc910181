-- Search: like the index of a book. For every full block of 1,024 leaves it says which words stand in it, and
-- where. Written once, later than the leaves, from the leaves; what is not indexed yet is read as it is.
-- The runner executes this file as the role `bulkhead`, which owns the schema and everything in it.

create table bulkhead.audit_search_block (
  tenant_id uuid not null,
  class text collate "C" not null,
  block bigint not null check (block >= 0),
  at_min timestamptz not null,
  at_max timestamptz not null,
  ends bytea not null check (octet_length(ends) = 4096),
  digest bytea not null check (octet_length(digest) = 32),
  indexed_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, class, block)
);
alter table bulkhead.audit_search_block alter column ends set storage external;
create index audit_search_block_at on bulkhead.audit_search_block (tenant_id, class, at_max desc);
comment on table bulkhead.audit_search_block is 'The blocks of 1,024 leaves that search has indexed.';
comment on column bulkhead.audit_search_block.tenant_id is 'Whose log.';
comment on column bulkhead.audit_search_block.class is 'The retention class.';
comment on column bulkhead.audit_search_block.block is 'Leaves 1024 × block up to 1024 × block + 1023.';
comment on column bulkhead.audit_search_block.at_min is 'When the earliest of its events happened.';
comment on column bulkhead.audit_search_block.at_max is 'When the latest of its events happened.';
comment on column bulkhead.audit_search_block.ends is 'For each leaf where it ends in its chunk, four bytes, below zero for a chunk''s first: so one leaf is read without the others.';
comment on column bulkhead.audit_search_block.digest is 'SHA-256 of what was indexed; tells damage from absence.';
comment on column bulkhead.audit_search_block.indexed_at is 'When it was indexed; again after a person in it was erased.';

create table bulkhead.audit_search_term (
  tenant_id uuid not null,
  class text collate "C" not null,
  part smallint not null check (part between 0 and 63),
  block bigint not null,
  tokens integer[] not null,
  postings bytea not null,
  primary key (tenant_id, class, part, block)
);
-- Tokens are looked through row by row, so they stay in the row; postings are fetched for what was found.
alter table bulkhead.audit_search_term alter column tokens set storage plain;
comment on table bulkhead.audit_search_term is 'Which words stand in a block, as keyed hashes, and at which of its leaves. No word in plain text.';
comment on column bulkhead.audit_search_term.tenant_id is 'Whose log.';
comment on column bulkhead.audit_search_term.class is 'The retention class.';
comment on column bulkhead.audit_search_term.part is 'The words'' hashes modulo 64: a search for one word reads one part.';
comment on column bulkhead.audit_search_term.block is 'The block.';
comment on column bulkhead.audit_search_term.tokens is 'Hashes of the block''s words under the tenant''s key, ascending.';
comment on column bulkhead.audit_search_term.postings is 'For each token how many leaves have it, and the gaps between their positions, as varints.';

do $$
declare
  name text;
begin
  foreach name in array array['audit_search_block', 'audit_search_term']
  loop
    execute format('alter table bulkhead.%I enable row level security', name);
    execute format('alter table bulkhead.%I force row level security', name);
    execute format('revoke all on bulkhead.%I from public', name);
    execute format('create policy bulkhead_owner on bulkhead.%I to bulkhead using (true) with check (true)', name);
    execute format(
      'create policy bulkhead_tenant on bulkhead.%I for select to public using (tenant_id = (select bulkhead.tenant_id()))',
      name);
  end loop;
end
$$;

create function bulkhead.audit_search_due(blocks_max integer)
returns table (tenant_id uuid, class text, block bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select l.tenant_id, l.class, missing.block
    from bulkhead.audit_log l
   cross join lateral (
      select count(*) as blocks from bulkhead.audit_search_block b
       where b.tenant_id = l.tenant_id and b.class = l.class) as have
   cross join lateral (
      select g.block from generate_series(0, l.next / 1024 - 1) as g (block)
       where not exists (select from bulkhead.audit_search_block b
                          where b.tenant_id = l.tenant_id and b.class = l.class and b.block = g.block)
       order by g.block desc
       limit blocks_max) as missing
   where l.next >= 1024 and have.blocks < l.next / 1024
   limit blocks_max
$$;
comment on function bulkhead.audit_search_due(integer) is 'Full blocks that are not indexed, the newest of each log first.';

create function bulkhead.audit_search_leaves(tenant uuid, of_class text, of_block bigint)
returns table (first bigint, count integer, entries bytea)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select c.first, c.count, c.entries from bulkhead.audit_chunk c
   where c.tenant_id = tenant and c.class = of_class
     and c.first >= 1024 * of_block and c.first < 1024 * (of_block + 1)
   order by c.first
$$;
comment on function bulkhead.audit_search_leaves(uuid, text, bigint) is 'The leaves of a block, for the indexer.';

create function bulkhead.audit_search_openings(tenant uuid, of_class text, of_block bigint)
returns table (class text, leaf_index bigint, subject uuid, sealed bytea)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select o.class, o.leaf_index, o.subject, o.sealed from bulkhead.audit_opening o
   where o.tenant_id = tenant and o.class = of_class
     and o.leaf_index >= 1024 * of_block and o.leaf_index < 1024 * (of_block + 1)
$$;
comment on function bulkhead.audit_search_openings(uuid, text, bigint) is 'The personal values of a block, sealed, for the indexer.';

create function bulkhead.audit_search_subjects(tenant uuid, pseudonyms uuid[])
returns table (pseudonym uuid, sealed_ref bytea, wrapped_key bytea, erased_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select s.pseudonym, s.sealed_ref, s.wrapped_key, s.erased_at from bulkhead.audit_subject s
   where s.tenant_id = tenant and s.pseudonym = any (pseudonyms)
$$;
comment on function bulkhead.audit_search_subjects(uuid, uuid[]) is 'The persons of a block, for the indexer.';

create function bulkhead.audit_search_key(tenant uuid) returns bytea
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select k.wrapped from bulkhead.audit_vault_key k where k.tenant_id = tenant
$$;
comment on function bulkhead.audit_search_key(uuid) is 'The key of a tenant''s words, wrapped, for the indexer.';

-- All or nothing, and not when a person was erased since the words were read.
create function bulkhead.audit_search_write(
  tenant uuid, of_class text, of_block bigint, erasures_seen bigint,
  earliest timestamptz, latest timestamptz, leaf_ends bytea, content_digest bytea,
  parts smallint[], token_counts integer[], all_tokens integer[], posting_lengths integer[], all_postings bytea)
returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from bulkhead.audit_vault_state v where v.erasures = erasures_seen for share;
  if not found then
    return false;
  end if;
  insert into bulkhead.audit_search_block (tenant_id, class, block, at_min, at_max, ends, digest)
  values (tenant, of_class, of_block, earliest, latest, leaf_ends, content_digest)
      on conflict (tenant_id, class, block) do nothing;
  if not found then
    return false;
  end if;
  insert into bulkhead.audit_search_term (tenant_id, class, part, block, tokens, postings)
  select tenant, of_class, t.part, of_block,
         all_tokens[t.token_end - t.token_count + 1 : t.token_end],
         substr(all_postings, (t.posting_end - t.posting_length + 1)::integer, t.posting_length)
    from (select p.part, p.token_count, p.posting_length,
                 sum(p.token_count) over (order by p.n) as token_end,
                 sum(p.posting_length) over (order by p.n) as posting_end
            from unnest(parts, token_counts, posting_lengths) with ordinality as p (part, token_count, posting_length, n)) as t;
  return true;
end
$$;
comment on function bulkhead.audit_search_write is 'Indexes a block; false when it is indexed already or a person was erased meanwhile.';

-- After an erasure: the words of these leaves are forgotten, and their blocks indexed anew without them.
create function bulkhead.audit_search_forget(tenant uuid, of_class text, blocks bigint[]) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  delete from bulkhead.audit_search_term t
   using generate_series(0, 63) as g (part)
   where t.tenant_id = tenant and t.class = of_class and t.part = g.part and t.block = any (blocks);
  delete from bulkhead.audit_search_block b
   where b.tenant_id = tenant and b.class = of_class and b.block = any (blocks);
$$;
comment on function bulkhead.audit_search_forget(uuid, text, bigint[]) is 'Takes blocks out of the index, so that they are indexed again.';

do $$
declare
  routine regprocedure;
begin
  for routine in
    select p.oid::regprocedure from pg_catalog.pg_proc p
     where p.pronamespace = 'bulkhead'::regnamespace and p.proname like 'audit\_search\_%'
  loop
    execute format('revoke all on function %s from public', routine);
  end loop;
end
$$;
