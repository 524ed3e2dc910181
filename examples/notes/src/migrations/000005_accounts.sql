-- People sign in by Bulkhead's accounts from here on: what proves that it is them is no business of this app's
-- tables, nor within reach of its role.
select bulkhead.audit_untrack('person');
alter table person drop column password_hash;
select bulkhead.audit_track('person', '{
  "as": "user",
  "personal": {
    "email": {"type": "user", "id": "id"},
    "name": {"type": "user", "id": "id"},
    "title": {"type": "user", "id": "id"}
  }
}');
comment on table person is 'Who belongs to an organization, as its pages show them; the user of the same id signs in.';
