-- Changes of the directory stand in the log of the tenant that was changed, in the transaction that changes
-- it. The runner executes this file as the role `bulkhead`, which owns the schema and everything in it.

create function bulkhead.audit_tenant_change() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.audit_note(new.tenant_id, new.actor, jsonb_strip_nulls(jsonb_build_object(
    'action', case new.action
      when 'create' then 'tenant.created'
      when 'import' then 'tenant.imported'
      when 'rename' then 'tenant.renamed'
      when 'disable' then 'tenant.disabled'
      when 'enable' then 'tenant.enabled'
      when 'domain.add' then 'tenant.domain_added'
      when 'domain.remove' then 'tenant.domain_removed'
      else 'tenant.changed' end,
    'outcome', 'success',
    'targets', jsonb_build_array(jsonb_build_object('type', 'tenant', 'id', new.tenant_id)),
    'before', new.before,
    'after', new.after)));
  return null;
end
$$;
comment on function bulkhead.audit_tenant_change() is 'Trigger: a change of the directory is an event of the tenant''s log.';
revoke all on function bulkhead.audit_tenant_change() from public;

create trigger bulkhead_audit after insert on bulkhead.tenant_change
  for each row execute function bulkhead.audit_tenant_change();
