-- How people come in: mail, invitations, and domains whose people may join. The runner executes this file as the
-- role `bulkhead`, which owns the schema and everything in it.

-- Mail -----------------------------------------------------------------------------------------------------

-- A row commits with the change that it tells of, so a mail is sent if and only if the change happened.
create table bulkhead.mail (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid,
  recipient text not null check (length(recipient) <= 254 and recipient ~ '^[!-?A-~]+@[a-z0-9.-]+$'),
  template text not null check (template ~ '^[a-z_]{1,40}$'),
  data jsonb,
  sealed bytea,
  created_at timestamptz not null default clock_timestamp(),
  due_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 0,
  claim uuid,
  sent_at timestamptz,
  failed_at timestamptz,
  last_error text check (length(last_error) <= 500),
  check (octet_length(data::text) <= 65536 and octet_length(sealed) <= 65536)
) with (fillfactor = 70);
create index mail_due on bulkhead.mail (due_at, id) where sent_at is null and failed_at is null;
create index mail_done on bulkhead.mail (created_at) where sent_at is not null or failed_at is not null;
comment on table bulkhead.mail is 'Mail that waits to be sent, and for a week what became of it. No role may read it; the identity role calls functions.';
comment on column bulkhead.mail.id is 'Also the Message-ID, so that a mail sent twice is known for one.';
comment on column bulkhead.mail.tenant_id is 'Of which tenant it tells; null for none.';
comment on column bulkhead.mail.recipient is 'To whom: one canonical address.';
comment on column bulkhead.mail.template is 'How it is written.';
comment on column bulkhead.mail.data is 'What it tells; null once it is sent or given up.';
comment on column bulkhead.mail.sealed is 'What of it is secret, such as the token of a link, encrypted under a key that the database does not have; null once it is sent or given up.';
comment on column bulkhead.mail.created_at is 'When it was posted.';
comment on column bulkhead.mail.due_at is 'When it is to be tried next.';
comment on column bulkhead.mail.attempts is 'How often it was tried.';
comment on column bulkhead.mail.claim is 'The attempt that has it; a later one takes it over when that is not heard of.';
comment on column bulkhead.mail.sent_at is 'When a mail server took it.';
comment on column bulkhead.mail.failed_at is 'When it was given up.';
comment on column bulkhead.mail.last_error is 'What the mail server last said, without the recipient.';

-- Invitations ----------------------------------------------------------------------------------------------

create table bulkhead.invitation (
  tenant_id uuid not null,
  id uuid not null,
  email text collate "C" not null
    check (length(email) between 3 and 254 and email ~ '^[!-?A-~]+@[a-z0-9.-]+$' and email = lower(email)),
  name text check (length(name) between 1 and 200),
  role text collate "C" not null,
  node uuid not null,
  token_hash bytea not null check (octet_length(token_hash) = 32),
  invited_by text not null,
  created_at timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
  sent_at timestamptz not null default clock_timestamp(),
  sends integer not null default 1,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid,
  revoked_at timestamptz,
  revoked_by text,
  primary key (tenant_id, id),
  check (accepted_at is null or revoked_at is null)
);
create index invitation_token_hash on bulkhead.invitation (token_hash);
create unique index invitation_open on bulkhead.invitation (tenant_id, email, node, role)
  where accepted_at is null and revoked_at is null;
create index invitation_created_at on bulkhead.invitation (tenant_id, created_at, id);
create index invitation_accepted on bulkhead.invitation (tenant_id, email, node, role) where accepted_at is not null;
comment on table bulkhead.invitation is 'Who was asked to come in, as what and where. The link that was mailed works once, for the invited address alone.';
comment on column bulkhead.invitation.tenant_id is 'The tenant.';
comment on column bulkhead.invitation.id is 'The invitation; no credential.';
comment on column bulkhead.invitation.email is 'The address that was written to, in its one spelling.';
comment on column bulkhead.invitation.name is 'What the inviter calls them; null where nothing was said.';
comment on column bulkhead.invitation.role is 'What they will be granted.';
comment on column bulkhead.invitation.node is 'Where.';
comment on column bulkhead.invitation.token_hash is 'SHA-256 of what the link holds; a new link replaces it, which ends the old one.';
comment on column bulkhead.invitation.invited_by is 'Who invited, as type:id: they must still hold what is given when it is accepted.';
comment on column bulkhead.invitation.created_at is 'When.';
comment on column bulkhead.invitation.sent_at is 'When the last link was mailed.';
comment on column bulkhead.invitation.sends is 'How many links were mailed.';
comment on column bulkhead.invitation.expires_at is 'From then on the link is dead.';
comment on column bulkhead.invitation.accepted_at is 'When it was accepted.';
comment on column bulkhead.invitation.accepted_by is 'By which user.';
comment on column bulkhead.invitation.revoked_at is 'When it was taken back.';
comment on column bulkhead.invitation.revoked_by is 'By whom, as type:id.';

create table bulkhead.invitation_quota (
  tenant_id uuid primary key,
  per_day integer not null default 500 check (per_day between 0 and 1000000),
  day date not null default (clock_timestamp() at time zone 'UTC')::date,
  used integer not null default 0
) with (fillfactor = 50);
comment on table bulkhead.invitation_quota is 'How many invitations a tenant mails a day, so that nobody sends spam through it.';
comment on column bulkhead.invitation_quota.tenant_id is 'The tenant.';
comment on column bulkhead.invitation_quota.per_day is 'How many it may.';
comment on column bulkhead.invitation_quota.day is 'The day that is counted, in UTC.';
comment on column bulkhead.invitation_quota.used is 'How many it has on that day.';

-- Domains --------------------------------------------------------------------------------------------------

create table bulkhead.tenant_verified_domain (
  tenant_id uuid not null,
  domain text collate "C" not null
    check (length(domain) <= 253 and domain ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$'),
  role text collate "C" not null,
  challenge text not null,
  status text not null default 'pending' check (status in ('pending', 'verified', 'lapsed')),
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  verified_at timestamptz,
  checked_at timestamptz,
  misses integer not null default 0,
  missed_at timestamptz,
  primary key (tenant_id, domain)
);
create unique index tenant_verified_domain_one on bulkhead.tenant_verified_domain (domain) where status = 'verified';
create index tenant_verified_domain_checked_at on bulkhead.tenant_verified_domain (checked_at);
comment on table bulkhead.tenant_verified_domain is 'Mail domains whose people may join a tenant by themselves, once its keeper has shown that the domain is theirs.';
comment on column bulkhead.tenant_verified_domain.tenant_id is 'The tenant.';
comment on column bulkhead.tenant_verified_domain.domain is 'Lower case, in its ASCII form. Verified for one tenant at a time.';
comment on column bulkhead.tenant_verified_domain.role is 'What who joins is granted: never more than a member has.';
comment on column bulkhead.tenant_verified_domain.challenge is 'What a TXT record of the domain must say. Public.';
comment on column bulkhead.tenant_verified_domain.status is 'pending until the record was found; lapsed when it was gone for three checks over a day.';
comment on column bulkhead.tenant_verified_domain.created_by is 'Who added it, as type:id.';
comment on column bulkhead.tenant_verified_domain.created_at is 'When.';
comment on column bulkhead.tenant_verified_domain.verified_at is 'When the record was first found.';
comment on column bulkhead.tenant_verified_domain.checked_at is 'When it was last looked for.';
comment on column bulkhead.tenant_verified_domain.misses is 'How often in a row it was not there, at least twelve hours apart.';
comment on column bulkhead.tenant_verified_domain.missed_at is 'When that was last counted.';

create table bulkhead.member_removed (
  tenant_id uuid not null,
  user_id text collate "C" not null,
  removed_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, user_id)
);
comment on table bulkhead.member_removed is 'People whom a tenant has put out: their mail domain does not bring them in again, an invitation does.';
comment on column bulkhead.member_removed.tenant_id is 'The tenant.';
comment on column bulkhead.member_removed.user_id is 'Whom.';
comment on column bulkhead.member_removed.removed_at is 'When.';

-- Walls ----------------------------------------------------------------------------------------------------

do $$
declare
  name text;
begin
  foreach name in array array['mail', 'invitation', 'invitation_quota', 'tenant_verified_domain', 'member_removed'] loop
    execute format('alter table bulkhead.%I enable row level security', name);
    execute format('alter table bulkhead.%I force row level security', name);
    execute format('revoke all on bulkhead.%I from public', name);
  end loop;
  execute 'create policy bulkhead_owner on bulkhead.mail to bulkhead using (true) with check (true)';
  foreach name in array array['invitation', 'invitation_quota', 'tenant_verified_domain', 'member_removed'] loop
    -- In a context also the owner, and so every function of ours, is bound to its tenant.
    execute format('create policy bulkhead_owner on bulkhead.%I to bulkhead using (coalesce(tenant_id = (select bulkhead.tenant_id()), true)) with check (coalesce(tenant_id = (select bulkhead.tenant_id()), true))', name);
  end loop;
end
$$;

-- Posting and sending --------------------------------------------------------------------------------------

create function bulkhead.mail_post(p_tenant uuid, p_to text, p_template text, p_data jsonb, p_sealed bytea)
returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid;
begin
  insert into bulkhead.mail (tenant_id, recipient, template, data, sealed)
  values (p_tenant, p_to, p_template, coalesce(p_data, '{}'), p_sealed)
  returning id into v_id;
  return v_id;
end
$$;
comment on function bulkhead.mail_post(uuid, text, text, jsonb, bytea) is 'Posts a mail, which is sent once this transaction has committed.';

create function bulkhead.mail_claim(p_limit integer, p_lease_seconds integer)
returns table (id uuid, claim uuid, tenant_id uuid, recipient text, template text, data jsonb, sealed bytea,
  attempts integer, created_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  delete from bulkhead.mail m
   where m.id in (select o.id from bulkhead.mail o
                   where (o.sent_at is not null or o.failed_at is not null)
                     and o.created_at < clock_timestamp() - interval '7 days'
                   order by o.created_at limit 100 for update skip locked);
  return query
    update bulkhead.mail m
       set claim = gen_random_uuid(), attempts = m.attempts + 1,
           due_at = clock_timestamp() + p_lease_seconds * interval '1 second'
      from (select o.id from bulkhead.mail o
             where o.sent_at is null and o.failed_at is null and o.due_at <= clock_timestamp()
             order by o.due_at, o.id limit p_limit for update skip locked) as due
     where m.id = due.id
    returning m.id, m.claim, m.tenant_id, m.recipient, m.template, m.data, m.sealed, m.attempts, m.created_at;
end
$$;
comment on function bulkhead.mail_claim(integer, integer) is 'Takes mail that is due. Whoever is not heard of within the lease loses it to the next.';

create function bulkhead.mail_sent(p_id uuid, p_claim uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update bulkhead.mail m set sent_at = clock_timestamp(), data = null, sealed = null, last_error = null
   where m.id = p_id and m.claim = p_claim and m.sent_at is null and m.failed_at is null;
  return found;
end
$$;
comment on function bulkhead.mail_sent(uuid, uuid) is 'A mail server took it.';

create function bulkhead.mail_failed(p_id uuid, p_claim uuid, p_error text, p_final boolean) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row bulkhead.mail;
begin
  -- A minute, four, a quarter of an hour and so on, up to six hours; given up after about two days.
  update bulkhead.mail m
     set last_error = left(p_error, 500),
         due_at = clock_timestamp() + least(interval '6 hours', interval '15 seconds' * 4 ^ least(m.attempts, 8)),
         failed_at = case when p_final or m.attempts >= 14 then clock_timestamp() end,
         data = case when p_final or m.attempts >= 14 then null else m.data end,
         sealed = case when p_final or m.attempts >= 14 then null else m.sealed end
   where m.id = p_id and m.claim = p_claim and m.sent_at is null and m.failed_at is null
  returning * into v_row;
  if not found then
    return false;
  end if;
  if v_row.failed_at is not null then
    perform bulkhead.audit_note(coalesce(v_row.tenant_id, '00000000-0000-0000-0000-000000000000'), 'system:mail',
      jsonb_build_object('action', 'mail.failed', 'outcome', 'failure',
        'targets', jsonb_build_array(jsonb_build_object('type', 'mail', 'id', v_row.id)),
        'metadata', jsonb_build_object('template', v_row.template, 'attempts', v_row.attempts)));
  end if;
  return true;
end
$$;
comment on function bulkhead.mail_failed(uuid, uuid, text, boolean) is 'It could not be sent: tried again later, or given up, which is on record.';

-- Inviting -------------------------------------------------------------------------------------------------

create function bulkhead.invitation_json(p_row bulkhead.invitation) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('id', p_row.id, 'email', p_row.email, 'name', p_row.name, 'role', p_row.role,
    'node', p_row.node,
    'status', case when p_row.accepted_at is not null then 'accepted'
                   when p_row.revoked_at is not null then 'revoked'
                   when p_row.expires_at <= clock_timestamp() then 'expired' else 'pending' end,
    'invitedBy', p_row.invited_by, 'createdAt', bulkhead.access_time(p_row.created_at),
    'sentAt', bulkhead.access_time(p_row.sent_at), 'expiresAt', bulkhead.access_time(p_row.expires_at))
$$;
comment on function bulkhead.invitation_json(bulkhead.invitation) is 'An invitation as operations give it back.';

create function bulkhead.invitation_event(p_who text, p_action text, p_row bulkhead.invitation, p_before jsonb, p_after jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Nobody has an account yet: the address itself is the person.
  perform bulkhead.access_event(p_row.tenant_id, p_who, p_action,
    jsonb_build_array(bulkhead.access_target('invitation', p_row.id::text)), p_before, p_after,
    (select coalesce(jsonb_agg(jsonb_build_object('path', '/' || side.name || '/' || field,
              'subject', jsonb_build_object('type', 'account', 'id', p_row.email))), '[]')
       from (values ('before', p_before), ('after', p_after)) as side (name, doc)
      cross join unnest(array['email', 'name']) as field
      where jsonb_typeof(side.doc -> field) = 'string'));
end
$$;
comment on function bulkhead.invitation_event(text, text, bulkhead.invitation, jsonb, jsonb) is 'An event about an invitation.';

create function bulkhead.invitation_facts(p_row bulkhead.invitation) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_strip_nulls(jsonb_build_object('email', p_row.email, 'name', p_row.name, 'role', p_row.role,
    'node', p_row.node, 'expiresAt', bulkhead.access_time(p_row.expires_at)))
$$;
comment on function bulkhead.invitation_facts(bulkhead.invitation) is 'An invitation as events tell of it.';

-- Whether somebody may still give what an invitation gives: asked when it is made and again when it is accepted.
create function bulkhead.invitation_may(p_tenant uuid, p_who text, p_role text, p_node uuid) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select bulkhead.access_permits(p_tenant, w.kind, w.key, 'member:invite', p_node)
     and bulkhead.access_covers(p_tenant, w.kind, w.key,
           bulkhead.access_role_permissions(p_tenant, array[p_role]), p_node, null)
     -- Of the control plane's own operators those who still are, and may; who crosses by the app's code is its affair.
     and (w.kind <> 'operator'
          or bulkhead.access_permits(operators.id, 'user', w.key, 'member:invite', operators.id)
          or not exists (select from bulkhead.membership m where m.tenant_id = operators.id and m.type = 'user' and m.id = w.key)
             and not exists (select from bulkhead.member_removed r where r.tenant_id = operators.id and r.user_id = w.key))
    from (values (split_part(p_who, ':', 1), substr(p_who, strpos(p_who, ':') + 1))) as w (kind, key),
         (values ('00000000-0000-0000-0000-000000000000'::uuid)) as operators (id)
$$;
comment on function bulkhead.invitation_may(uuid, text, text, uuid) is 'Whether somebody may invite there, and holds all that the role gives, without an end.';

create function bulkhead.invitation_spend(p_tenant uuid, p_count integer) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_today date := (clock_timestamp() at time zone 'UTC')::date;
begin
  insert into bulkhead.invitation_quota as q (tenant_id) values (p_tenant) on conflict (tenant_id) do nothing;
  update bulkhead.invitation_quota q
     set day = v_today, used = case when q.day = v_today then q.used else 0 end + p_count
   where q.tenant_id = p_tenant and (case when q.day = v_today then q.used else 0 end) + p_count <= q.per_day;
  if not found then
    raise exception using errcode = 'BH001', message = 'identity.invitation_limit';
  end if;
end
$$;
comment on function bulkhead.invitation_spend(uuid, integer) is 'Counts mails against the day''s, or refuses them.';

create function bulkhead.invitation_mail(p_row bulkhead.invitation, p_sealed bytea) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.mail_post(p_row.tenant_id, p_row.email, 'invitation', jsonb_strip_nulls(jsonb_build_object(
    'tenant', (select t.name from bulkhead.tenant t where t.id = p_row.tenant_id),
    'inviter', (select m.name from bulkhead.membership m
                 where m.tenant_id = p_row.tenant_id and m.type = split_part(p_row.invited_by, ':', 1)
                   and m.id = substr(p_row.invited_by, strpos(p_row.invited_by, ':') + 1)),
    'name', p_row.name, 'expiresAt', bulkhead.access_time(p_row.expires_at))), p_sealed);
end
$$;
comment on function bulkhead.invitation_mail(bulkhead.invitation, bytea) is 'Posts the mail of an invitation.';

create function bulkhead.invitation_assert(p_tenant uuid, p_role text, p_node uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.require_permission('member:invite', p_node);
  perform bulkhead.access_assert_role(p_tenant, p_role);
  if exists (select from bulkhead.role r
              where r.tenant_id = p_tenant and r.key = p_role
                and r.kind <> coalesce((select n.kind from bulkhead.node n where n.tenant_id = p_tenant and n.id = p_node), 'tenant')) then
    raise exception using errcode = 'BH001', message = 'access.role_not_for_node';
  end if;
  if not bulkhead.invitation_may(p_tenant, bulkhead.actor(), p_role, p_node) then
    raise exception using errcode = 'BH001', message = 'access.exceeds_own';
  end if;
end
$$;
comment on function bulkhead.invitation_assert(uuid, text, uuid) is 'Refuses whoever may not invite there, or not to that.';

create function bulkhead.invitation_is_email(p_email text) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(length(p_email) between 3 and 254 and p_email ~ '^[!-?A-~]+@[a-z0-9.-]+$' and p_email = lower(p_email), false)
$$;
comment on function bulkhead.invitation_is_email(text) is 'True for an address in its one spelling.';

-- Whoever calls it has asked bulkhead.invitation_assert and bulkhead.invitation_is_email.
-- Members, users and strangers are invited alike: what is answered tells nothing about who has an account.
create function bulkhead.invitation_put(p_tenant uuid, p_who text, p_id uuid, p_email text, p_name text, p_role text, p_node uuid,
  p_token_hash bytea, p_sealed bytea, p_lifetime_seconds integer, out made boolean, out of bulkhead.invitation)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_node uuid := coalesce(p_node, p_tenant);
  v_old bulkhead.invitation;
begin
  select * into v_old from bulkhead.invitation i
   where i.tenant_id = p_tenant and i.email = p_email and i.node = v_node and i.role = p_role
     and i.accepted_at is null and i.revoked_at is null for update;
  if v_old.id is not null and v_old.expires_at > clock_timestamp() then
    made := false;
    of := v_old;
    return;
  end if;
  if v_old.id is null then
    insert into bulkhead.invitation (tenant_id, id, email, name, role, node, token_hash, invited_by, expires_at)
    values (p_tenant, p_id, p_email, nullif(p_name, ''), p_role, v_node, p_token_hash, p_who,
            clock_timestamp() + greatest(3600, least(p_lifetime_seconds, 2592000)) * interval '1 second')
    returning * into of;
  else
    update bulkhead.invitation i
       set name = coalesce(nullif(p_name, ''), i.name), token_hash = p_token_hash, invited_by = p_who,
           sent_at = clock_timestamp(), sends = i.sends + 1,
           expires_at = clock_timestamp() + greatest(3600, least(p_lifetime_seconds, 2592000)) * interval '1 second'
     where i.tenant_id = p_tenant and i.id = v_old.id
    returning * into of;
  end if;
  made := true;
  perform bulkhead.invitation_mail(of, p_sealed);
  perform bulkhead.invitation_event(p_who, 'invitation.created', of, null, bulkhead.invitation_facts(of));
end
$$;
comment on function bulkhead.invitation_put is 'Makes an invitation and posts its mail, which the caller counts; one that is open already stays as it is.';

create function bulkhead.invitation_create(p_id uuid, p_email text, p_name text, p_role text, p_node uuid,
  p_token_hash bytea, p_sealed bytea, p_lifetime_seconds integer) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant uuid := bulkhead.access_begin('member:invite', coalesce(p_node, bulkhead.tenant_id()));
  v_id uuid;
  v_made boolean;
  v_row bulkhead.invitation;
begin
  perform bulkhead.invitation_assert(v_tenant, p_role, coalesce(p_node, v_tenant));
  if not bulkhead.invitation_is_email(p_email) then
    raise exception using errcode = 'BH001', message = 'identity.email_invalid';
  end if;
  select p.made, (p.of).id into v_made, v_id from bulkhead.invitation_put(
    v_tenant, bulkhead.actor(), p_id, p_email, p_name, p_role, p_node, p_token_hash, p_sealed, p_lifetime_seconds) as p;
  if v_made then
    perform bulkhead.invitation_spend(v_tenant, 1);
  end if;
  select * into v_row from bulkhead.invitation i where i.tenant_id = v_tenant and i.id = v_id;
  return bulkhead.invitation_json(v_row);
end
$$;
comment on function bulkhead.invitation_create(uuid, text, text, text, uuid, bytea, bytea, integer) is 'Operation invitation.create.';

-- Each line stands by itself: one that is refused takes nothing of the others along. Who may invite to a role at a
-- node is asked once for all lines in a row that say so: nothing changes it meanwhile, as the tenant's changes wait.
create function bulkhead.invitation_import(p_rows jsonb, p_lifetime_seconds integer, p_tried integer)
returns table (place integer, outcome text, code text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_tenant uuid := bulkhead.access_begin('member:invite', bulkhead.tenant_id());
  v_who text := bulkhead.actor();
  v_row record;
  v_key text;
  v_asked text;
  v_fault text;
  v_left integer;
  v_made boolean;
  v_spent integer := coalesce(p_tried, 0);
begin
  select case when q.day = (clock_timestamp() at time zone 'UTC')::date then q.per_day - q.used else q.per_day end
    into v_left from bulkhead.invitation_quota q where q.tenant_id = v_tenant;
  v_left := coalesce(v_left, 500);
  -- Who was invited before is asked once for all lines; each context that a statement verifies costs as much as a line.
  for v_row in
    with given as materialized (
      select n.ordinality::integer - 1 as at, n.line, coalesce((n.line->>'node')::uuid, v_tenant) as node
        from jsonb_array_elements(p_rows) with ordinality as n (line, ordinality))
    -- Two questions, each by an index of its own: one for both would read the tenant's whole list for each line.
    select g.at, g.line, g.node, exists (
        select from bulkhead.invitation i
         where i.tenant_id = v_tenant and i.email = g.line->>'email' and i.role = g.line->>'role' and i.node = g.node
           and i.accepted_at is null and i.revoked_at is null and i.expires_at > clock_timestamp())
      or exists (
        select from bulkhead.invitation i
         where i.tenant_id = v_tenant and i.email = g.line->>'email' and i.role = g.line->>'role' and i.node = g.node
           and i.accepted_at is not null) as known
      from given g order by g.at
  loop
    place := v_row.at;
    v_key := concat(v_row.node, ' ', v_row.line->>'role');
    if v_asked is distinct from v_key then
      v_asked := v_key;
      begin
        perform bulkhead.invitation_assert(v_tenant, v_row.line->>'role', v_row.node);
        v_fault := null;
      exception when sqlstate 'BH001' then
        v_fault := sqlerrm;
      end;
    end if;
    code := v_fault;
    if code is not null then
      outcome := 'refused';
    elsif not bulkhead.invitation_is_email(v_row.line->>'email') then
      outcome := 'refused';
      code := 'identity.email_invalid';
    elsif v_row.known then
      outcome := 'present';
    elsif v_spent >= v_left then
      outcome := 'refused';
      code := 'identity.invitation_limit';
    elsif p_tried is not null then
      v_spent := v_spent + 1;
      outcome := 'would_invite';
    else
      select p.made into v_made from bulkhead.invitation_put(
        v_tenant, v_who, (v_row.line->>'id')::uuid, v_row.line->>'email', v_row.line->>'name', v_row.line->>'role',
        v_row.node, decode(v_row.line->>'token_hash', 'hex'), decode(v_row.line->>'sealed', 'hex'), p_lifetime_seconds) as p;
      v_spent := v_spent + v_made::integer;
      outcome := case when v_made then 'invited' else 'present' end;
    end if;
    return next;
  end loop;
  if v_spent > 0 and p_tried is null then
    perform bulkhead.invitation_spend(v_tenant, v_spent);
  end if;
end
$$;
comment on function bulkhead.invitation_import(jsonb, integer, integer) is 'Operation invitation.import: many invitations, each by itself, told by their places in the array. With a number it is a dry run that leaves everything as it was, after so many that would be invited already.';

create function bulkhead.invitation_of(p_id uuid) returns bulkhead.invitation
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant uuid := bulkhead.access_tenant();
  v_row bulkhead.invitation;
begin
  perform bulkhead.access_changed(v_tenant);
  select * into v_row from bulkhead.invitation i where i.tenant_id = v_tenant and i.id = p_id for update;
  -- Whoever may not is told that before they are told whether it is there.
  perform bulkhead.require_permission('member:invite', coalesce(v_row.node, v_tenant));
  if v_row.id is null then
    raise exception using errcode = 'BH001', message = 'identity.invitation_absent';
  end if;
  if v_row.accepted_at is not null or v_row.revoked_at is not null then
    raise exception using errcode = 'BH001', message = 'identity.invitation_closed';
  end if;
  return v_row;
end
$$;
comment on function bulkhead.invitation_of(uuid) is 'One open invitation of the tenant, locked for a change.';

create function bulkhead.invitation_address(p_id uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object('email', (bulkhead.invitation_of(p_id)).email);
end
$$;
comment on function bulkhead.invitation_address(uuid) is 'The address of an open invitation, for sealing its next mail.';

create function bulkhead.invitation_resend(p_id uuid, p_token_hash bytea, p_sealed bytea, p_lifetime_seconds integer)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_old bulkhead.invitation := bulkhead.invitation_of(p_id);
  v_new bulkhead.invitation;
begin
  if not bulkhead.invitation_may(v_old.tenant_id, bulkhead.actor(), v_old.role, v_old.node) then
    raise exception using errcode = 'BH001', message = 'access.exceeds_own';
  end if;
  if v_old.sends >= 5 or v_old.sent_at > clock_timestamp() - interval '1 minute' then
    raise exception using errcode = 'BH001', message = 'identity.invitation_resend_limit';
  end if;
  perform bulkhead.invitation_spend(v_old.tenant_id, 1);
  -- Who sends it again answers for it from now on.
  update bulkhead.invitation i
     set token_hash = p_token_hash, sent_at = clock_timestamp(), sends = i.sends + 1, invited_by = bulkhead.actor(),
         expires_at = clock_timestamp() + greatest(3600, least(p_lifetime_seconds, 2592000)) * interval '1 second'
   where i.tenant_id = v_old.tenant_id and i.id = p_id
  returning * into v_new;
  perform bulkhead.invitation_mail(v_new, p_sealed);
  perform bulkhead.invitation_event(bulkhead.actor(), 'invitation.resent', v_new,
    bulkhead.invitation_facts(v_old), bulkhead.invitation_facts(v_new));
  return bulkhead.invitation_json(v_new);
end
$$;
comment on function bulkhead.invitation_resend(uuid, bytea, bytea, integer) is 'Operation invitation.resend.';

create function bulkhead.invitation_revoke(p_id uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row bulkhead.invitation := bulkhead.invitation_of(p_id);
begin
  update bulkhead.invitation i set revoked_at = clock_timestamp(), revoked_by = bulkhead.actor()
   where i.tenant_id = v_row.tenant_id and i.id = p_id returning * into v_row;
  perform bulkhead.invitation_event(bulkhead.actor(), 'invitation.revoked', v_row, bulkhead.invitation_facts(v_row), null);
  return bulkhead.invitation_json(v_row);
end
$$;
comment on function bulkhead.invitation_revoke(uuid) is 'Operation invitation.revoke.';

create function bulkhead.invitation_list(p_status text, p_before timestamptz, p_before_id uuid, p_limit integer)
returns setof jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant uuid := bulkhead.access_tenant();
begin
  perform bulkhead.require_permission('member:invite', v_tenant);
  return query
    select bulkhead.invitation_json(i)
      from bulkhead.invitation i
     where i.tenant_id = v_tenant
       and (p_before is null or (i.created_at, i.id) < (p_before, p_before_id))
       and case p_status
             when 'pending' then i.accepted_at is null and i.revoked_at is null and i.expires_at > clock_timestamp()
             when 'expired' then i.accepted_at is null and i.revoked_at is null and i.expires_at <= clock_timestamp()
             when 'accepted' then i.accepted_at is not null
             when 'revoked' then i.revoked_at is not null
             else true end
     order by i.created_at desc, i.id desc limit p_limit;
end
$$;
comment on function bulkhead.invitation_list(text, timestamptz, uuid, integer) is 'Operation invitation.list: the newest first.';

create function bulkhead.invitation_quota_set(p_per_day integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant uuid := bulkhead.access_tenant();
  v_before integer;
begin
  if bulkhead.actor_type() not in ('operator', 'system') then
    raise exception using errcode = 'BH001', message = 'access.denied', detail = 'Only staff change how many invitations a tenant mails.';
  end if;
  select q.per_day into v_before from bulkhead.invitation_quota q where q.tenant_id = v_tenant for update;
  insert into bulkhead.invitation_quota as q (tenant_id, per_day) values (v_tenant, p_per_day)
  on conflict (tenant_id) do update set per_day = excluded.per_day;
  perform bulkhead.access_event(v_tenant, bulkhead.actor(), 'invitation.quota_changed',
    jsonb_build_array(bulkhead.access_target('tenant', v_tenant::text)),
    jsonb_build_object('perDay', coalesce(v_before, 500)), jsonb_build_object('perDay', p_per_day));
  return p_per_day;
end
$$;
comment on function bulkhead.invitation_quota_set(integer) is 'How many invitations the tenant of the context may mail a day; for staff.';

-- Coming in ------------------------------------------------------------------------------------------------

-- Unknown, used, expired, revoked and meant for somebody else answer alike.
create function bulkhead.invitation_refuse(p_why text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = 'BH001', message = 'identity.invitation_refused', hint = p_why;
end
$$;
comment on function bulkhead.invitation_refuse(text) is 'Refuses an invitation without saying why.';

create function bulkhead.invitation_open(p_token_hash bytea, p_lock boolean) returns bulkhead.invitation
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row bulkhead.invitation;
begin
  select * into v_row from bulkhead.invitation i where i.token_hash = p_token_hash;
  if v_row.id is null then
    perform bulkhead.invitation_refuse('unknown');
  end if;
  if p_lock then
    -- Behind all other changes of the tenant, then the row as those have left it.
    perform bulkhead.access_changed(v_row.tenant_id);
    select * into v_row from bulkhead.invitation i
     where i.tenant_id = v_row.tenant_id and i.id = v_row.id and i.token_hash = p_token_hash for update;
    if v_row.id is null then
      perform bulkhead.invitation_refuse('replaced');
    end if;
  end if;
  if v_row.accepted_at is not null or v_row.revoked_at is not null or v_row.expires_at <= clock_timestamp() then
    perform bulkhead.invitation_refuse('closed');
  end if;
  if not exists (select from bulkhead.tenant t where t.id = v_row.tenant_id and t.status = 'active') then
    perform bulkhead.invitation_refuse('tenant');
  end if;
  return v_row;
end
$$;
comment on function bulkhead.invitation_open(bytea, boolean) is 'The open invitation of a link, or a refusal that says nothing.';

create function bulkhead.invitation_look(p_token_hash bytea)
returns table (tenant text, slug text, email text, name text, expires_at timestamptz, password_policy jsonb)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row bulkhead.invitation := bulkhead.invitation_open(p_token_hash, false);
begin
  return query
    select t.name, t.slug, v_row.email::text, v_row.name, v_row.expires_at,
           (select p.body from bulkhead.tenant_policy p
             where p.tenant_id = t.id and p.kind = 'password' order by p.version desc limit 1)
      from bulkhead.tenant t where t.id = v_row.tenant_id;
end
$$;
comment on function bulkhead.invitation_look(bytea) is 'What a link invites to. Changes nothing, however often a mail scanner follows it.';

create function bulkhead.invitation_take(p_row bulkhead.invitation, p_user uuid) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_user bulkhead.user_account;
  v_row bulkhead.invitation;
begin
  select * into v_user from bulkhead.user_account u where u.id = p_user for update;
  if v_user.id is null or v_user.status <> 'active' or v_user.email_verified_at is null or v_user.email <> p_row.email then
    perform bulkhead.invitation_refuse('somebody else');
  end if;
  if not bulkhead.invitation_may(p_row.tenant_id, p_row.invited_by, p_row.role, p_row.node) then
    perform bulkhead.invitation_refuse('the inviter no longer may');
  end if;
  update bulkhead.invitation i set accepted_at = clock_timestamp(), accepted_by = p_user
   where i.tenant_id = p_row.tenant_id and i.id = p_row.id returning * into v_row;
  delete from bulkhead.member_removed r where r.tenant_id = p_row.tenant_id and r.user_id = p_user::text;
  perform bulkhead.access_member_join(p_row.tenant_id, p_row.invited_by, 'user', p_user::text, v_user.name, v_user.email);
  begin
    perform bulkhead.access_give(p_row.tenant_id, p_row.invited_by, 'user', p_user::text, p_row.role, p_row.node, 'invitation', null);
  exception when sqlstate 'BH001' then
    -- They hold it by an earlier invitation: nothing more to give. A role or node that is gone gives nothing.
    if sqlerrm <> 'access.grant_exists' then
      perform bulkhead.invitation_refuse(sqlerrm);
    end if;
  end;
  perform bulkhead.access_event(p_row.tenant_id, 'user:' || p_user, 'invitation.accepted',
    jsonb_build_array(bulkhead.access_target('invitation', p_row.id::text), bulkhead.access_target('user', p_user::text)),
    null, jsonb_build_object('role', p_row.role, 'node', p_row.node, 'invitedBy', p_row.invited_by));
  return (select jsonb_build_object('userId', p_user, 'tenantId', t.id, 'slug', t.slug, 'tenant', t.name,
                   'role', p_row.role, 'node', p_row.node)
            from bulkhead.tenant t where t.id = p_row.tenant_id);
end
$$;
comment on function bulkhead.invitation_take(bulkhead.invitation, uuid) is 'Makes the invited user a member, if the inviter still may invite them.';

create function bulkhead.invitation_accept(p_token_hash bytea, p_user uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return bulkhead.invitation_take(bulkhead.invitation_open(p_token_hash, true), p_user);
end
$$;
comment on function bulkhead.invitation_accept(bytea, uuid) is 'A signed-in user accepts: once, and only with the verified address that was invited.';

-- Whoever has the link has the mailbox, so the address counts as verified; an account that is there already is
-- never taken over this way, whoever made it.
create function bulkhead.invitation_register(p_token_hash bytea, p_name text, p_password text, p_session_hash bytea,
  p_methods text[], p_ip text, p_user_agent text, p_idle_seconds integer, p_absolute_seconds integer) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row bulkhead.invitation := bulkhead.invitation_open(p_token_hash, true);
  v_user uuid;
  v_result jsonb;
begin
  begin
    select u.id into v_user from bulkhead.user_create(v_row.email, p_name, true, 'system:invitation') u;
  exception when sqlstate 'BH001' then
    perform bulkhead.invitation_refuse('account exists');
  end;
  v_result := bulkhead.invitation_take(v_row, v_user);
  if not bulkhead.password_establish(v_user, p_password) then
    perform bulkhead.invitation_refuse('password');
  end if;
  return v_result || jsonb_build_object('sessionId', bulkhead.session_open(
    v_user, p_session_hash, p_methods, null, p_ip, p_user_agent, p_idle_seconds, p_absolute_seconds));
end
$$;
comment on function bulkhead.invitation_register(bytea, text, text, bytea, text[], text, text, integer, integer) is 'Somebody without an account accepts: account, password, membership and session at once, or nothing.';

-- Domains --------------------------------------------------------------------------------------------------

-- Providers at which anybody gets an address, and names at which nobody is at home.
create function bulkhead.domain_is_public(p_domain text) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select p_domain = any (array['gmail.com', 'googlemail.com', 'outlook.com', 'outlook.de', 'outlook.fr', 'hotmail.com',
      'hotmail.co.uk', 'hotmail.de', 'hotmail.fr', 'hotmail.it', 'hotmail.es', 'live.com', 'live.co.uk', 'live.de',
      'live.fr', 'live.nl', 'msn.com', 'passport.com', 'yahoo.com', 'yahoo.co.uk', 'yahoo.co.jp', 'yahoo.co.in',
      'yahoo.de', 'yahoo.fr', 'yahoo.es', 'yahoo.it', 'yahoo.ca', 'yahoo.com.br', 'yahoo.com.au', 'ymail.com',
      'rocketmail.com', 'myyahoo.com', 'aol.com', 'aim.com', 'icloud.com', 'me.com', 'mac.com', 'proton.me',
      'protonmail.com', 'protonmail.ch', 'pm.me', 'gmx.de', 'gmx.net', 'gmx.com', 'gmx.at', 'gmx.ch', 'web.de',
      't-online.de', 'freenet.de', 'arcor.de', 'mail.ru', 'bk.ru', 'inbox.ru', 'list.ru', 'internet.ru', 'yandex.ru',
      'yandex.com', 'ya.ru', 'rambler.ru', 'qq.com', 'foxmail.com', '163.com', '126.com', 'yeah.net', 'sina.com',
      'sina.cn', 'sohu.com', 'aliyun.com', 'naver.com', 'hanmail.net', 'daum.net', 'kakao.com', 'nate.com',
      'rediffmail.com', 'zoho.com', 'zohomail.com', 'fastmail.com', 'fastmail.fm', 'hey.com', 'tutanota.com',
      'tutanota.de', 'tuta.io', 'tuta.com', 'mail.com', 'email.com', 'usa.com', 'posteo.de', 'mailbox.org', 'hushmail.com',
      'mailfence.com', 'runbox.com', 'disroot.org', 'riseup.net', 'duck.com', 'orange.fr', 'wanadoo.fr', 'free.fr',
      'sfr.fr', 'laposte.net', 'neuf.fr', 'libero.it', 'virgilio.it', 'tiscali.it', 'alice.it', 'tin.it', 'terra.com.br',
      'uol.com.br', 'bol.com.br', 'ig.com.br', 'globo.com', 'comcast.net', 'verizon.net', 'att.net', 'sbcglobal.net',
      'bellsouth.net', 'cox.net', 'charter.net', 'earthlink.net', 'optonline.net', 'rogers.com', 'shaw.ca',
      'sympatico.ca', 'btinternet.com', 'sky.com', 'virginmedia.com', 'ntlworld.com', 'blueyonder.co.uk', 'talktalk.net',
      'bigpond.com', 'optusnet.com.au', 'xtra.co.nz', 'ziggo.nl', 'kpnmail.nl', 'planet.nl', 'telenet.be', 'skynet.be',
      'bluewin.ch', 'chello.at', 'aon.at', 'wp.pl', 'o2.pl', 'onet.pl', 'interia.pl', 'op.pl', 'seznam.cz', 'email.cz',
      'centrum.cz', 'azet.sk', 'abv.bg', 'ukr.net', 'i.ua', 'meta.ua', 'walla.co.il', 'mailinator.com',
      'guerrillamail.com', 'sharklasers.com', '10minutemail.com', 'tempmail.com', 'temp-mail.org', 'yopmail.com',
      'trashmail.com', 'getnada.com', 'dispostable.com', 'maildrop.cc', 'privaterelay.appleid.com', 'mozmail.com',
      'simplelogin.com', 'anonaddy.com', 'users.noreply.github.com', 'onmicrosoft.com', 'example.com', 'example.net',
      'example.org'])
      or p_domain ~ '(^|\.)(onmicrosoft\.com|localhost|local|internal|test|invalid|example)$'
      -- Where whole countries register names, such as co.uk.
      or p_domain ~ '^(co|com|net|org|gov|edu|ac|mil)\.[a-z]{2}$'
$$;
comment on function bulkhead.domain_is_public(text) is 'True for mail domains that belong to nobody in particular.';

create function bulkhead.domain_json(p_row bulkhead.tenant_verified_domain) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('domain', p_row.domain, 'role', p_row.role, 'status', p_row.status,
    'record', p_row.challenge, 'createdBy', p_row.created_by, 'createdAt', bulkhead.access_time(p_row.created_at),
    'verifiedAt', bulkhead.access_time(p_row.verified_at), 'checkedAt', bulkhead.access_time(p_row.checked_at))
$$;
comment on function bulkhead.domain_json(bulkhead.tenant_verified_domain) is 'A domain as operations give it back.';

create function bulkhead.domain_event(p_who text, p_action text, p_tenant uuid, p_domain text, p_before jsonb, p_after jsonb)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select bulkhead.access_event(p_tenant, p_who, p_action,
    jsonb_build_array(bulkhead.access_target('domain', p_domain)), p_before, p_after)
$$;
comment on function bulkhead.domain_event(text, text, uuid, text, jsonb, jsonb) is 'An event about a domain.';

create function bulkhead.domain_add(p_domain text, p_role text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant uuid := bulkhead.access_begin('tenant:manage', null);
  v_old bulkhead.tenant_verified_domain;
  v_row bulkhead.tenant_verified_domain;
begin
  if p_domain is null or p_domain <> lower(p_domain) or length(p_domain) > 253
     or p_domain !~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$' then
    raise exception using errcode = 'BH001', message = 'identity.domain_invalid';
  end if;
  if bulkhead.domain_is_public(p_domain) then
    raise exception using errcode = 'BH001', message = 'identity.domain_public';
  end if;
  perform bulkhead.access_assert_role(v_tenant, p_role);
  -- Nobody looks at who joins, so nobody gets more than any member has; nor more than the setter could give.
  if not bulkhead.access_role_permissions(v_tenant, array[p_role]) <@ bulkhead.access_role_permissions(v_tenant, array['member'])
     or not bulkhead.access_covers(v_tenant, bulkhead.actor_type(), bulkhead.actor_id(),
          bulkhead.access_role_permissions(v_tenant, array[p_role]), v_tenant, null) then
    raise exception using errcode = 'BH001', message = 'access.exceeds_own',
      detail = 'Who joins by a domain gets at most what the role member has.';
  end if;
  select * into v_old from bulkhead.tenant_verified_domain d
   where d.tenant_id = v_tenant and d.domain = p_domain for update;
  insert into bulkhead.tenant_verified_domain (tenant_id, domain, role, challenge, created_by)
  values (v_tenant, p_domain, p_role,
          'bulkhead-verification=' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), bulkhead.actor())
  on conflict (tenant_id, domain) do update set role = excluded.role
  returning * into v_row;
  if v_old.role is distinct from v_row.role then
    perform bulkhead.domain_event(bulkhead.actor(), case when v_old.role is null then 'domain.added' else 'domain.changed' end,
      v_tenant, p_domain,
      case when v_old.role is not null then jsonb_build_object('role', v_old.role, 'status', v_old.status) end,
      jsonb_build_object('role', v_row.role, 'status', v_row.status));
  end if;
  return bulkhead.domain_json(v_row);
end
$$;
comment on function bulkhead.domain_add(text, text) is 'Operation domain.add.';

create function bulkhead.domain_remove(p_domain text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant uuid := bulkhead.access_begin('tenant:manage', null);
  v_row bulkhead.tenant_verified_domain;
begin
  delete from bulkhead.tenant_verified_domain d where d.tenant_id = v_tenant and d.domain = p_domain returning * into v_row;
  if v_row.domain is null then
    raise exception using errcode = 'BH001', message = 'identity.domain_unknown';
  end if;
  perform bulkhead.domain_event(bulkhead.actor(), 'domain.removed', v_tenant, p_domain,
    jsonb_build_object('role', v_row.role, 'status', v_row.status), null);
  return bulkhead.domain_json(v_row);
end
$$;
comment on function bulkhead.domain_remove(text) is 'Operation domain.remove.';

create function bulkhead.domain_list() returns setof jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform bulkhead.require_permission('tenant:read', bulkhead.access_tenant());
  return query
    select bulkhead.domain_json(d) from bulkhead.tenant_verified_domain d
     where d.tenant_id = bulkhead.tenant_id() order by d.domain;
end
$$;
comment on function bulkhead.domain_list() is 'Operation domain.list.';

create function bulkhead.domain_to_check(p_domain text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row bulkhead.tenant_verified_domain;
begin
  perform bulkhead.require_permission('tenant:manage', bulkhead.access_tenant());
  select * into v_row from bulkhead.tenant_verified_domain d
   where d.tenant_id = bulkhead.tenant_id() and d.domain = p_domain;
  if v_row.domain is null then
    raise exception using errcode = 'BH001', message = 'identity.domain_unknown';
  end if;
  return bulkhead.domain_json(v_row);
end
$$;
comment on function bulkhead.domain_to_check(text) is 'A domain of the tenant, for who may have it checked.';

create function bulkhead.domains_due(p_age_seconds integer, p_limit integer)
returns table (tenant_id uuid, domain text, challenge text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select d.tenant_id, d.domain, d.challenge from bulkhead.tenant_verified_domain d
    join bulkhead.tenant t on t.id = d.tenant_id and t.status = 'active'
   where (d.checked_at is null or d.checked_at < clock_timestamp() - p_age_seconds * interval '1 second')
     -- A record that nobody made in a fortnight is not looked for any more, unless somebody asks.
     and (d.status <> 'pending' or d.created_at > clock_timestamp() - interval '14 days')
   order by d.checked_at nulls first, d.domain limit p_limit
$$;
comment on function bulkhead.domains_due(integer, integer) is 'Domains whose record was not looked for lately.';

-- Called by who has asked the DNS: the identity role, never the app's.
create function bulkhead.domain_checked(p_tenant uuid, p_domain text, p_found boolean) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_old bulkhead.tenant_verified_domain;
  v_misses integer;
  v_status text;
begin
  select * into v_old from bulkhead.tenant_verified_domain d
   where d.tenant_id = p_tenant and d.domain = p_domain for update;
  if v_old.domain is null then
    return null;
  end if;
  -- Whoever looks again and again, or several processes at once, count for one: what lapses was gone for a day.
  v_misses := case
    when p_found then 0
    when v_old.missed_at > clock_timestamp() - interval '12 hours' then v_old.misses
    else least(v_old.misses + 1, 1000) end;
  v_status := case
    when p_found then 'verified'
    when v_old.status = 'verified' and v_misses >= 3 then 'lapsed'
    else v_old.status end;
  begin
    update bulkhead.tenant_verified_domain d
       set status = v_status, checked_at = clock_timestamp(), misses = v_misses,
           missed_at = case when p_found then null when v_misses > v_old.misses then clock_timestamp() else v_old.missed_at end,
           verified_at = case when p_found and v_old.status <> 'verified' then clock_timestamp() else v_old.verified_at end
     where d.tenant_id = p_tenant and d.domain = p_domain;
  exception when unique_violation then
    -- Another tenant has shown it first; whoever it belongs to takes that record away, and this one is next.
    update bulkhead.tenant_verified_domain d set checked_at = clock_timestamp()
     where d.tenant_id = p_tenant and d.domain = p_domain;
    return 'taken';
  end;
  if v_status <> v_old.status then
    perform bulkhead.domain_event('system:domains', 'domain.' || v_status, p_tenant, p_domain,
      jsonb_build_object('status', v_old.status), jsonb_build_object('status', v_status));
  end if;
  return v_status;
end
$$;
comment on function bulkhead.domain_checked(uuid, text, boolean) is 'Whether the record was there. Gone three times in a row over a day, the domain lets nobody in any more.';

create function bulkhead.domains_open_to(p_user uuid)
returns table (tenant_id uuid, slug text, name text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select t.id, t.slug, t.name
    from bulkhead.user_account u
    join bulkhead.tenant_verified_domain d on d.status = 'verified' and d.domain = substr(u.email, strpos(u.email, '@') + 1)
    join bulkhead.tenant t on t.id = d.tenant_id and t.status = 'active'
   where u.id = p_user and u.status = 'active' and u.email_verified_at is not null
     and not exists (select from bulkhead.membership m where m.tenant_id = t.id and m.type = 'user' and m.id = u.id::text)
     and not exists (select from bulkhead.member_removed r where r.tenant_id = t.id and r.user_id = u.id::text)
$$;
comment on function bulkhead.domains_open_to(uuid) is 'The tenants that a user may join by the domain of their verified address.';

create function bulkhead.domain_join(p_user uuid, p_tenant uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_user bulkhead.user_account;
  v_domain bulkhead.tenant_verified_domain;
begin
  perform bulkhead.access_changed(p_tenant);
  select * into v_user from bulkhead.user_account u where u.id = p_user for update;
  select * into v_domain from bulkhead.tenant_verified_domain d
   where d.tenant_id = p_tenant and d.status = 'verified' and d.domain = substr(v_user.email, strpos(v_user.email, '@') + 1)
     for share;
  if v_domain.domain is null or not exists (select from bulkhead.domains_open_to(p_user) o where o.tenant_id = p_tenant)
     -- What the role gives may have grown since it was chosen.
     or not bulkhead.access_role_permissions(p_tenant, array[v_domain.role]) <@ bulkhead.access_role_permissions(p_tenant, array['member']) then
    raise exception using errcode = 'BH001', message = 'identity.domain_join_refused';
  end if;
  perform bulkhead.access_member_join(p_tenant, 'system:domains', 'user', p_user::text, v_user.name, v_user.email);
  perform bulkhead.access_give(p_tenant, 'system:domains', 'user', p_user::text, v_domain.role, p_tenant, 'domain', null);
  return (select jsonb_build_object('tenantId', t.id, 'slug', t.slug, 'tenant', t.name, 'role', v_domain.role)
            from bulkhead.tenant t where t.id = p_tenant);
end
$$;
comment on function bulkhead.domain_join(uuid, uuid) is 'A user with a verified address of a verified domain becomes a member.';

-- Whoever leaves by themself may come back; whom others put out may not, and no operator either.
create function bulkhead.member_removal() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if bulkhead.actor() is distinct from 'user:' || old.id or old.tenant_id = '00000000-0000-0000-0000-000000000000' then
    insert into bulkhead.member_removed (tenant_id, user_id) values (old.tenant_id, old.id)
    on conflict (tenant_id, user_id) do update set removed_at = clock_timestamp();
  end if;
  return null;
end
$$;
comment on function bulkhead.member_removal() is 'Trigger: remembers whom a tenant has put out, and who was an operator.';
create trigger bulkhead_member_removal after delete on bulkhead.membership
  for each row when (old.type = 'user') execute function bulkhead.member_removal();

-- A tenant hears of its members' sign-ins, and its policies bind them everywhere: people with an account say
-- themselves that they belong to it. Staff, and the system in their stead, may say it for them.
create function bulkhead.member_consents() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_status text;
begin
  -- People of other issuers have ids of their own kind.
  if new.id !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    return new;
  end if;
  select u.status into v_status from bulkhead.user_account u where u.id = new.id::uuid;
  if found and bulkhead.actor_type() not in ('system', 'operator') then
    raise exception using errcode = 'BH001', message = 'access.denied',
      detail = 'Whoever has an account comes in by an invitation.';
  end if;
  new.shut_out := coalesce(v_status <> 'active', false);
  return new;
end
$$;
comment on function bulkhead.member_consents() is 'Trigger: nobody makes a member of a person with an account but that person, by an invitation or a domain; who comes with a disabled account is shut out.';
create trigger bulkhead_member_consents before insert on bulkhead.membership
  for each row when (new.type = 'user') execute function bulkhead.member_consents();

-- Ports of the policies room -------------------------------------------------------------------------------

create or replace function bulkhead.policy_owner_facts(tenant uuid)
returns table (user_id uuid, last_ip inet)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
    select o.id, seen.ip
      from (select a.id::uuid from bulkhead.access_owners(tenant) as a (id)
             where a.id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') as o (id)
      join bulkhead.user_account u on u.id = o.id and u.status = 'active'
      left join lateral (
        select s.last_ip from bulkhead.session s
         where s.user_id = o.id and s.revoked_at is null and s.expires_at > clock_timestamp()
           and s.last_seen_at + s.idle_seconds * interval '1 second' > clock_timestamp()
         order by s.last_seen_at desc limit 1) as seen (ip) on true;
end
$$;

create or replace function bulkhead.policy_entrants(after_id uuid, rows_max integer)
returns table (id uuid, entrant jsonb)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant uuid := bulkhead.access_tenant();
begin
  perform bulkhead.require_permission('policy:manage', v_tenant);
  return query
    select m.id::uuid, jsonb_build_object('type', m.type, 'id', m.id, 'name', m.name,
        'isOwner', m.type = 'user' and m.id in (select o.id from bulkhead.access_owners(v_tenant) as o (id)),
        'roles', to_jsonb(bulkhead.access_roles_of(v_tenant, m.type, m.id)),
        'sessions', case when m.type <> 'user' then '[]'::jsonb else (
          select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', s.id,
                   'startedAtMs', bulkhead.policy_time(s.created_at), 'lastUsedAtMs', bulkhead.policy_time(s.last_seen_at),
                   'ip', host(s.last_ip), 'newerSessions', s.newer))
                   || jsonb_build_object('mfaPassedAtMs', bulkhead.policy_time(s.mfa_at))), '[]')
            from (select l.*, (row_number() over (order by l.created_at desc, l.id)) - 1 as newer
                    from bulkhead.session l
                    join bulkhead.session_entry e on e.tenant_id = v_tenant and e.session_id = l.id and e.revoked_at is null
                   where l.user_id = m.id::uuid and l.revoked_at is null and l.expires_at > clock_timestamp()
                     and l.last_seen_at + l.idle_seconds * interval '1 second' > clock_timestamp()
                   order by l.created_at desc limit 1000) as s) end,
        'keys', (
          select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', k.id, 'name', k.name,
                   'createdAtMs', bulkhead.policy_time(k.created_at), 'ip', host(k.last_used_ip)))
                   || jsonb_build_object('scopes', to_jsonb(d.permissions))), '[]')
            from bulkhead.api_key k
            left join bulkhead.delegation d on d.tenant_id = v_tenant and d.actor_type = 'api_key' and d.actor_id = k.id::text
           where k.tenant_id = v_tenant and k.holder_type = m.type and k.holder_id = m.id and k.revoked_at is null
             and (k.expires_at is null or k.expires_at > clock_timestamp())))
        || case when m.type <> 'user' then '{}'::jsonb else jsonb_strip_nulls(jsonb_build_object(
             'mfaEnrolled', cardinality(bulkhead.second_factors(m.id::uuid)) > 0,
             'passwordChangedAtMs', (select bulkhead.policy_time(p.changed_at) from bulkhead.password p where p.user_id = m.id::uuid))) end
      from bulkhead.membership m
     where m.tenant_id = v_tenant and m.status = 'active' and (after_id is null or m.id > after_id::text)
       -- Members from other issuers have ids of their own kind, and nothing here.
       and m.id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
     order by m.id limit rows_max;
end
$$;

create function bulkhead.policy_time(moment timestamptz) returns bigint
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$ select (extract(epoch from moment) * 1000)::bigint $$;
comment on function bulkhead.policy_time(timestamptz) is 'Milliseconds since 1970.';

do $$
declare
  routine regprocedure;
begin
  for routine in
    select p.oid::regprocedure from pg_catalog.pg_proc p
     where p.pronamespace = 'bulkhead'::regnamespace
       and (p.proname like 'mail\_%' or p.proname like 'invitation\_%' or p.proname like 'domain\_%'
         or p.proname in ('domains_due', 'domains_open_to', 'member_removal', 'member_consents', 'policy_time'))
  loop
    execute format('revoke all on function %s from public', routine);
  end loop;
end
$$;
