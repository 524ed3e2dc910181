-- What records itself: events of many tenants in one call, and the rows of tracked tables.
-- The runner executes this file as the role `bulkhead`.

-- Each event names one of the signed contexts, and each context is verified as any other is. Without the key
-- that signs, a caller has no context but its own.
create function bulkhead.audit_submit(
  contexts text[], context_of integer[], ids uuid[], classes text[], events text[])
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('bulkhead.context', true), '');
  tenants uuid[];
  actors text[];
begin
  for n in 1 .. cardinality(contexts) loop
    perform set_config('bulkhead.context', contexts[n], true);
    tenants[n] := bulkhead.tenant_id();
    if tenants[n] is null then
      raise exception 'bulkhead: no context to record in' using errcode = '28000';
    end if;
    -- tenant_id() has verified the token that this is cut from; see bulkhead.actor().
    actors[n] := substr(left(contexts[n], -65), 61);
  end loop;
  perform set_config('bulkhead.context', before, true);
  insert into bulkhead.audit_pending (tenant_id, class, event_id, actor, source, event)
  select tenants[t.context], t.class, t.id, actors[t.context], 'record', t.event
    from unnest(context_of, ids, classes, events) as t (context, id, class, event);
end
$$;
comment on function bulkhead.audit_submit(text[], integer[], uuid[], text[], text[]) is 'Records events of several tenants and actors, each by a signed context of its own.';

revoke all on function bulkhead.audit_submit(text[], integer[], uuid[], text[], text[]) from public;

-- Rows --------------------------------------------------------------------------------------------------

-- What a column's value looks like in an event. A number that a double cannot hold becomes text, and so does
-- what nests deeply, or no reader in JSON would see the value that was there; a long value becomes its hash.
create function bulkhead.audit_value(value jsonb, bytes_max integer) returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case
    when octet_length(shown) > bytes_max then jsonb_build_object('$cut', jsonb_build_object(
      'bytes', octet_length(shown), 'sha256', encode(sha256(convert_to(shown, 'UTF8')), 'hex')))
    when kind = 'number' and length(shown) > 15 then to_jsonb(shown)
    when kind in ('object', 'array')
         and (jsonb_path_exists(value, '$.**{4 to last}') or strpos(shown, '"__proto__"') > 0) then to_jsonb(shown)
    else value
  end
  from (values (jsonb_typeof(value), value #>> '{}')) as v (kind, shown)
$$;
comment on function bulkhead.audit_value(jsonb, integer) is 'A column''s value as an event holds it: exact, or cut to its length and SHA-256.';

create function bulkhead.audit_columns(row_values jsonb, masked text[], bytes_max integer) returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_object_agg(c.key, case
      when c.value = 'null'::jsonb then c.value
      when c.key = any (masked) then '{"$masked": true}'::jsonb
      else bulkhead.audit_value(c.value, bytes_max) end), '{}')
    from jsonb_each(row_values) as c (key, value)
$$;
comment on function bulkhead.audit_columns(jsonb, text[], integer) is 'The columns of a row as an event holds them.';

-- Most rows hold nothing that must be shown otherwise, which their text tells much faster than their columns do:
-- nothing long, no number of sixteen places, nothing nested.
create function bulkhead.audit_is_plain(row_text text) returns boolean
language sql immutable parallel safe
as $$
  select octet_length(row_text) <= 4096 and row_text !~ '": (-?[0-9][0-9.eE+-]{15}|[\[{])'
$$;
comment on function bulkhead.audit_is_plain(text) is 'True for a row whose columns an event holds as they are.';

-- The settings are the trigger's one argument, so that reading them asks no table; see bulkhead.audit_track.
-- With a context the tenant is that of the context, whatever the row says: a table that row-level security
-- does not hold cannot be used to write into another tenant's log. It is on the way of every write: what most
-- tables do not use is skipped.
create function bulkhead.audit_row() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  settings jsonb := tg_argv[0]::jsonb;
  masked text[] := '{}';
  before jsonb;
  after jsonb;
  kept jsonb;
  tenant uuid;
  who text;
  target_id text;
  personal jsonb := '[]';
  event jsonb;
  bytes_max integer;
begin
  if tg_op <> 'INSERT' then
    before := to_jsonb(old);
  end if;
  if tg_op <> 'DELETE' then
    after := to_jsonb(new);
  end if;
  kept := coalesce(after, before);
  if current_setting('bulkhead.context', true) <> '' then
    tenant := bulkhead.tenant_id();
    -- tenant_id() has verified the token that this is cut from; see bulkhead.actor().
    who := substr(left(current_setting('bulkhead.context'), -65), 61);
  else
    tenant := coalesce((kept ->> (settings ->> 'tenant'))::uuid, '00000000-0000-0000-0000-000000000000');
    who := 'database:' || session_user;
  end if;
  if jsonb_array_length(settings -> 'key') = 1 then
    target_id := kept ->> (settings -> 'key' ->> 0);
  else
    select string_agg(kept ->> k.name, ',' order by k.n) into target_id
      from jsonb_array_elements_text(settings -> 'key') with ordinality as k (name, n);
  end if;
  if length(target_id) > 256 then
    target_id := encode(sha256(convert_to(target_id, 'UTF8')), 'hex');
  end if;
  if settings -> 'personal' <> '{}' then
    select coalesce(jsonb_agg(jsonb_build_object(
             'path', '/' || side.name || '/' || replace(replace(p.name, '~', '~0'), '/', '~1'),
             'subject', case
               when p.whose ->> 'type' = 'actor' then jsonb_build_object(
                 'type', split_part(who, ':', 1), 'id', substr(who, strpos(who, ':') + 1))
               else jsonb_build_object('type', p.whose ->> 'type', 'id', left(side.doc ->> (p.whose ->> 'id'), 256))
             end)), '[]')
      into personal
      from jsonb_each(settings -> 'personal') as p (name, whose)
     cross join (values ('before', before), ('after', after)) as side (name, doc)
     where side.doc ? p.name and jsonb_typeof(side.doc -> p.name) <> 'null'
       and (p.whose ->> 'type' = 'actor' or side.doc ->> (p.whose ->> 'id') <> '');
  end if;
  if settings -> 'exclude' <> '[]' then
    before := before - array(select jsonb_array_elements_text(settings -> 'exclude'));
    after := after - array(select jsonb_array_elements_text(settings -> 'exclude'));
  end if;
  if settings -> 'mask' <> '[]' then
    masked := array(select jsonb_array_elements_text(settings -> 'mask'));
  end if;
  -- A column that has another name by now may be any of those that were not there: it must not be shown.
  if settings ? 'columns' and not kept ?& array(
    select jsonb_array_elements_text((settings -> 'exclude') || (settings -> 'mask'))
    union all select jsonb_object_keys(settings -> 'personal'))
  then
    masked := masked || array(select jsonb_object_keys(kept) except select jsonb_array_elements_text(settings -> 'columns'));
  end if;
  if tg_op = 'UPDATE' then
    -- Only what changed, on both sides; a change of excluded columns alone is no event.
    select coalesce(jsonb_object_agg(o.key, o.value), '{}'), coalesce(jsonb_object_agg(o.key, after -> o.key), '{}')
      into before, after
      from jsonb_each(before) as o (key, value)
     where after -> o.key is distinct from o.value;
    if before = '{}' then
      return null;
    end if;
  end if;
  event := jsonb_build_object(
    'action', case tg_op when 'INSERT' then 'row.inserted' when 'UPDATE' then 'row.updated' else 'row.deleted' end,
    'outcome', 'success',
    'targets', jsonb_build_array(jsonb_build_object(
      'type', settings ->> 'type', 'id', coalesce(nullif(target_id, ''), '-'))));
  if personal <> '[]' then
    event := event || jsonb_build_object('personal', personal);
  end if;
  if masked = '{}' and (before is null or bulkhead.audit_is_plain(before::text))
     and (after is null or bulkhead.audit_is_plain(after::text)) then
    event := event
      || case when before is null then '{}' else jsonb_build_object('before', before) end
      || case when after is null then '{}' else jsonb_build_object('after', after) end;
  else
    kept := event;
    -- In the order of what is lost: nothing, long values, all but short values, everything but the hashes.
    foreach bytes_max in array array[4096, 256, 32]
    loop
      event := kept
        || case when before is null then '{}' else jsonb_build_object('before', bulkhead.audit_columns(before, masked, bytes_max)) end
        || case when after is null then '{}' else jsonb_build_object('after', bulkhead.audit_columns(after, masked, bytes_max)) end;
      exit when octet_length(event::text) <= 30000;
    end loop;
    if octet_length(event::text) > 30000 then
      event := (kept - 'personal')
        || case when before is null then '{}' else jsonb_build_object('before', bulkhead.audit_value(to_jsonb(before::text), 0)) end
        || case when after is null then '{}' else jsonb_build_object('after', bulkhead.audit_value(to_jsonb(after::text), 0)) end;
    end if;
  end if;
  insert into bulkhead.audit_pending (tenant_id, class, event_id, actor, source, event)
  values (tenant, settings ->> 'class', gen_random_uuid(), who, 'row', event::text);
  return null;
end
$$;
comment on function bulkhead.audit_row() is 'Trigger of tracked tables: records a row''s old and new values in the transaction that changes it.';

create function bulkhead.audit_truncate() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  settings jsonb := tg_argv[0]::jsonb;
  tenant uuid := bulkhead.tenant_id();
begin
  insert into bulkhead.audit_pending (tenant_id, class, event_id, actor, source, event)
  values (
    coalesce(tenant, '00000000-0000-0000-0000-000000000000'), settings ->> 'class', gen_random_uuid(),
    case when tenant is null then 'database:' || session_user
         else substr(left(current_setting('bulkhead.context'), -65), 61) end,
    'row',
    jsonb_build_object('action', 'table.truncated', 'outcome', 'success', 'targets', jsonb_build_array(
      jsonb_build_object('type', 'table', 'id', left(tg_table_schema || '.' || tg_table_name, 256))))::text);
  return null;
end
$$;
comment on function bulkhead.audit_truncate() is 'Trigger of tracked tables: records that all rows went at once, in the operators'' log because they were of many tenants.';

create function bulkhead.audit_untrack(target regclass) returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  part regclass;
  dropped integer := 0;
  -- Its partitions, and the tables that inherit from it.
  heirs oid[] := array(
    with recursive heir (oid) as (
      select target::oid
      union select i.inhrelid from pg_catalog.pg_inherits i join heir h on i.inhparent = h.oid)
    select h.oid from heir h);
begin
  for part in
    select t.tgrelid from pg_catalog.pg_trigger t
     where t.tgname = 'bulkhead_audit_row' and t.tgparentid = 0
       and t.tgrelid = any (heirs)
  loop
    execute format('drop trigger bulkhead_audit_row on %s', part);
    dropped := dropped + 1;
  end loop;
  for part in
    select t.tgrelid from pg_catalog.pg_trigger t
     where t.tgname = 'bulkhead_audit_truncate' and t.tgrelid = any (heirs)
  loop
    execute format('drop trigger bulkhead_audit_truncate on %s', part);
  end loop;
  return dropped;
end
$$;
comment on function bulkhead.audit_untrack(regclass) is 'Ends the tracking of a table''s rows; returns how many triggers went.';

-- Runs as its caller, who must own the table. Tracking a table again replaces its settings.
create function bulkhead.audit_track(target regclass, settings jsonb default '{}') returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  known text[] := array['as', 'class', 'exclude', 'mask', 'personal', 'tenant'];
  column_names text[] := array(
    select a.attname from pg_catalog.pg_attribute a
     where a.attrelid = target and a.attnum > 0 and not a.attisdropped order by a.attnum);
  named text;
  tenant_column text;
  key_columns text[];
  whole jsonb;
  part record;
begin
  if (select c.relkind from pg_catalog.pg_class c where c.oid = target) not in ('r', 'p') then
    raise exception 'bulkhead: % is no table', target using errcode = '42809';
  end if;
  if exists (select from jsonb_object_keys(settings) as k where k <> all (known)) then
    raise exception 'bulkhead: settings are %', array_to_string(known, ', ') using errcode = '22023';
  end if;
  tenant_column := coalesce(settings ->> 'tenant', case when 'tenant_id' = any (column_names) then 'tenant_id' end);
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
  if coalesce(settings ->> 'class', 'standard') !~ '^[a-z][a-z0-9-]{0,31}$'
     or coalesce(settings ->> 'as', 'row') !~ '^[a-z][a-z0-9_.]{0,63}$'
     or exists (select from jsonb_each(coalesce(settings -> 'personal', '{}')) as p
                 where p.value ->> 'type' !~ '^[a-z][a-z0-9_.]{0,63}$') then
    raise exception 'bulkhead: a class or a type is a word in lower case' using errcode = '22023';
  end if;
  key_columns := array(
    select a.attname::text
      from pg_catalog.pg_index i
     cross join lateral unnest(i.indkey) with ordinality as k (attnum, n)
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
     where i.indrelid = target and i.indisprimary and a.attname is distinct from tenant_column
     order by k.n);
  whole := jsonb_build_object(
    'class', coalesce(settings ->> 'class', 'standard'),
    'exclude', coalesce(settings -> 'exclude', '[]'),
    'mask', coalesce(settings -> 'mask', '[]'),
    -- A person's own id in the row would tell whose pseudonym the target has.
    'personal', coalesce(settings -> 'personal', '{}') || coalesce((
      select jsonb_object_agg(k.name, jsonb_build_object('type', settings ->> 'as', 'id', k.name))
        from unnest(key_columns) as k (name)
       where settings ->> 'as' in ('user', 'operator')), '{}'),
    'tenant', tenant_column,
    'type', coalesce(settings ->> 'as', (
      select nullif(left(regexp_replace(regexp_replace(lower(c.relname), '[^a-z0-9_]+', '_', 'g'), '^[^a-z]+', ''), 64), '')
        from pg_catalog.pg_class c where c.oid = target), 'row'),
    'key', to_jsonb(key_columns));
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
  return whole;
end
$$;
comment on function bulkhead.audit_track(regclass, jsonb) is 'Records every change of a table''s rows from now on. Settings: as (the target''s type), class, exclude, mask (columns), personal ({column: {type, id: column}} or {type: actor}), tenant (column).';

do $$
declare
  routine regprocedure;
begin
  for routine in
    select p.oid::regprocedure from pg_catalog.pg_proc p
     where p.pronamespace = 'bulkhead'::regnamespace
       and p.proname in ('audit_value', 'audit_columns', 'audit_is_plain', 'audit_row', 'audit_truncate', 'audit_track', 'audit_untrack')
  loop
    execute format('revoke all on function %s from public', routine);
  end loop;
end
$$;
