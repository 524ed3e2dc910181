import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { parseContextKey } from '../../isolation/context-key.ts';
import type { TenantId } from '../../isolation/index.ts';
import { createContextSigner } from '../../isolation/signed-context.ts';
import { type House, OPERATORS_LOG, openHouse, type Tenant } from '../testdata/house.ts';
import { hashInvitationToken } from './invitation-token.ts';

interface MailHouse extends House {
  /** Sends what is due and gives the tokens of an address, the newest first. */
  tokensOf(email: string): Promise<string[]>;
  /** A user with a verified address that is a member of nothing. */
  stranger(email: string, verified?: boolean): Promise<string>;
  rolesOf(tenant: Tenant, user: string): Promise<string[]>;
}

async function openMailHouse(): Promise<MailHouse> {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-mail-'));
  const house = await openHouse({
    publicUrl: 'https://app.example',
    mail: { folder, from: 'Notes <hello@notes.example>' },
  });
  return {
    ...house,
    async tokensOf(email) {
      await house.bulkhead.identity.mail.sendDue();
      const mails = (await house.bulkhead.identity.mail.mailbox()).filter(({ to }) => to === email);
      return mails.map(({ text }) => /#(bhi_[\w-]+)/.exec(text)?.[1] ?? '');
    },
    async stranger(email, verified = true) {
      const { id } = await house.bulkhead.identity.users.create({ email, name: 'Ada' });
      if (verified) {
        await house.admin.query(
          'update bulkhead.user_account set email_verified_at = now() where id = $1',
          [id],
        );
      }
      return id;
    },
    async rolesOf(tenant, user) {
      const { rows } = await house.admin.query(
        `select role from bulkhead.access_grant where tenant_id = $1 and holder_id = $2 order by role`,
        [tenant.id, user],
      );
      return rows.map(({ role }) => role);
    },
  };
}

const REFUSED = { code: 'identity.invitation_refused' };
const EMAIL = 'ada@acme.example';
const PASSWORD = 'correct horse battery staple';

test('an invitation is mailed, accepted once by the invited address, and all of it is on record', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const owner = await house.person('owner', house.acme);
  const made = await house.as(house.acme, owner, () =>
    invitations.create({ email: ' Ada@Acme.Example ', role: 'member' }),
  );
  expect(made).toMatchObject({ email: EMAIL, status: 'pending', node: house.acme.id });
  const [token = ''] = await house.tokensOf(EMAIL);
  const ada = await house.stranger(EMAIL);
  expect(await invitations.look({ token })).toMatchObject({ tenant: 'acme', email: EMAIL });
  expect(await invitations.accept({ token, userId: ada })).toMatchObject({
    tenantId: house.acme.id,
    role: 'member',
  });
  expect(await house.rolesOf(house.acme, ada)).toEqual(['member']);
  await expect(invitations.accept({ token, userId: ada })).rejects.toMatchObject(REFUSED);
  await expect(invitations.look({ token })).rejects.toMatchObject(REFUSED);

  const events = await house.events(house.acme.id);
  const [created, accepted] = ['invitation.created', 'invitation.accepted'].map((action) =>
    events.find((event) => event.action === action),
  );
  expect(created).toMatchObject({
    actor: `user:${owner}`,
    after: { email: EMAIL, role: 'member' },
  });
  expect(created?.personal).toContainEqual({
    path: '/after/email',
    subject: { type: 'account', id: EMAIL },
  });
  expect(accepted).toMatchObject({ actor: `user:${ada}`, after: { invitedBy: `user:${owner}` } });
  const { items } = await house.as(house.acme, owner, () => invitations.list({}));
  expect(items).toMatchObject([{ id: made.id, status: 'accepted' }]);
});

test('SQL injected under an inviter makes no link: whoever has not read the mail has no account by it', async () => {
  const house = await openMailHouse();
  const { invitations, users } = house.bulkhead.identity;
  const owner = await house.person('owner', house.acme);
  // Past the statement guard: a connection as the app's role, in the context that the pool would set.
  const client = new pg.Client({ connectionString: house.database.appUrl });
  await client.connect();
  onTestFinished(() => client.end());
  const signed = createContextSigner(parseContextKey(house.database.contextKey), 300).sign(
    {
      kind: 'tenant',
      tenant: { id: house.acme.id as TenantId },
      actor: { type: 'user', id: owner },
      expiresAtMs: Date.now() + 300_000,
    },
    Date.now(),
  );
  await client.query("select set_config('bulkhead.context', $1, false)", [signed.token]);
  const inject = (email: string, token: string) =>
    client.query(
      "select bulkhead.invitation_create(gen_random_uuid(), $1, null, 'member', null, $2, '', 3600)",
      [email, hashInvitationToken(token)],
    );
  await house.as(house.acme, owner, () =>
    invitations.create({ email: 'eve@evil.example', role: 'member' }),
  );
  const [mailed = ''] = await house.tokensOf('eve@evil.example');
  const madeUp = `bhi_${'A'.repeat(43)}`;
  const account = { name: 'Boss', password: PASSWORD };
  for (const token of [madeUp, mailed]) {
    const email = token === mailed ? 'boss@globex.example' : 'chief@globex.example';
    await house.admin.query('delete from bulkhead.invitation');
    await inject(email, token);
    await expect(invitations.look({ token })).rejects.toMatchObject(REFUSED);
    await expect(invitations.register({ token, ...account }, {})).rejects.toMatchObject(REFUSED);
    expect(await users.find({ email })).toBeNull();
    const userId = await house.stranger(email);
    await expect(invitations.accept({ token, userId })).rejects.toMatchObject(REFUSED);
  }
});

test('a tenant makes no member of somebody with an account: it would hear of their sign-ins elsewhere', async () => {
  const house = await openMailHouse();
  const { access, identity } = house.bulkhead;
  const owner = await house.person('owner', house.acme);
  const boss = await house.person('owner', house.globex);
  const add = (id: string) =>
    house.as(house.acme, owner, () => access.members.add({ type: 'user', id, name: 'Boss' }));
  await expect(add(boss)).rejects.toMatchObject({ code: 'access.denied' });
  await identity.sessions.start(boss, { methods: ['password'], ip: '198.51.100.7' });
  const heard = (await house.events(house.acme.id)).filter(({ sessionId }) => sessionId);
  expect(heard).toEqual([]);
  // People of another issuer are the app's to name, and staff may say it for anybody.
  await add('auth0|boss');
  await house.bulkhead.asTenant(house.acme.id, () =>
    access.members.add({ type: 'user', id: boss, name: 'Boss' }),
  );
});

test('of a hundred who accept at once exactly one comes in', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const owner = await house.person('owner', house.acme);
  await house.as(house.acme, owner, () => invitations.create({ email: EMAIL, role: 'member' }));
  const [token = ''] = await house.tokensOf(EMAIL);
  const ada = await house.stranger(EMAIL);
  const processes = [house.bulkhead, house.another()];
  const attempts = await Promise.allSettled(
    Array.from({ length: 100 }, (_, n) =>
      processes[n % 2]?.identity.invitations.accept({ token, userId: ada }),
    ),
  );
  expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const attempt of attempts) {
    if (attempt.status === 'rejected') expect(attempt.reason).toMatchObject(REFUSED);
  }
  const accepted = (await house.events(house.acme.id)).filter(
    ({ action }) => action === 'invitation.accepted',
  );
  expect(accepted).toHaveLength(1);
});

test('of forty who register by one link at once exactly one account comes of it', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const owner = await house.person('owner', house.acme);
  await house.as(house.acme, owner, () => invitations.create({ email: EMAIL, role: 'member' }));
  const [token = ''] = await house.tokensOf(EMAIL);
  const attempts = await Promise.allSettled(
    Array.from({ length: 40 }, () =>
      invitations.register({ token, name: 'Ada', password: PASSWORD }, {}),
    ),
  );
  const won = attempts.filter((attempt) => attempt.status === 'fulfilled');
  expect(won).toHaveLength(1);
  const { rows } = await house.admin.query(
    `select count(*)::int as sessions from bulkhead.session`,
  );
  expect(rows[0].sessions).toBe(1);
});

test('a forwarded link tells and gives nothing to whoever is signed in with another address', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const owner = await house.person('owner', house.acme);
  await house.as(house.acme, owner, () => invitations.create({ email: EMAIL, role: 'admin' }));
  const [token = ''] = await house.tokensOf(EMAIL);
  const eve = await house.stranger('eve@evil.example');
  const unknown = await invitations
    .accept({ token: `bhi_${'A'.repeat(43)}`, userId: eve })
    .catch((error) => error.toJSON());
  const forwarded = await invitations
    .accept({ token, userId: eve })
    .catch((error) => error.toJSON());
  expect(forwarded).toEqual(unknown);
  expect(await house.rolesOf(house.acme, eve)).toEqual([]);
  // It still works for whom it was meant.
  await invitations.accept({ token, userId: await house.stranger(EMAIL) });
});

test('an account with that address whose mailbox nobody has shown does not get in', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const owner = await house.person('owner', house.acme);
  const squatter = await house.stranger(EMAIL, false);
  await house.as(house.acme, owner, () => invitations.create({ email: EMAIL, role: 'member' }));
  const [token = ''] = await house.tokensOf(EMAIL);
  await expect(invitations.accept({ token, userId: squatter })).rejects.toMatchObject(REFUSED);
  // Nor does registering hand the squatter's account over, or verify it on the way.
  await expect(
    invitations.register({ token, name: 'Ada', password: PASSWORD }, {}),
  ).rejects.toMatchObject(REFUSED);
  const { rows } = await house.admin.query(
    'select email_verified_at from bulkhead.user_account where id = $1',
    [squatter],
  );
  expect(rows[0].email_verified_at).toBeNull();
});

test('a disabled user, a disabled tenant and an expired link come to nothing, alike', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const owner = await house.person('owner', house.acme);
  const ada = await house.stranger(EMAIL);
  await house.as(house.acme, owner, () => invitations.create({ email: EMAIL, role: 'member' }));
  const [token = ''] = await house.tokensOf(EMAIL);
  for (const [spoil, mend] of [
    [
      `update bulkhead.user_account set status = 'disabled' where id = '${ada}'`,
      `update bulkhead.user_account set status = 'active' where id = '${ada}'`,
    ],
    [
      `update bulkhead.tenant set status = 'disabled' where id = '${house.acme.id}'`,
      `update bulkhead.tenant set status = 'active' where id = '${house.acme.id}'`,
    ],
    [
      `update bulkhead.invitation set expires_at = now()`,
      `update bulkhead.invitation set expires_at = now() + interval '1 day'`,
    ],
  ] as const) {
    await house.admin.query(spoil);
    await expect(invitations.accept({ token, userId: ada })).rejects.toMatchObject(REFUSED);
    await house.admin.query(mend);
  }
  await invitations.accept({ token, userId: ada });
});

test('nobody invites to more than they hold, nor where they may not invite', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const admin = await house.person('admin', house.acme);
  await house.as(house.acme, admin, async () => {
    await expect(invitations.create({ email: EMAIL, role: 'owner' })).rejects.toMatchObject({
      code: 'access.exceeds_own',
    });
    await invitations.create({ email: EMAIL, role: 'admin' });
  });
  for (const role of ['member', 'viewer', 'auditor', 'billing', 'none']) {
    const actor = await house.person(role, house.acme);
    await house.as(house.acme, actor, async () => {
      for (const attempt of [
        () => invitations.create({ email: 'x@acme.example', role: 'viewer' }),
        () => invitations.list({}),
        () => invitations.import({ csv: 'email,role\nx@acme.example,viewer' }),
        () => invitations.export({}),
        () => invitations.resend({ id: house.acme.id }),
        () => invitations.revoke({ id: house.acme.id }),
      ]) {
        await expect(attempt()).rejects.toMatchObject({ code: 'access.denied' });
      }
    });
  }
});

test('what an operator of the control plane invited is void once they are none any more', async () => {
  const house = await openMailHouse();
  const { identity, access } = house.bulkhead;
  const operators = { id: OPERATORS_LOG, slug: 'bulkhead-operators' };
  const keeper = await house.person('owner', operators);
  const invite = async (id: string, email: string) => {
    await house.as(house.acme, { type: 'operator', id }, () =>
      identity.invitations.create({ email, role: 'member' }),
    );
    const [token = ''] = await house.tokensOf(email);
    return { token, userId: await house.stranger(email) };
  };
  const [suspended, removed, staying] = [
    await house.person('admin', operators),
    await house.person('admin', operators),
    await house.person('admin', operators),
  ];
  const ofSuspended = await invite(suspended, 'a@acme.example');
  const ofRemoved = await invite(removed, 'b@acme.example');
  const ofStaying = await invite(staying, 'c@acme.example');
  // Whoever crosses by the app's own code is nobody that Bulkhead knows.
  const ofApp = await invite('support-7', 'd@acme.example');
  await house.as(operators, keeper, async () => {
    await access.members.suspend({ type: 'user', id: suspended });
    await access.members.remove({ type: 'user', id: removed });
  });
  const { accept } = identity.invitations;
  await expect(accept(ofSuspended)).rejects.toMatchObject(REFUSED);
  await expect(accept(ofRemoved)).rejects.toMatchObject(REFUSED);
  expect(await accept(ofStaying)).toMatchObject({ role: 'member' });
  expect(await accept(ofApp)).toMatchObject({ role: 'member' });
});

test('an invitation is void once its inviter no longer holds what it gives', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const [owner, admin] = [
    await house.person('owner', house.acme),
    await house.person('admin', house.acme),
  ];
  await house.as(house.acme, admin, () => invitations.create({ email: EMAIL, role: 'admin' }));
  const [token = ''] = await house.tokensOf(EMAIL);
  const ada = await house.stranger(EMAIL);
  await house.admin.query(
    `update bulkhead.membership set status = 'suspended' where tenant_id = $1 and id = $2`,
    [house.acme.id, admin],
  );
  await expect(invitations.accept({ token, userId: ada })).rejects.toMatchObject(REFUSED);
  expect(await house.rolesOf(house.acme, ada)).toEqual([]);
  // An owner who sends it again answers for it from then on.
  await house.admin.query(`update bulkhead.invitation set sent_at = now() - interval '2 minutes'`);
  await house.as(house.acme, owner, async () => {
    const { items } = await invitations.list({});
    await invitations.resend({ id: items[0]?.id ?? '' });
  });
  const [newer = ''] = await house.tokensOf(EMAIL);
  await invitations.accept({ token: newer, userId: ada });
});

test('sending again ends the link before, and is limited; taking back ends every link', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const owner = await house.person('owner', house.acme);
  const ada = await house.stranger(EMAIL);
  await house.as(house.acme, owner, async () => {
    const { id } = await invitations.create({ email: EMAIL, role: 'member' });
    const limited = { code: 'identity.invitation_resend_limit', status: 429 };
    await expect(invitations.resend({ id })).rejects.toMatchObject(limited);
    for (let sends = 1; sends < 5; sends += 1) {
      await house.admin.query(
        `update bulkhead.invitation set sent_at = now() - interval '2 minutes'`,
      );
      await invitations.resend({ id });
    }
    await house.admin.query(
      `update bulkhead.invitation set sent_at = now() - interval '2 minutes'`,
    );
    await expect(invitations.resend({ id })).rejects.toMatchObject(limited);
    const tokens = await house.tokensOf(EMAIL);
    expect(new Set(tokens).size).toBe(5);
    const hashes = await house.admin.query('select token_hash from bulkhead.invitation');
    expect(hashes.rowCount).toBe(1);
    const alive = await Promise.all(
      tokens.map((token) =>
        invitations.look({ token }).then(
          () => true,
          () => false,
        ),
      ),
    );
    expect(alive.filter(Boolean)).toHaveLength(1);
    await invitations.revoke({ id });
    for (const token of tokens) {
      await expect(invitations.accept({ token, userId: ada })).rejects.toMatchObject(REFUSED);
    }
    await expect(invitations.revoke({ id })).rejects.toMatchObject({
      code: 'identity.invitation_closed',
    });
  });
});

test('members, users and strangers are invited with the same answer', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const owner = await house.person('owner', house.acme);
  await house.stranger('user@acme.example');
  const member = await house.person('member', house.acme);
  const memberEmail = (await house.bulkhead.identity.users.find({ id: member }))?.email ?? '';
  const answers = await house.as(house.acme, owner, async () => {
    const made = [];
    for (const email of ['user@acme.example', memberEmail, 'nobody@acme.example']) {
      const {
        id,
        email: _,
        createdAt,
        sentAt,
        expiresAt,
        ...same
      } = await invitations.create({
        email,
        role: 'viewer',
      });
      made.push(same);
    }
    return made;
  });
  expect(answers[0]).toEqual(answers[2]);
  expect(answers[1]).toEqual(answers[2]);
});

test('no token is in the database, neither in the invitation nor in the mail that waits', async () => {
  const house = await openMailHouse();
  const owner = await house.person('owner', house.acme);
  await house.as(house.acme, owner, () =>
    house.bulkhead.identity.invitations.create({ email: EMAIL, role: 'member' }),
  );
  const waiting = await house.admin.query('select m::text as row, sealed from bulkhead.mail m');
  const [token = ''] = await house.tokensOf(EMAIL);
  expect(token).toMatch(/^bhi_/);
  const invitation = await house.admin.query('select i::text as row from bulkhead.invitation i');
  for (const { row, sealed } of [...waiting.rows, ...invitation.rows]) {
    expect(row).not.toContain(token);
    expect(String(sealed)).not.toContain(token);
  }
  const sent = await house.admin.query('select data, sealed from bulkhead.mail');
  expect(sent.rows).toEqual([{ data: null, sealed: null }]);
});

test('a tenant neither sees nor touches another’s invitations', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const owner = await house.person('owner', house.acme, house.globex);
  const { id } = await house.as(house.acme, owner, () =>
    invitations.create({ email: EMAIL, role: 'member' }),
  );
  await house.as(house.globex, owner, async () => {
    expect((await invitations.list({})).items).toEqual([]);
    const absent = await invitations.revoke({ id: owner }).catch((error) => error.toJSON());
    for (const attempt of [() => invitations.revoke({ id }), () => invitations.resend({ id })]) {
      expect(await attempt().catch((error) => error.toJSON())).toEqual(absent);
    }
  });
});

test('a tenant mails so many invitations a day and no more, until staff say otherwise', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const owner = await house.person('owner', house.acme);
  await house.admin.query(
    `insert into bulkhead.invitation_quota (tenant_id, per_day, used) values ($1, 500, 499)`,
    [house.acme.id],
  );
  await house.as(house.acme, owner, async () => {
    await invitations.create({ email: EMAIL, role: 'member' });
    await expect(
      invitations.create({ email: 'b@acme.example', role: 'member' }),
    ).rejects.toMatchObject({
      code: 'identity.invitation_limit',
      status: 429,
    });
    const { lines } = await invitations.import({ csv: 'email,role\nc@acme.example,member' });
    expect(lines).toMatchObject([{ outcome: 'refused', code: 'identity.invitation_limit' }]);
  });
  const count = await house.admin.query('select count(*)::int as n from bulkhead.mail');
  expect(count.rows[0].n).toBe(1);
  await house.admin.query(`update bulkhead.invitation_quota set day = day - 1`);
  await house.as(house.acme, owner, () =>
    invitations.create({ email: 'd@acme.example', role: 'member' }),
  );
  const csv = ['email,role', ...Array.from({ length: 700 }, (_, n) => `p${n}@acme.example,member`)];
  const dry = await house.as(house.acme, owner, () =>
    invitations.import({ csv: csv.join('\n'), dryRun: true }),
  );
  expect(dry).toMatchObject({ invited: 499, refused: 201 });
});

test('a table invites each once: a dry run nobody, a second run nobody again', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const owner = await house.person('owner', house.acme);
  const csv =
    'email,role,name\nada@acme.example,member,Ada\nbob@acme.example,admin,\nx@acme.example,nothing,\nada@acme.example,member,';
  await house.as(house.acme, owner, async () => {
    const dry = await invitations.import({ csv, dryRun: true });
    expect(dry).toMatchObject({ invited: 2, present: 1, refused: 1 });
    expect(dry.lines.map(({ line, outcome, code }) => [line, outcome, code])).toEqual([
      [2, 'would_invite', null],
      [3, 'would_invite', null],
      [4, 'refused', 'access.role_absent'],
      [5, 'present', null],
    ]);
    expect((await invitations.list({})).items).toEqual([]);
    expect((await house.admin.query('select from bulkhead.mail')).rowCount).toBe(0);
    expect(await invitations.import({ csv })).toMatchObject({ invited: 2, present: 1, refused: 1 });
    expect(await invitations.import({ csv })).toMatchObject({ invited: 0, present: 3, refused: 1 });
  });
  const [token = ''] = await house.tokensOf(EMAIL);
  await invitations.accept({ token, userId: await house.stranger(EMAIL) });
  await house.as(house.acme, owner, async () => {
    expect(await invitations.import({ csv })).toMatchObject({ invited: 0, present: 3 });
    const { csv: exported } = await invitations.export({});
    expect(exported.split('\r\n')[0]).toBe(
      'email,name,role,node,status,invitedBy,createdAt,expiresAt',
    );
    expect(exported).toContain('ada@acme.example,Ada,member');
  });
  expect((await house.admin.query('select from bulkhead.mail')).rowCount).toBe(2);
});

test('the newest come first, page by page, each once', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const owner = await house.person('owner', house.acme);
  const lines = Array.from({ length: 25 }, (_, n) => `u${n}@acme.example,viewer`);
  await house.as(house.acme, owner, async () => {
    await invitations.import({ csv: `email,role\n${lines.join('\n')}` });
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const found = await invitations.list({ limit: 10, ...(after && { after }) });
      seen.push(...found.items.map(({ email }) => email));
      after = found.next ?? undefined;
    } while (after !== undefined);
    expect(seen).toHaveLength(25);
    expect(new Set(seen).size).toBe(25);
    await expect(invitations.list({ after: 'nonsense' })).rejects.toMatchObject({
      code: 'kernel.input_invalid',
    });
  });
});

test('somebody without an account comes in by the link alone: verified, signed in, a member', async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const owner = await house.person('owner', house.acme);
  await house.as(house.acme, owner, async () => {
    await house.bulkhead.policies.set('password', { lengthMin: 20 }, { version: 0 });
    await invitations.create({ email: EMAIL, role: 'member', name: 'Ada' });
  });
  const [token = ''] = await house.tokensOf(EMAIL);
  expect(await invitations.look({ token })).toMatchObject({ name: 'Ada', passwordLengthMin: 20 });
  await expect(
    invitations.register({ token, name: 'Ada', password: 'too short for it' }, {}),
  ).rejects.toMatchObject({ code: 'identity.password_refused' });
  const registered = await invitations.register(
    { token, name: 'Ada Lovelace', password: PASSWORD },
    { ip: '192.0.2.7', userAgent: 'test' },
  );
  const context = await house.admit({
    headers: {
      'x-tenant': 'acme',
      cookie: `${house.bulkhead.identity.sessions.cookie.nameOn('app.example')}=${registered.sessionToken}`,
    },
  });
  expect(context?.actor).toMatchObject({ type: 'user', id: registered.userId });
  const user = await house.bulkhead.identity.users.find({ id: registered.userId });
  expect(user).toMatchObject({ email: EMAIL, name: 'Ada Lovelace' });
  expect(user?.emailVerifiedAt).not.toBeNull();
});

test('whatever is invited, changed and accepted, nobody holds what no inviter held', {
  timeout: 60_000,
}, async () => {
  const house = await openMailHouse();
  const { invitations } = house.bulkhead.identity;
  const people = {
    owner: await house.person('owner', house.acme),
    admin: await house.person('admin', house.acme),
    member: await house.person('member', house.acme),
  };
  const ROLES = ['owner', 'admin', 'member', 'viewer', 'auditor', 'billing'] as const;
  let n = 0;
  const command = fc.record({
    by: fc.constantFrom('owner', 'admin', 'member'),
    role: fc.constantFrom(...ROLES),
    meanwhile: fc.constantFrom('nothing', 'suspend', 'demote'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 4 }), async (commands) => {
      for (const { by, role, meanwhile } of commands) {
        n += 1;
        const email = `p${n}@acme.example`;
        const made = await house
          .as(house.acme, people[by as keyof typeof people], () =>
            invitations.create({ email, role }),
          )
          .catch(() => undefined);
        // Bulkhead's own built-ins: an owner gives anything, an admin all but owning, a member nothing.
        const may = by === 'owner' || (by === 'admin' && role !== 'owner');
        expect(made !== undefined).toBe(may);
        if (made === undefined) continue;
        const [token = ''] = await house.tokensOf(email);
        const user = await house.stranger(email);
        if (meanwhile === 'suspend' && by === 'admin') {
          await house.admin.query(
            `update bulkhead.membership set status = 'suspended' where id = $1`,
            [people.admin],
          );
        }
        if (meanwhile === 'demote' && by === 'admin') {
          await house.admin.query(
            `update bulkhead.access_grant set role = 'viewer' where holder_id = $1`,
            [people.admin],
          );
        }
        const joined = await invitations.accept({ token, userId: user }).then(
          () => true,
          () => false,
        );
        expect(joined).toBe(by === 'owner' || meanwhile === 'nothing');
        expect(await house.rolesOf(house.acme, user)).toEqual(joined ? [role] : []);
        await house.admin.query(`update bulkhead.membership set status = 'active' where id = $1`, [
          people.admin,
        ]);
        await house.admin.query(
          `update bulkhead.access_grant set role = 'admin' where holder_id = $1`,
          [people.admin],
        );
      }
    }),
    { numRuns: 25 },
  );
});
