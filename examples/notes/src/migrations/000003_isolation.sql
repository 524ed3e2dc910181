-- Every table of the app, the partitions included: a partition asked directly obeys only its own policies.
-- `bulkhead.protect_table` forces row-level security and adds the tenant's policy.
select bulkhead.protect_table(c.oid::regclass)
from pg_catalog.pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  and pg_catalog.pg_get_userbyid(c.relowner) = 'notes_owner'
order by c.oid;

-- Per table and per verb, never ALL TABLES; nothing on the partitions, which are reached through their parent.
grant select on person to notes_app;
grant select, insert, update, delete on project, note, comment, invoice, invoice_line to notes_app;
grant select, insert on activity to notes_app;
grant select on project_summary to notes_app;
grant select on person, project, note, comment, invoice, invoice_line, activity, project_summary to notes_operator;

revoke execute on function search_notes(text), invoice_total_matches() from public;
grant execute on function search_notes(text) to notes_app, notes_operator;
