-- What people prove themselves with, and the state of proving it: passwords, one-time codes, recovery codes,
-- passkeys, open sign-ins, known devices, and what slows guessing down. The runner executes this file as the
-- role `bulkhead`, which owns the schema and everything in it.
--
-- All of it belongs to users, who are global, so no table here has a tenant and the app's role reaches none.
-- The role of accounts reaches them through the functions below alone, but for the table that counts
-- attempts. A change of credentials is keyed by a live session and asks here, not in the caller, how long ago
-- its person proved themselves.

create table bulkhead.password (
  user_id uuid primary key references bulkhead.user_account (id) on delete cascade,
  hash text not null check (hash like '$argon2id$%' and length(hash) <= 512),
  changed_at timestamptz not null default now()
);
comment on table bulkhead.password is 'One password a user, as an argon2id hash.';
comment on column bulkhead.password.user_id is 'Whose it is.';
comment on column bulkhead.password.hash is 'In the PHC form, which names its own parameters.';
comment on column bulkhead.password.changed_at is 'When it was last set to another one; a stronger hash of the same password does not count.';

create table bulkhead.password_history (
  user_id uuid not null references bulkhead.user_account (id) on delete cascade,
  id bigint generated always as identity,
  hash text not null check (hash like '$argon2id$%' and length(hash) <= 512),
  replaced_at timestamptz not null default now(),
  primary key (user_id, id)
);
comment on table bulkhead.password_history is 'Earlier passwords, so that a policy can refuse to have one again; at most 24 a user.';
comment on column bulkhead.password_history.user_id is 'Whose it was.';
comment on column bulkhead.password_history.id is 'In the order in which they were replaced.';
comment on column bulkhead.password_history.hash is 'In the PHC form.';
comment on column bulkhead.password_history.replaced_at is 'When another one took its place.';

create table bulkhead.password_reset (
  hash bytea primary key check (length(hash) = 32),
  user_id uuid not null references bulkhead.user_account (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index password_reset_user on bulkhead.password_reset (user_id);
comment on table bulkhead.password_reset is 'Links that may set a password once. Using one deletes it and all others of its user.';
comment on column bulkhead.password_reset.hash is 'SHA-256 of the token in the mail.';
comment on column bulkhead.password_reset.user_id is 'Whose password it sets.';
comment on column bulkhead.password_reset.created_at is 'When it was asked for.';
comment on column bulkhead.password_reset.expires_at is 'Until when it is good.';

create table bulkhead.totp (
  user_id uuid primary key references bulkhead.user_account (id) on delete cascade,
  sealed bytea not null check (length(sealed) between 32 and 256),
  created_at timestamptz not null default now(),
  confirmed_at timestamptz,
  last_step bigint not null default 0
);
comment on table bulkhead.totp is 'One authenticator app a user.';
comment on column bulkhead.totp.user_id is 'Whose it is.';
comment on column bulkhead.totp.sealed is 'The shared secret, AES-256-GCM under a key of the configuration, bound to the user.';
comment on column bulkhead.totp.created_at is 'When the secret was made.';
comment on column bulkhead.totp.confirmed_at is 'When its first code was given; before that it counts for nothing.';
comment on column bulkhead.totp.last_step is 'The step of the last code that was accepted: none of it or before is accepted again.';

create table bulkhead.recovery_code (
  user_id uuid not null references bulkhead.user_account (id) on delete cascade,
  hash bytea not null check (length(hash) = 32),
  created_at timestamptz not null default now(),
  used_at timestamptz,
  primary key (user_id, hash)
);
comment on table bulkhead.recovery_code is 'Codes that stand in for a lost second factor, once each. A new set replaces the old one.';
comment on column bulkhead.recovery_code.user_id is 'Whose it is.';
comment on column bulkhead.recovery_code.hash is 'HMAC-SHA256 under a key of the configuration.';
comment on column bulkhead.recovery_code.created_at is 'When its set was made.';
comment on column bulkhead.recovery_code.used_at is 'When it was used.';

create table bulkhead.passkey (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references bulkhead.user_account (id) on delete cascade,
  credential_id bytea not null unique check (length(credential_id) between 1 and 1023),
  public_key bytea not null check (length(public_key) between 1 and 8192),
  counter bigint not null check (counter >= 0),
  transports text[] not null default '{}',
  name text not null check (length(name) between 1 and 100),
  aaguid uuid,
  backed_up boolean not null default false,
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index passkey_user on bulkhead.passkey (user_id, created_at);
comment on table bulkhead.passkey is 'WebAuthn credentials; at most 20 a user.';
comment on column bulkhead.passkey.id is 'How its owner names it to us.';
comment on column bulkhead.passkey.user_id is 'Whose it is.';
comment on column bulkhead.passkey.credential_id is 'How the authenticator names it.';
comment on column bulkhead.passkey.public_key is 'COSE.';
comment on column bulkhead.passkey.counter is 'How often it had signed when it was last used; 0 for authenticators that do not count.';
comment on column bulkhead.passkey.transports is 'How the browser reaches it.';
comment on column bulkhead.passkey.name is 'How its owner knows it.';
comment on column bulkhead.passkey.aaguid is 'The make of the authenticator, as it says.';
comment on column bulkhead.passkey.backed_up is 'Kept by a provider, and so on several devices.';
comment on column bulkhead.passkey.created_at is 'When it was registered.';
comment on column bulkhead.passkey.last_used_at is 'When it last signed in.';

create table bulkhead.sign_in_challenge (
  hash bytea primary key check (length(hash) = 32),
  purpose text not null check (purpose in ('sign_in', 'step_up', 'passkey')),
  user_id uuid references bulkhead.user_account (id) on delete cascade,
  session_id uuid,
  email text check (length(email) <= 320),
  door uuid,
  passed text[] not null default '{}',
  password_due boolean not null default false,
  challenge text,
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sign_in_challenge_expires on bulkhead.sign_in_challenge (expires_at);
create index sign_in_challenge_user on bulkhead.sign_in_challenge (user_id) where user_id is not null;
comment on table bulkhead.sign_in_challenge is 'What somebody is in the middle of: a sign-in, proving oneself again, registering a passkey.';
comment on column bulkhead.sign_in_challenge.hash is 'SHA-256 of the token that its bearer holds.';
comment on column bulkhead.sign_in_challenge.purpose is 'sign_in, step_up (proving oneself again in a session) or passkey (registering one).';
comment on column bulkhead.sign_in_challenge.user_id is 'Whose it is; none for an address that nobody has, and before a passkey has said who uses it.';
comment on column bulkhead.sign_in_challenge.session_id is 'The session that asks, but for a sign-in.';
comment on column bulkhead.sign_in_challenge.email is 'The address that was given.';
comment on column bulkhead.sign_in_challenge.door is 'The tenant at whose door it began, where there was one: its log hears of refusals, its limit counts them. Not a right to enter.';
comment on column bulkhead.sign_in_challenge.passed is 'What was proven so far.';
comment on column bulkhead.sign_in_challenge.password_due is 'The password is too old by policy and must be replaced before the end.';
comment on column bulkhead.sign_in_challenge.challenge is 'What a passkey has to sign; taken before its answer is looked at, so that each is good for one try.';
comment on column bulkhead.sign_in_challenge.attempts is 'How often something was tried.';
comment on column bulkhead.sign_in_challenge.created_at is 'When it began.';
comment on column bulkhead.sign_in_challenge.expires_at is 'Until when it can be finished.';

create table bulkhead.known_device (
  hash bytea primary key check (length(hash) = 32),
  user_id uuid not null references bulkhead.user_account (id) on delete cascade,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now()
);
create index known_device_user on bulkhead.known_device (user_id, last_used_at);
comment on table bulkhead.known_device is 'Browsers that have signed a user in before: strangers who lock the account do not lock these out. No factor of its own; at most 20 a user.';
comment on column bulkhead.known_device.hash is 'SHA-256 of the token in the browser''s cookie.';
comment on column bulkhead.known_device.user_id is 'Who has signed in from it.';
comment on column bulkhead.known_device.created_at is 'When first.';
comment on column bulkhead.known_device.last_used_at is 'When last.';

-- In the order and of the types that rate-limiter-flexible writes.
create table bulkhead.sign_in_throttle (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
) with (fillfactor = 70);
create index sign_in_throttle_expire on bulkhead.sign_in_throttle (expire);
comment on table bulkhead.sign_in_throttle is 'Attempts of late, by account, network, tenant, device and factor: what slows guessing, across processes and restarts.';
comment on column bulkhead.sign_in_throttle.key is 'The limit and what it counts for; accounts and devices as hashes.';
comment on column bulkhead.sign_in_throttle.points is 'Attempts counted.';
comment on column bulkhead.sign_in_throttle.expire is 'When it is forgotten, in milliseconds since 1970.';

do $$
declare
  name text;
begin
  foreach name in array array['password', 'password_history', 'password_reset', 'totp', 'recovery_code', 'passkey',
    'sign_in_challenge', 'known_device', 'sign_in_throttle']
  loop
    execute format('alter table bulkhead.%I enable row level security', name);
    execute format('alter table bulkhead.%I force row level security', name);
    execute format('revoke all on bulkhead.%I from public', name);
    execute format('create policy bulkhead_owner on bulkhead.%I to bulkhead using (true) with check (true)', name);
  end loop;
end
$$;
-- Whom a grant names: the role of accounts, whose library counts here.
create policy bulkhead_accounts on bulkhead.sign_in_throttle to public using (true) with check (true);

-- What everything below stands on ----------------------------------------------------------------------------

create function bulkhead.note_user_event(of_user uuid, what text, how text, facts jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Who is refused is not known to be the user: the event is about them, not by them.
  perform bulkhead.user_note(of_user, case when how = 'success' then 'user:' || of_user else 'system:sign-in' end,
    jsonb_strip_nulls(jsonb_build_object('action', what, 'outcome', how, 'targets', case when how = 'success' then '[]'::jsonb
      else jsonb_build_array(jsonb_build_object('type', 'user', 'id', of_user)) end) || facts));
end
$$;
comment on function bulkhead.note_user_event(uuid, text, text, jsonb) is 'Records what became of a user''s sign-in or credentials in the log of every tenant they belong to, or in the operators''.';

create function bulkhead.note_stranger(door uuid, account text, what text, facts jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid;
  event jsonb := jsonb_build_object('action', what, 'outcome', 'denied', 'targets', '[]'::jsonb) || facts;
begin
  select t.id into tenant from bulkhead.tenant t where t.id = door;
  if account is not null then
    event := event || jsonb_build_object(
      'metadata', coalesce(event -> 'metadata', '{}') || jsonb_build_object('account', left(account, 256)),
      'personal', jsonb_build_array(jsonb_build_object('path', '/metadata/account',
        'subject', jsonb_build_object('type', 'account', 'id', left(account, 256)))));
  end if;
  perform bulkhead.audit_note(coalesce(tenant, '00000000-0000-0000-0000-000000000000'), 'system:sign-in',
    jsonb_strip_nulls(event));
end
$$;
comment on function bulkhead.note_stranger(uuid, text, text, jsonb) is 'Records an attempt that belongs to no user, in the log of the tenant at whose door it was made, or in the operators''.';

create function bulkhead.second_factors(of_user uuid) returns text[]
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select case when t.has or p.has then
    array_remove(array[
      case when p.has then 'passkey' end,
      case when t.has then 'totp' end,
      case when exists (select from bulkhead.recovery_code r where r.user_id = of_user and r.used_at is null)
        then 'recovery_code' end], null)
    else '{}'::text[] end
  from (select exists (select from bulkhead.totp o where o.user_id = of_user and o.confirmed_at is not null)) t (has),
       (select exists (select from bulkhead.passkey k where k.user_id = of_user)) p (has)
$$;
comment on function bulkhead.second_factors(uuid) is 'What a user can prove themselves with beside the password, the strongest first; none where they enrolled none.';

create or replace function bulkhead.user_has_factor(p_user uuid) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select cardinality(bulkhead.second_factors(p_user)) > 0
$$;

create function bulkhead.mfa_demanded(of_user uuid) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from bulkhead.policies_of_user(of_user) p
     where p.kind = 'mfa' and (p.body ->> 'required' = 'everyone'
        or (p.body ->> 'required' = 'roles'
          and p.body -> 'roles' ?| bulkhead.access_roles_of(p.tenant_id, 'user', of_user::text))))
$$;
comment on function bulkhead.mfa_demanded(uuid) is 'Whether any tenant of the user demands a second factor of them.';

create function bulkhead.password_rules(of_user uuid) returns setof jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select (select p.body from bulkhead.tenant_policy p where p.tenant_id = m.tenant_id and p.kind = 'password'
           order by p.version desc limit 1)
    from bulkhead.membership m where m.type = 'user' and m.id = of_user::text and m.status = 'active'
$$;
comment on function bulkhead.password_rules(uuid) is 'What each tenant of the user demands of passwords; null for one that has set nothing.';

-- The user of a live session. With `fresh_seconds`, only if they proved themselves within that time: with a
-- second factor where they have one, else with the password.
create function bulkhead.session_person(in_session uuid, fresh_seconds integer) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  found_session record;
  proven timestamptz;
begin
  -- One change of credentials of a user at a time: what one finds holds until its end.
  perform from bulkhead.user_account a
   where a.id = (select s.user_id from bulkhead.session s where s.id = in_session) and a.status = 'active' for update;
  if not found then
    raise exception using errcode = 'BH001', message = 'identity.session_invalid';
  end if;
  -- Only now: whoever was waited for may have ended it.
  select s.user_id, s.authenticated_at, s.mfa_at into found_session from bulkhead.session s
   where s.id = in_session and s.revoked_at is null and s.expires_at > clock_timestamp()
     and s.last_seen_at > clock_timestamp() - make_interval(secs => s.idle_seconds);
  if not found then
    raise exception using errcode = 'BH001', message = 'identity.session_invalid';
  end if;
  if fresh_seconds is not null then
    proven := case when cardinality(bulkhead.second_factors(found_session.user_id)) > 0
      then found_session.mfa_at else found_session.authenticated_at end;
    if proven is null or proven < clock_timestamp() - make_interval(secs => fresh_seconds) then
      raise exception using errcode = 'BH001', message = 'identity.step_up_required';
    end if;
  end if;
  return found_session.user_id;
end
$$;
comment on function bulkhead.session_person(uuid, integer) is 'The active user of a live session, locked; refuses one that has not proven themselves within the seconds given.';

-- Signing in -------------------------------------------------------------------------------------------------

create function bulkhead.sign_in_start(flow bytea, address text, at_door uuid, lifetime_seconds integer) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- What has ended goes a little at a time; whoever is at the same rows is left alone.
  delete from bulkhead.sign_in_challenge c where c.hash in (
    select e.hash from bulkhead.sign_in_challenge e where e.expires_at < clock_timestamp() limit 20 for update skip locked);
  delete from bulkhead.sign_in_throttle t where t.key in (
    select e.key from bulkhead.sign_in_throttle e
     where e.expire < extract(epoch from clock_timestamp()) * 1000 - 3600000 limit 20 for update skip locked);
  insert into bulkhead.sign_in_challenge (hash, purpose, user_id, email, door, expires_at)
  values (flow, 'sign_in',
    (select a.id from bulkhead.user_account a where a.email = address and a.status = 'active'),
    address, at_door, clock_timestamp() + make_interval(secs => lifetime_seconds));
end
$$;
comment on function bulkhead.sign_in_start(bytea, text, uuid, integer) is 'Opens a sign-in, for an address that somebody has as for one that nobody has.';

create function bulkhead.step_up_start(flow bytea, in_session uuid, lifetime_seconds integer) returns text[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := bulkhead.session_person(in_session, null);
  factors text[] := bulkhead.second_factors(person);
begin
  insert into bulkhead.sign_in_challenge (hash, purpose, user_id, session_id, email, expires_at)
  select flow, 'step_up', a.id, in_session, a.email, clock_timestamp() + make_interval(secs => lifetime_seconds)
    from bulkhead.user_account a where a.id = person;
  return case when cardinality(factors) = 0 then array['password'] else factors end;
end
$$;
comment on function bulkhead.step_up_start(bytea, uuid, integer) is 'Opens a proof within a session; returns what its user may prove themselves with.';

create function bulkhead.sign_in_has_second(purpose text, proven text[]) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select 'passkey' = any (proven)
    or ((purpose = 'step_up' or 'password' = any (proven)) and proven && array['totp', 'recovery_code'])
$$;
comment on function bulkhead.sign_in_has_second(text, text[]) is 'Whether two factors were shown, or a passkey, which is two.';

create function bulkhead.sign_in_is_enough(of_user uuid, purpose text, proven text[]) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select bulkhead.sign_in_has_second(purpose, proven)
    or ('password' = any (proven) and cardinality(bulkhead.second_factors(of_user)) = 0)
$$;
comment on function bulkhead.sign_in_is_enough(uuid, text, text[]) is 'Whether a user has shown all that is asked of them: a second factor too, where they have one.';

create function bulkhead.sign_in_look(flow bytea, device bytea, attempts_max integer)
returns table (purpose text, user_id uuid, session_id uuid, email text, door uuid, passed text[], password_due boolean,
  password_hash text, totp_sealed bytea, device_known boolean, factors text[])
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    update bulkhead.sign_in_challenge c set attempts = c.attempts + 1
     where c.hash = flow and c.purpose in ('sign_in', 'step_up') and c.expires_at > clock_timestamp()
       and c.attempts < attempts_max
    returning c.purpose, c.user_id, c.session_id, c.email, c.door, c.passed,
      -- Until then a password that is too old is nothing to act on: it may be in the wrong hands.
      c.password_due and bulkhead.sign_in_is_enough(c.user_id, c.purpose, c.passed),
      (select p.hash from bulkhead.password p where p.user_id = c.user_id),
      (select o.sealed from bulkhead.totp o where o.user_id = c.user_id and o.confirmed_at is not null),
      exists (select from bulkhead.known_device d where d.hash = device and d.user_id = c.user_id),
      bulkhead.second_factors(c.user_id);
end
$$;
comment on function bulkhead.sign_in_look(bytea, bytea, integer) is 'Counts an attempt at an open flow and returns what it is compared with; no row where the flow has ended.';

create function bulkhead.sign_in_refuse(flow bytea, factor text, facts jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  open record;
begin
  select * into open from bulkhead.sign_in_challenge c where c.hash = flow;
  if not found then return; end if;
  facts := facts || jsonb_build_object('metadata', jsonb_build_object('method', factor));
  if open.user_id is null then
    perform bulkhead.note_stranger(open.door, open.email, 'session.refused', facts);
  else
    perform bulkhead.note_user_event(open.user_id, 'session.refused', 'denied', facts);
  end if;
end
$$;
comment on function bulkhead.sign_in_refuse(bytea, text, jsonb) is 'Records that a proof was wrong.';

-- One proof, used up and counted in one transaction; when it is the last that was missing, the flow ends and
-- the session begins in the same. Of attempts that race with the same proof, one wins: each is a row that one
-- statement alone can change. `proof`, checked by the caller, names what to use up:
--   password       {expected, rehashed?}      totp      {step, resealed?}
--   recovery_code  {hashes}                   passkey   {credential, counter, backedUp}
--   new_password   {expected, hash}
-- `opening` is what a session begins with: {token, device, knownDevice?, ip?, userAgent?, idleSeconds,
-- absoluteSeconds, passwordDays?}. Byte strings in hex.
create function bulkhead.sign_in_pass(flow bytea, factor text, proof jsonb, opening jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  open bulkhead.sign_in_challenge;
  person record;
  factors text[];
  proven text[];
  with_mfa boolean;
  complete boolean;
  session_made uuid;
  device_new boolean := false;
  owner uuid;
  facts jsonb := jsonb_strip_nulls(jsonb_build_object('ip', opening ->> 'ip', 'userAgent', opening ->> 'userAgent'));
begin
  select * into open from bulkhead.sign_in_challenge c
   where c.hash = flow and c.purpose in ('sign_in', 'step_up') and c.expires_at > clock_timestamp() for update;
  if not found then return null; end if;
  if factor = 'passkey' then
    select k.user_id into owner from bulkhead.passkey k
     where k.credential_id = decode(proof ->> 'credential', 'hex');
    -- Who has proven who they are cannot go on as another.
    if owner is null or (owner <> open.user_id and (open.purpose = 'step_up' or cardinality(open.passed) > 0)) then
      return null;
    end if;
    open.user_id := owner;
  end if;
  select a.id, a.email, a.name into person from bulkhead.user_account a
   where a.id = open.user_id and a.status = 'active' for no key update;
  if not found then return null; end if;

  case factor
    when 'password' then
      update bulkhead.password p set hash = coalesce(proof ->> 'rehashed', p.hash)
       where p.user_id = person.id and p.hash = proof ->> 'expected';
      if not found then return null; end if;
      open.password_due := open.purpose = 'sign_in' and coalesce((
        select p.changed_at < clock_timestamp() - make_interval(days => (opening ->> 'passwordDays')::integer)
          from bulkhead.password p where p.user_id = person.id), false);
    when 'totp' then
      if not 'password' = any (open.passed) and open.purpose = 'sign_in' then return null; end if;
      update bulkhead.totp o set last_step = (proof ->> 'step')::bigint,
             sealed = coalesce(decode(proof ->> 'resealed', 'hex'), o.sealed)
       where o.user_id = person.id and o.confirmed_at is not null and o.last_step < (proof ->> 'step')::bigint;
      if not found then return null; end if;
    when 'recovery_code' then
      if not 'password' = any (open.passed) and open.purpose = 'sign_in' then return null; end if;
      update bulkhead.recovery_code r set used_at = clock_timestamp()
       where r.user_id = person.id and r.used_at is null and r.hash in (
         select decode(h, 'hex') from jsonb_array_elements_text(proof -> 'hashes') h);
      if not found then return null; end if;
      perform bulkhead.note_user_event(person.id, 'recovery_code.used', 'success', facts || jsonb_build_object(
        'metadata', jsonb_build_object('left', (select count(*) from bulkhead.recovery_code r
          where r.user_id = person.id and r.used_at is null))));
    when 'passkey' then
      -- An authenticator that counts and has not counted on may have been copied (WebAuthn, 6.1.1).
      update bulkhead.passkey k set counter = (proof ->> 'counter')::bigint, last_used_at = clock_timestamp(),
             backed_up = (proof ->> 'backedUp')::boolean
       where k.credential_id = decode(proof ->> 'credential', 'hex')
         and ((proof ->> 'counter')::bigint > k.counter or (k.counter = 0 and (proof ->> 'counter')::bigint = 0));
      if not found then
        perform bulkhead.note_user_event(person.id, 'passkey.counter_refused', 'denied', facts);
        return null;
      end if;
    when 'new_password' then
      if not open.password_due or not bulkhead.sign_in_is_enough(person.id, open.purpose, open.passed) then
        return null;
      end if;
      perform bulkhead.password_replace(person.id, proof ->> 'expected', proof ->> 'hash');
      perform bulkhead.note_user_event(person.id, 'password.changed', 'success',
        facts || '{"metadata": {"why": "too old"}}');
      open.password_due := false;
    else
      raise exception 'bulkhead: % is no factor', factor using errcode = '22023';
  end case;

  factors := bulkhead.second_factors(person.id);
  -- The last recovery code is a factor still, for the sign-in that uses it.
  if factor <> 'new_password' and not factor = any (open.passed) then
    open.passed := open.passed || factor;
  end if;
  proven := open.passed;
  with_mfa := bulkhead.sign_in_has_second(open.purpose, proven);
  complete := with_mfa or (cardinality(factors) = 0 and 'password' = any (proven));

  if not complete or open.password_due then
    update bulkhead.sign_in_challenge c
       set user_id = person.id, passed = proven, password_due = open.password_due, attempts = 0 where c.hash = flow;
    return jsonb_build_object('done', false, 'next', to_jsonb(case when complete then array['new_password'] else factors end));
  end if;

  delete from bulkhead.sign_in_challenge c where c.hash = flow;
  if open.purpose = 'step_up' then
    session_made := open.session_id;
    -- It records session.elevated.
    perform bulkhead.session_elevate(open.session_id, proven, case when with_mfa then clock_timestamp() end,
      decode(opening ->> 'token', 'hex'));
  else
    -- It records session.started.
    session_made := bulkhead.session_open(person.id, decode(opening ->> 'token', 'hex'), proven,
      case when with_mfa then clock_timestamp() end, opening ->> 'ip', opening ->> 'userAgent',
      (opening ->> 'idleSeconds')::integer, (opening ->> 'absoluteSeconds')::integer);
    update bulkhead.known_device d set last_used_at = clock_timestamp()
     where d.hash = decode(opening ->> 'knownDevice', 'hex') and d.user_id = person.id;
    device_new := not found;
    if device_new then
      insert into bulkhead.known_device (hash, user_id) values (decode(opening ->> 'device', 'hex'), person.id);
      delete from bulkhead.known_device d where d.user_id = person.id and d.hash not in (
        select k.hash from bulkhead.known_device k where k.user_id = person.id order by k.last_used_at desc limit 20);
    end if;
  end if;
  return jsonb_build_object('done', true, 'session', session_made, 'deviceIsNew', device_new, 'methods', to_jsonb(proven),
    'mfa', with_mfa,
    'mustEnrol', cardinality(factors) = 0 and bulkhead.mfa_demanded(person.id), 'user', jsonb_build_object('id', person.id, 'email', person.email, 'name', person.name),
    'recoveryCodesLeft', (select count(*) from bulkhead.recovery_code r where r.user_id = person.id and r.used_at is null));
end
$$;
comment on function bulkhead.sign_in_pass(bytea, text, jsonb, jsonb) is 'Uses up one proof and, when it was the last, opens the session; null where the proof is not good any more.';

create function bulkhead.sign_in_throttled(account text, at_door uuid, facts jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := (select a.id from bulkhead.user_account a where a.email = account);
begin
  if person is null then
    perform bulkhead.note_stranger(at_door, account, 'sign_in.throttled', facts);
  else
    perform bulkhead.note_user_event(person, 'sign_in.throttled', 'denied', facts);
  end if;
end
$$;
comment on function bulkhead.sign_in_throttled(text, uuid, jsonb) is 'Records that attempts are refused for a while.';

-- Passwords --------------------------------------------------------------------------------------------------

create function bulkhead.password_replace(of_user uuid, expected text, replacement text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  old text;
begin
  select p.hash into old from bulkhead.password p where p.user_id = of_user for update;
  -- Somebody else was quicker: what was checked against the old one holds no more.
  if old is distinct from expected then
    raise exception using errcode = 'BH001', message = 'identity.password_changed_meanwhile';
  end if;
  if old is not null then
    insert into bulkhead.password_history (user_id, hash) values (of_user, old);
    delete from bulkhead.password_history h where h.user_id = of_user and h.id not in (
      select k.id from bulkhead.password_history k where k.user_id = of_user order by k.id desc limit 24);
  end if;
  insert into bulkhead.password (user_id, hash) values (of_user, replacement)
  on conflict (user_id) do update set hash = excluded.hash, changed_at = clock_timestamp();
  delete from bulkhead.password_reset r where r.user_id = of_user;
end
$$;
comment on function bulkhead.password_replace(uuid, text, text) is 'Sets a password and keeps the old one in the history; links that could set another end.';

create function bulkhead.password_earlier(of_user uuid)
returns table (email text, name text, hash text, earlier text[])
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select a.email, a.name, p.hash, array(
      select h.hash from bulkhead.password_history h where h.user_id = of_user order by h.id desc limit 24)
    from bulkhead.user_account a left join bulkhead.password p on p.user_id = a.id
   where a.id = of_user and a.status = 'active'
$$;
comment on function bulkhead.password_earlier(uuid) is 'What a new password is compared with.';

create function bulkhead.password_establish(of_user uuid, replacement text) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from bulkhead.user_account a where a.id = of_user and a.status = 'active' for update;
  if not found then return false; end if;
  insert into bulkhead.password (user_id, hash) values (of_user, replacement) on conflict do nothing;
  if not found then return false; end if;
  delete from bulkhead.email_change c where c.user_id = of_user;
  perform bulkhead.note_user_event(of_user, 'password.established', 'success', '{}');
  return true;
end
$$;
comment on function bulkhead.password_establish(uuid, text) is 'The first password of a user who has none; false where there is one already.';

create function bulkhead.password_change(in_session uuid, expected text, replacement text, facts jsonb)
returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := bulkhead.session_person(in_session, null);
begin
  perform bulkhead.password_replace(person, expected, replacement);
  delete from bulkhead.sign_in_challenge c where c.user_id = person;
  perform bulkhead.note_user_event(person, 'password.changed', 'success', facts || jsonb_build_object('sessionId', in_session));
  return bulkhead.sessions_revoke(person, in_session, 'password_changed');
end
$$;
comment on function bulkhead.password_change(uuid, text, text, jsonb) is 'Changes the password of a session''s user and ends their other sessions.';

create function bulkhead.device_known(p_email text, p_device bytea) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from bulkhead.known_device d join bulkhead.user_account u on u.id = d.user_id
     where d.hash = p_device and u.email = p_email)
$$;
comment on function bulkhead.device_known(text, bytea) is 'Whether a browser has signed in before who has this address.';

create function bulkhead.password_reset_begin(reset bytea, address text, lifetime_seconds integer, facts jsonb)
returns table (email text, name text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  person record;
begin
  delete from bulkhead.password_reset r where r.hash in (
    select e.hash from bulkhead.password_reset e where e.expires_at < clock_timestamp() limit 20 for update skip locked);
  -- Locked: where the address is being changed, whoever reads the one from before gets no link to what is no longer theirs.
  select a.id, a.email, a.name into person from bulkhead.user_account a
   where a.email = address and a.status = 'active' for share;
  if not found then
    perform bulkhead.note_stranger(null, address, 'password.reset_requested', facts);
    return;
  end if;
  insert into bulkhead.password_reset (hash, user_id, expires_at)
  values (reset, person.id, clock_timestamp() + make_interval(secs => lifetime_seconds));
  -- Whoever asks is not yet known to be the user.
  perform bulkhead.note_user_event(person.id, 'password.reset_requested', 'success', facts || jsonb_build_object(
    'targets', jsonb_build_array(jsonb_build_object('type', 'user', 'id', person.id))));
  return query select person.email, person.name;
end
$$;
comment on function bulkhead.password_reset_begin(bytea, text, integer, jsonb) is 'Makes a link good for an address that somebody has; no row for one that nobody has.';

create function bulkhead.password_reset_look(reset bytea) returns uuid
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select r.user_id from bulkhead.password_reset r where r.hash = reset and r.expires_at > clock_timestamp()
$$;
comment on function bulkhead.password_reset_look(bytea) is 'Whose password a link may still set.';

create function bulkhead.password_reset_use(reset bytea, expected text, replacement text, facts jsonb)
returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid;
begin
  delete from bulkhead.password_reset r where r.hash = reset and r.expires_at > clock_timestamp() returning r.user_id into person;
  if not found then return null; end if;
  perform from bulkhead.user_account a where a.id = person and a.status = 'active' for update;
  if not found then return null; end if;
  perform bulkhead.password_replace(person, expected, replacement);
  -- Whoever knew the old password, or sat at one of its devices, is out.
  delete from bulkhead.sign_in_challenge c where c.user_id = person;
  delete from bulkhead.known_device d where d.user_id = person;
  perform bulkhead.note_user_event(person, 'password.reset', 'success', facts);
  perform bulkhead.sessions_revoke(person, null, 'password_reset');
  return person;
end
$$;
comment on function bulkhead.password_reset_use(bytea, text, text, jsonb) is 'Sets a password by a link, once, and ends every session of its user.';

-- Another address --------------------------------------------------------------------------------------------

create function bulkhead.email_change_ask(in_session uuid, fresh_seconds integer, change bytea, address text,
  lifetime_seconds integer, link bytea, facts jsonb)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := bulkhead.session_person(in_session, fresh_seconds);
  old record;
begin
  select a.email, a.name into old from bulkhead.user_account a where a.id = person;
  perform bulkhead.email_change_start(person, address, change, lifetime_seconds, 'user:' || person,
    facts || jsonb_build_object('sessionId', in_session));
  -- To whoever reads the address, taken or not: what the answer does not say, no mail is missing for.
  perform bulkhead.mail_post(null, address, 'email_change', jsonb_build_object('name', old.name,
    'expiresAt', bulkhead.access_time(clock_timestamp() + make_interval(secs => lifetime_seconds))), link);
  if old.email <> address then
    perform bulkhead.mail_post(null, old.email, 'email_change_asked', jsonb_build_object('name', old.name), null);
  end if;
end
$$;
comment on function bulkhead.email_change_ask(uuid, integer, bytea, text, integer, bytea, jsonb) is 'Mails a link to the address that a session''s user wants, and tells the one that they have.';

create function bulkhead.email_change_confirm(in_session uuid, change bytea, facts jsonb) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := bulkhead.session_person(in_session, null);
begin
  -- A mailbox alone is not enough: whoever asks with somebody else's address would have its reader prove it for them.
  perform from bulkhead.email_change c where c.token_hash = change and c.user_id = person;
  if not found then
    raise exception using errcode = 'BH001', message = 'identity.link_invalid';
  end if;
  return (select u.email from bulkhead.email_change_finish(change, facts || jsonb_build_object('sessionId', in_session), true) as u);
end
$$;
comment on function bulkhead.email_change_confirm(uuid, bytea, jsonb) is 'Follows the link in a session of the user who asked for it; the old address is told.';

-- Second factors ---------------------------------------------------------------------------------------------

create function bulkhead.factors_of(in_session uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := bulkhead.session_person(in_session, null);
begin
  return jsonb_build_object(
    'user', person,
    'password', (select jsonb_build_object('changedAt', p.changed_at) from bulkhead.password p where p.user_id = person),
    'totp', (select jsonb_build_object('confirmedAt', o.confirmed_at) from bulkhead.totp o
      where o.user_id = person and o.confirmed_at is not null),
    'recoveryCodesLeft', (select count(*) from bulkhead.recovery_code r where r.user_id = person and r.used_at is null),
    'passkeys', coalesce((select jsonb_agg(jsonb_build_object('id', k.id, 'name', k.name, 'createdAt', k.created_at,
        'lastUsedAt', k.last_used_at, 'backedUp', k.backed_up) order by k.created_at, k.id)
      from bulkhead.passkey k where k.user_id = person), '[]'));
end
$$;
comment on function bulkhead.factors_of(uuid) is 'What a session''s user can prove themselves with.';

create function bulkhead.totp_begin(in_session uuid, fresh_seconds integer, sealed_for uuid, secret_sealed bytea) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := bulkhead.session_person(in_session, fresh_seconds);
begin
  if person <> sealed_for then
    raise exception using errcode = 'BH001', message = 'identity.session_invalid';
  end if;
  insert into bulkhead.totp (user_id, sealed) values (person, secret_sealed)
  on conflict (user_id) do update set sealed = excluded.sealed, created_at = clock_timestamp(), last_step = 0
    where bulkhead.totp.confirmed_at is null;
  if not found then
    raise exception using errcode = 'BH001', message = 'identity.totp_enrolled';
  end if;
  return (select a.email from bulkhead.user_account a where a.id = person);
end
$$;
comment on function bulkhead.totp_begin(uuid, integer, uuid, bytea) is 'Keeps a secret until its first code confirms it; an unconfirmed one is replaced.';

create function bulkhead.totp_pending(in_session uuid)
returns table (user_id uuid, sealed bytea)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  person uuid := bulkhead.session_person(in_session, null);
begin
  return query select o.user_id, o.sealed from bulkhead.totp o where o.user_id = person and o.confirmed_at is null;
end
$$;
comment on function bulkhead.totp_pending(uuid) is 'The secret that waits for its first code.';

-- Codes for recovery come with the first second factor, and the session that enrolled it has proven it.
create function bulkhead.factor_enrolled(in_session uuid, person uuid, factor text, code_hashes bytea[]) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  fresh_codes boolean;
begin
  fresh_codes := not exists (select from bulkhead.recovery_code r where r.user_id = person and r.used_at is null);
  if fresh_codes then
    delete from bulkhead.recovery_code r where r.user_id = person;
    insert into bulkhead.recovery_code (user_id, hash) select person, h from unnest(code_hashes) h;
  end if;
  -- The token stays: nothing came in that was not this session's own.
  update bulkhead.session s
     set methods = array(select distinct m from unnest(s.methods || factor) m order by 1),
         mfa_at = clock_timestamp(), authenticated_at = clock_timestamp()
   where s.id = in_session;
  return fresh_codes;
end
$$;
comment on function bulkhead.factor_enrolled(uuid, uuid, text, bytea[]) is 'What every enrolment ends with; true when the codes given are now the user''s.';

create function bulkhead.totp_confirm(in_session uuid, fresh_seconds integer, step bigint, code_hashes bytea[], facts jsonb)
returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := bulkhead.session_person(in_session, fresh_seconds);
begin
  update bulkhead.totp o set confirmed_at = clock_timestamp(), last_step = step
   where o.user_id = person and o.confirmed_at is null;
  if not found then return null; end if;
  perform bulkhead.note_user_event(person, 'mfa.totp_enrolled', 'success', facts || jsonb_build_object('sessionId', in_session));
  return bulkhead.factor_enrolled(in_session, person, 'totp', code_hashes);
end
$$;
comment on function bulkhead.totp_confirm(uuid, integer, bigint, bytea[], jsonb) is 'The first code was right: from now on one is asked for. True when recovery codes were made with it, null where nothing waited.';

create function bulkhead.totp_remove(in_session uuid, fresh_seconds integer, facts jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := bulkhead.session_person(in_session, fresh_seconds);
begin
  delete from bulkhead.totp o where o.user_id = person and o.confirmed_at is not null;
  if not found then
    raise exception using errcode = 'BH001', message = 'identity.totp_absent';
  end if;
  perform bulkhead.factor_removed(person);
  perform bulkhead.note_user_event(person, 'mfa.totp_removed', 'success', facts || jsonb_build_object('sessionId', in_session));
end
$$;
comment on function bulkhead.totp_remove(uuid, integer, jsonb) is 'Removes the authenticator app, unless it is the last factor where a policy demands one.';

-- Never without a way in: not below what a policy demands, and never without password and passkey both.
create function bulkhead.factor_removed(person uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  left_over boolean := cardinality(bulkhead.second_factors(person)) > 0;
begin
  if (not left_over and bulkhead.mfa_demanded(person))
    or not (exists (select from bulkhead.password p where p.user_id = person)
      or exists (select from bulkhead.passkey k where k.user_id = person)) then
    raise exception using errcode = 'BH001', message = 'identity.last_factor';
  end if;
  -- They stand in for a factor; without one they would be a factor themselves.
  if not left_over then
    delete from bulkhead.recovery_code r where r.user_id = person;
  end if;
end
$$;
comment on function bulkhead.factor_removed(uuid) is 'Refuses to leave a user without what a policy demands, or without any way in.';

create function bulkhead.recovery_codes_replace(in_session uuid, fresh_seconds integer, code_hashes bytea[], facts jsonb)
returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := bulkhead.session_person(in_session, fresh_seconds);
begin
  if cardinality(bulkhead.second_factors(person)) = 0 then return false; end if;
  delete from bulkhead.recovery_code r where r.user_id = person;
  insert into bulkhead.recovery_code (user_id, hash) select person, h from unnest(code_hashes) h;
  perform bulkhead.note_user_event(person, 'mfa.recovery_codes_made', 'success', facts || jsonb_build_object('sessionId', in_session));
  return true;
end
$$;
comment on function bulkhead.recovery_codes_replace(uuid, integer, bytea[], jsonb) is 'A new set of recovery codes instead of the old one; false for who has no second factor.';

-- Passkeys ---------------------------------------------------------------------------------------------------

create function bulkhead.passkey_ask(flow bytea, to_sign text)
returns table (user_id uuid, passed text[], credentials jsonb)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    update bulkhead.sign_in_challenge c set challenge = to_sign
     where c.hash = flow and c.purpose in ('sign_in', 'step_up') and c.expires_at > clock_timestamp()
    returning c.user_id, c.passed,
      -- Before anything is proven nobody learns which passkeys somebody has, or whether.
      case when c.purpose = 'step_up' or cardinality(c.passed) > 0 then coalesce((
        select jsonb_agg(jsonb_build_object('id', encode(k.credential_id, 'hex'), 'transports', k.transports) order by k.id)
          from bulkhead.passkey k where k.user_id = c.user_id), '[]') else '[]' end;
end
$$;
comment on function bulkhead.passkey_ask(bytea, text) is 'Puts what a passkey has to sign into an open flow; an earlier one ends.';

create function bulkhead.challenge_take(flow bytea) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  taken text;
begin
  select c.challenge into taken from bulkhead.sign_in_challenge c
   where c.hash = flow and c.expires_at > clock_timestamp() for update;
  update bulkhead.sign_in_challenge c set challenge = null where c.hash = flow and c.challenge is not null;
  return taken;
end
$$;
comment on function bulkhead.challenge_take(bytea) is 'What a passkey had to sign, once.';

create function bulkhead.passkey_find(credential bytea)
returns table (user_id uuid, public_key bytea, counter bigint, transports text[])
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select k.user_id, k.public_key, k.counter, k.transports from bulkhead.passkey k where k.credential_id = credential
$$;
comment on function bulkhead.passkey_find(bytea) is 'What a passkey''s answer is checked with.';

create function bulkhead.passkey_begin(flow bytea, in_session uuid, fresh_seconds integer, to_sign text, lifetime_seconds integer)
returns table (user_id uuid, email text, name text, credentials jsonb)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  person uuid := bulkhead.session_person(in_session, fresh_seconds);
begin
  if (select count(*) from bulkhead.passkey k where k.user_id = person) >= 20 then
    raise exception using errcode = 'BH001', message = 'identity.passkeys_too_many';
  end if;
  -- One registration at a time and session.
  delete from bulkhead.sign_in_challenge c where c.user_id = person and c.purpose = 'passkey' and c.session_id = in_session;
  insert into bulkhead.sign_in_challenge (hash, purpose, user_id, session_id, challenge, expires_at)
  values (flow, 'passkey', person, in_session, to_sign, clock_timestamp() + make_interval(secs => lifetime_seconds));
  return query select a.id, a.email, a.name, coalesce((
      select jsonb_agg(jsonb_build_object('id', encode(k.credential_id, 'hex'), 'transports', k.transports) order by k.id)
        from bulkhead.passkey k where k.user_id = person), '[]')
    from bulkhead.user_account a where a.id = person;
end
$$;
comment on function bulkhead.passkey_begin(bytea, uuid, integer, text, integer) is 'Opens the registration of a passkey.';

create function bulkhead.passkey_add(flow bytea, in_session uuid, passkey jsonb, code_hashes bytea[], facts jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := bulkhead.session_person(in_session, null);
  made uuid;
begin
  delete from bulkhead.sign_in_challenge c
   where c.hash = flow and c.purpose = 'passkey' and c.user_id = person and c.session_id = in_session
     and c.challenge is null and c.expires_at > clock_timestamp();
  if not found then return null; end if;
  insert into bulkhead.passkey (user_id, credential_id, public_key, counter, transports, name, aaguid, backed_up)
  values (person, decode(passkey ->> 'credential', 'hex'), decode(passkey ->> 'publicKey', 'hex'),
    (passkey ->> 'counter')::bigint, array(select jsonb_array_elements_text(passkey -> 'transports')),
    passkey ->> 'name', (passkey ->> 'aaguid')::uuid, (passkey ->> 'backedUp')::boolean)
  on conflict (credential_id) do nothing returning id into made;
  if made is null then
    raise exception using errcode = 'BH001', message = 'identity.passkey_known';
  end if;
  perform bulkhead.note_user_event(person, 'passkey.added', 'success', facts || jsonb_build_object('sessionId', in_session,
    'targets', jsonb_build_array(jsonb_build_object('type', 'passkey', 'id', made, 'name', passkey ->> 'name'))));
  return jsonb_build_object('id', made,
    'freshCodes', bulkhead.factor_enrolled(in_session, person, 'passkey', code_hashes));
end
$$;
comment on function bulkhead.passkey_add(bytea, uuid, jsonb, bytea[], jsonb) is 'Registers the passkey whose answer was checked; null where the registration has ended.';

create function bulkhead.passkey_rename(in_session uuid, passkey uuid, new_name text, facts jsonb) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := bulkhead.session_person(in_session, null);
  old text;
begin
  select k.name into old from bulkhead.passkey k where k.id = passkey and k.user_id = person for update;
  if not found then return false; end if;
  update bulkhead.passkey k set name = new_name where k.id = passkey;
  perform bulkhead.note_user_event(person, 'passkey.renamed', 'success', facts || jsonb_build_object('sessionId', in_session,
    'targets', jsonb_build_array(jsonb_build_object('type', 'passkey', 'id', passkey)),
    'before', jsonb_build_object('name', old), 'after', jsonb_build_object('name', new_name)));
  return true;
end
$$;
comment on function bulkhead.passkey_rename(uuid, uuid, text, jsonb) is 'Names a passkey of the session''s user; false where they have none of that id.';

create function bulkhead.passkey_remove(in_session uuid, fresh_seconds integer, passkey uuid, facts jsonb)
returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := bulkhead.session_person(in_session, fresh_seconds);
  old text;
begin
  delete from bulkhead.passkey k where k.id = passkey and k.user_id = person returning k.name into old;
  if not found then return false; end if;
  perform bulkhead.factor_removed(person);
  perform bulkhead.note_user_event(person, 'passkey.removed', 'success', facts || jsonb_build_object('sessionId', in_session,
    'targets', jsonb_build_array(jsonb_build_object('type', 'passkey', 'id', passkey, 'name', old))));
  return true;
end
$$;
comment on function bulkhead.passkey_remove(uuid, integer, uuid, jsonb) is 'Removes a passkey of the session''s user, unless it is the last factor where a policy demands one.';

-- Somebody lost their phone, and staff have asked who they are by other means.
create function bulkhead.factors_reset(p_user uuid, p_reason text, p_who text, p_operator text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before jsonb;
begin
  perform bulkhead.user_row(p_user);
  perform bulkhead.user_protect_owner(p_user, p_operator);
  v_before := jsonb_build_object(
    'totp', exists (select from bulkhead.totp o where o.user_id = p_user and o.confirmed_at is not null),
    'passkeys', (select count(*) from bulkhead.passkey k where k.user_id = p_user),
    'recoveryCodes', (select count(*) from bulkhead.recovery_code r where r.user_id = p_user and r.used_at is null));
  delete from bulkhead.totp o where o.user_id = p_user;
  delete from bulkhead.passkey k where k.user_id = p_user;
  delete from bulkhead.recovery_code r where r.user_id = p_user;
  delete from bulkhead.known_device d where d.user_id = p_user;
  perform bulkhead.sessions_revoke(p_user, null, 'factors_reset', p_who);
  perform bulkhead.user_note(p_user, p_who, bulkhead.user_event('mfa.reset', p_user, jsonb_build_object(
    'reason', p_reason, 'before', v_before,
    'after', jsonb_build_object('totp', false, 'passkeys', 0, 'recoveryCodes', 0))));
  return v_before;
end
$$;
comment on function bulkhead.factors_reset(uuid, text, text, text) is 'Takes every second factor from a user and ends their sessions; says what they had. Where an operator asks, an owner''s only for an owner.';

revoke all on function
  bulkhead.factors_reset(uuid, text, text, text), bulkhead.device_known(text, bytea),
  bulkhead.note_user_event(uuid, text, text, jsonb), bulkhead.note_stranger(uuid, text, text, jsonb),
  bulkhead.second_factors(uuid), bulkhead.mfa_demanded(uuid), bulkhead.password_rules(uuid),
  bulkhead.session_person(uuid, integer),
  bulkhead.sign_in_start(bytea, text, uuid, integer), bulkhead.step_up_start(bytea, uuid, integer),
  bulkhead.sign_in_has_second(text, text[]), bulkhead.sign_in_is_enough(uuid, text, text[]),
  bulkhead.sign_in_look(bytea, bytea, integer), bulkhead.sign_in_refuse(bytea, text, jsonb),
  bulkhead.sign_in_pass(bytea, text, jsonb, jsonb), bulkhead.sign_in_throttled(text, uuid, jsonb),
  bulkhead.password_replace(uuid, text, text), bulkhead.password_earlier(uuid),
  bulkhead.password_establish(uuid, text), bulkhead.password_change(uuid, text, text, jsonb),
  bulkhead.password_reset_begin(bytea, text, integer, jsonb), bulkhead.password_reset_look(bytea),
  bulkhead.password_reset_use(bytea, text, text, jsonb), bulkhead.factors_of(uuid),
  bulkhead.email_change_ask(uuid, integer, bytea, text, integer, bytea, jsonb), bulkhead.email_change_confirm(uuid, bytea, jsonb),
  bulkhead.totp_begin(uuid, integer, uuid, bytea), bulkhead.totp_pending(uuid),
  bulkhead.factor_enrolled(uuid, uuid, text, bytea[]), bulkhead.totp_confirm(uuid, integer, bigint, bytea[], jsonb),
  bulkhead.totp_remove(uuid, integer, jsonb), bulkhead.factor_removed(uuid),
  bulkhead.recovery_codes_replace(uuid, integer, bytea[], jsonb), bulkhead.passkey_ask(bytea, text),
  bulkhead.challenge_take(bytea), bulkhead.passkey_find(bytea),
  bulkhead.passkey_begin(bytea, uuid, integer, text, integer), bulkhead.passkey_add(bytea, uuid, jsonb, bytea[], jsonb),
  bulkhead.passkey_rename(uuid, uuid, text, jsonb), bulkhead.passkey_remove(uuid, integer, uuid, jsonb)
from public;
