-- The notes app's tables, as any team might have them, brought under Bulkhead:
-- `tenant_id` leads every key, every foreign key and every index. Without it in a key, a tenant could learn
-- by a conflict or by a timing that another tenant holds a value; without it in a foreign key, a row
-- could point at another tenant's parent.

create table person (
  tenant_id     uuid        not null default bulkhead.tenant_id(),
  id            uuid        not null default gen_random_uuid(),
  email         text        not null check (email = lower(email) and length(email) <= 200),
  name          text        not null check (length(name) between 1 and 120),
  title         text        not null default '',
  password_hash text        not null,
  created_at    timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, email)
);
comment on table person is 'Who can sign in, one organization at a time.';

create table project (
  tenant_id  uuid        not null default bulkhead.tenant_id(),
  id         uuid        not null default gen_random_uuid(),
  code       text        not null check (length(code) between 2 and 24),
  name       text        not null check (length(name) between 1 and 160),
  summary    text        not null default '',
  status     text        not null default 'active' check (status in ('active', 'paused', 'done')),
  lead_id    uuid        not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, code),
  foreign key (tenant_id, lead_id) references person (tenant_id, id)
);
create index project_lead on project (tenant_id, lead_id);
comment on table project is 'What an organization works on; the parent of its notes and invoices.';

create table note (
  tenant_id  uuid        not null default bulkhead.tenant_id(),
  id         uuid        not null default gen_random_uuid(),
  project_id uuid        not null,
  author_id  uuid        not null,
  title      text        not null check (length(title) between 1 and 200),
  body       text        not null default '' check (length(body) <= 20000),
  pinned     boolean     not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Deliberately without a GIN index: one that is not led by tenant_id answers faster for a word another
  -- tenant uses, which is an oracle. The rows of one tenant are found by tenant_id and then searched.
  search     tsvector    generated always as (
    setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', body), 'B')
  ) stored,
  primary key (tenant_id, id),
  foreign key (tenant_id, project_id) references project (tenant_id, id) on delete cascade,
  foreign key (tenant_id, author_id) references person (tenant_id, id)
);
create index note_project on note (tenant_id, project_id);
create index note_author on note (tenant_id, author_id);
create index note_updated on note (tenant_id, updated_at desc);
comment on table note is 'What people write down about a project.';

create table comment (
  tenant_id  uuid        not null default bulkhead.tenant_id(),
  id         uuid        not null default gen_random_uuid(),
  note_id    uuid        not null,
  author_id  uuid        not null,
  body       text        not null check (length(body) between 1 and 4000),
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, note_id) references note (tenant_id, id) on delete cascade,
  foreign key (tenant_id, author_id) references person (tenant_id, id)
);
create index comment_note on comment (tenant_id, note_id, created_at);
create index comment_author on comment (tenant_id, author_id);
comment on table comment is 'What people answer to a note.';

create table invoice (
  tenant_id   uuid        not null default bulkhead.tenant_id(),
  id          uuid        not null default gen_random_uuid(),
  project_id  uuid        not null,
  number      text        not null check (length(number) between 1 and 40),
  customer    text        not null check (length(customer) between 1 and 160),
  status      text        not null default 'open' check (status in ('draft', 'open', 'paid')),
  issued_on   date        not null,
  due_on      date        not null check (due_on >= issued_on),
  total_cents bigint      not null check (total_cents >= 0),
  created_at  timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, number),
  foreign key (tenant_id, project_id) references project (tenant_id, id)
);
create index invoice_project on invoice (tenant_id, project_id);
create index invoice_due on invoice (tenant_id, status, due_on);
comment on table invoice is 'What a customer owes for a project; its total is that of its lines.';

create table invoice_line (
  tenant_id   uuid    not null default bulkhead.tenant_id(),
  id          uuid    not null default gen_random_uuid(),
  invoice_id  uuid    not null,
  position    integer not null check (position between 1 and 500),
  description text    not null check (length(description) between 1 and 300),
  quantity    integer not null check (quantity between 1 and 100000),
  unit_cents  bigint  not null check (unit_cents >= 0),
  primary key (tenant_id, id),
  unique (tenant_id, invoice_id, position),
  foreign key (tenant_id, invoice_id) references invoice (tenant_id, id) on delete cascade
);
comment on table invoice_line is 'One position of an invoice.';

create table activity (
  tenant_id  uuid        not null default bulkhead.tenant_id(),
  id         uuid        not null default gen_random_uuid(),
  at         timestamptz not null default now(),
  person_id  uuid        not null,
  verb       text        not null check (length(verb) between 1 and 60),
  object     text        not null check (length(object) between 1 and 240),
  primary key (tenant_id, at, id),
  foreign key (tenant_id, person_id) references person (tenant_id, id)
) partition by range (at);
create index activity_person on activity (tenant_id, person_id);
comment on table activity is 'Who did what and when; one partition a month.';

do $$
begin
  for month in 0 .. 47 loop
    execute format(
      'create table %I partition of activity for values from (%L) to (%L)',
      'activity_' || to_char(date '2025-01-01' + make_interval(months => month), 'YYYY_MM'),
      date '2025-01-01' + make_interval(months => month),
      date '2025-01-01' + make_interval(months => month + 1)
    );
  end loop;
end
$$;
create table activity_other partition of activity default;
