-- Who comes in by an invitation gets a row of their own organization, and no other.
grant insert (id, name, email) on person to notes_app;
