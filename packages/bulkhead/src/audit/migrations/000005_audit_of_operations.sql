-- What is done to Bulkhead itself is recorded by the tables that it is done to, whoever does it and by
-- whatever way: operators' crossings and the keys that sign contexts. The runner executes this file as the
-- role `bulkhead`, which owns the schema and everything in it.

-- For triggers of Bulkhead's own tables, whose events need no context: `who` is said by them.
create function bulkhead.audit_note(tenant uuid, who text, event jsonb) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into bulkhead.audit_pending (tenant_id, class, event_id, actor, source, event)
  values (tenant, 'standard', gen_random_uuid(), who, 'operator', event::text)
$$;
comment on function bulkhead.audit_note(uuid, text, jsonb) is 'Records an event of the system; for triggers of Bulkhead''s own tables.';

create function bulkhead.audit_crossing() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.audit_note('00000000-0000-0000-0000-000000000000', new.actor, jsonb_build_object(
    'action', case tg_op when 'INSERT' then 'operator.crossing_began' else 'operator.crossing_ended' end,
    'outcome', case when tg_op = 'UPDATE' and new.outcome = 'failed' then 'failure' else 'success' end,
    'targets', '[]'::jsonb,
    'reason', new.reason,
    'metadata', jsonb_build_object('crossing', new.id)));
  return null;
end
$$;
comment on function bulkhead.audit_crossing() is 'Trigger: an operator''s crossing begins and ends in the operators'' log, in the transaction that puts it on record.';

create trigger bulkhead_audit_began after insert on bulkhead.operator_crossing
  for each row execute function bulkhead.audit_crossing();
create trigger bulkhead_audit_ended after update of finished_at on bulkhead.operator_crossing
  for each row when (old.finished_at is null and new.finished_at is not null)
  execute function bulkhead.audit_crossing();

create function bulkhead.audit_context_key() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.audit_note('00000000-0000-0000-0000-000000000000', 'database:' || session_user, jsonb_build_object(
    'action', case tg_op when 'INSERT' then 'context_key.installed' else 'context_key.revoked' end,
    'outcome', 'success',
    'targets', jsonb_build_array(jsonb_build_object('type', 'context_key', 'id', new.kid)),
    'metadata', jsonb_build_object('kid', new.kid)));
  return null;
end
$$;
comment on function bulkhead.audit_context_key() is 'Trigger: keys that sign contexts come and go in the operators'' log.';

create trigger bulkhead_audit_installed after insert on bulkhead.context_key
  for each row execute function bulkhead.audit_context_key();
create trigger bulkhead_audit_revoked after update of revoked_at on bulkhead.context_key
  for each row when (old.revoked_at is null and new.revoked_at is not null)
  execute function bulkhead.audit_context_key();

revoke all on function bulkhead.audit_note(uuid, text, jsonb), bulkhead.audit_crossing(),
  bulkhead.audit_context_key() from public;
