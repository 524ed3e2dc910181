-- Every change of an invoice or a person is in the audit log with its old and new values, whoever makes it and
-- by whatever way. A person's own data is only committed to there, and can be erased; the hash of a password
-- is none of the log's business.
select bulkhead.audit_track('invoice');
select bulkhead.audit_track('person', '{
  "as": "user",
  "mask": ["password_hash"],
  "personal": {
    "email": {"type": "user", "id": "id"},
    "name": {"type": "user", "id": "id"},
    "title": {"type": "user", "id": "id"}
  }
}');
