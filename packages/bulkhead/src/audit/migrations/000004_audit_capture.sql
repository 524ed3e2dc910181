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
