-- security_invoker: without it the view would read as its owner. (FORCE ROW LEVEL SECURITY would still
-- hold the owner to the policies, but a view should not lean on that.)
create view project_summary with (security_invoker = true) as
select
  p.tenant_id, p.id, p.code, p.name, p.summary, p.status, l.name as lead_name,
  (select count(*) from note n where n.tenant_id = p.tenant_id and n.project_id = p.id)::integer as note_count,
  (select coalesce(sum(i.total_cents), 0) from invoice i
    where i.tenant_id = p.tenant_id and i.project_id = p.id and i.status <> 'draft')::bigint as invoiced_cents,
  (select coalesce(sum(i.total_cents), 0) from invoice i
    where i.tenant_id = p.tenant_id and i.project_id = p.id and i.status = 'paid')::bigint as paid_cents
from project p
join person l on l.tenant_id = p.tenant_id and l.id = p.lead_id;
comment on view project_summary is 'A project with its lead, how many notes it has and what it earned.';

-- Runs as its caller and therefore under the caller's policies; it names no tenant, and need not.
create function search_notes(query text)
returns table (id uuid, title text, excerpt text, project_name text, author_name text, updated_at timestamptz, rank real)
language sql stable security invoker
set search_path = public, pg_temp
as $$
  select n.id, n.title,
    ts_headline('english', n.body, q, 'StartSel=«, StopSel=», MaxWords=28, MinWords=12, MaxFragments=1'),
    p.name, a.name, n.updated_at, ts_rank(n.search, q)
  from websearch_to_tsquery('english', query) q, note n
  join project p on p.tenant_id = n.tenant_id and p.id = n.project_id
  join person a on a.tenant_id = n.tenant_id and a.id = n.author_id
  where n.search @@ q
  order by ts_rank(n.search, q) desc, n.updated_at desc
  limit 50
$$;
comment on function search_notes is 'Full-text search over the notes of the caller''s organization.';

-- Deferred, so that an invoice and its lines may be written in any order inside one transaction. It fires
-- at commit: the tenant's context must still stand there, or the sum would silently be that of no rows.
create function invoice_total_matches() returns trigger
language plpgsql security invoker
set search_path = public, pg_temp
as $$
declare
  checked_tenant uuid;
  checked_invoice uuid;
  stated bigint;
  summed bigint;
begin
  if tg_table_name = 'invoice' then
    checked_tenant := new.tenant_id;
    checked_invoice := new.id;
  elsif tg_op = 'DELETE' then
    checked_tenant := old.tenant_id;
    checked_invoice := old.invoice_id;
  else
    checked_tenant := new.tenant_id;
    checked_invoice := new.invoice_id;
  end if;

  select total_cents into stated from invoice where tenant_id = checked_tenant and id = checked_invoice;
  if not found then
    -- Gone together with its lines is fine; written just now and not to be seen is not.
    if tg_op = 'DELETE' then return null; end if;
    raise exception 'the invoice is out of sight at commit' using errcode = 'check_violation';
  end if;
  select coalesce(sum(quantity * unit_cents), 0) into summed
    from invoice_line where tenant_id = checked_tenant and invoice_id = checked_invoice;
  if stated <> summed then
    raise exception 'the invoice states % cents, its lines come to %', stated, summed
      using errcode = 'check_violation', constraint = 'invoice_total_matches';
  end if;
  return null;
end
$$;

create constraint trigger invoice_total_matches after insert or update on invoice
  deferrable initially deferred for each row execute function invoice_total_matches();
create constraint trigger invoice_total_matches after insert or update or delete on invoice_line
  deferrable initially deferred for each row execute function invoice_total_matches();
