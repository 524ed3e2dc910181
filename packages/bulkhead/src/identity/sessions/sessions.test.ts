import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type House,
  openHouse,
  refusal,
  type Tenant,
  tokenIn,
  withCookie,
} from '../testdata/house.ts';
import { hashSessionToken, mintSessionToken } from './session-token.ts';

let house: House;
let ada: string;
beforeEach(async () => {
  house = await openHouse();
  ada = await house.person('member', house.acme);
});

const start = (userId = ada) =>
  house.bulkhead.identity.sessions.start(userId, {
    methods: ['password'],
    ip: '192.0.2.1',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  });
const enter = (token: string, more: object = {}, by = house.bulkhead) =>
  house.admit({ headers: withCookie(token), ...more }, by);
const invalid = refusal('identity.session_invalid');

/** The token as if it were so old. */
const age = (token: string, seconds: number) =>
  house.admin.query(
    `update bulkhead.session_token
        set created_at = created_at - $2 * interval '1 second',
            first_used_at = first_used_at - $2 * interval '1 second',
            replaced_at = replaced_at - $2 * interval '1 second' where hash = $1`,
    [hashSessionToken(token), seconds],
  );
/** Longer than any process believes what it knows. */
const forget = () => sleep(1_020);

async function rotated(token: string): Promise<string> {
  await age(token, 16 * 60);
  const answer: string[] = [];
  await enter(token, { answer }, house.another());
  const next = tokenIn(answer);
  if (next === undefined) throw new Error(`nothing was set: ${answer.join()}`);
  return next;
}

describe('a session', () => {
  it('admits its user to their tenant, and says how they signed in', async () => {
    const { id, token } = await start();
    expect(await enter(token)).toMatchObject({
      tenant: { id: house.acme.id },
      actor: { type: 'user', id: ada },
      session: { id, methods: ['password'], mfaAtMs: null, hasFactor: false },
    });
  });

  it('enters the only tenant where the request names none, and needs a name where there are two', async () => {
    const both = await house.person('member', house.acme, house.globex);
    const one = await start();
    const two = await start(both);
    expect(await enter(one.token, { host: 'localhost.example' })).toMatchObject({
      tenant: { id: house.acme.id },
    });
    await expect(enter(two.token, { host: 'www.example' })).rejects.toEqual(
      refusal('identity.tenant_missing'),
    );
    expect(await enter(two.token, { host: 'globex.app.example' })).toMatchObject({
      tenant: { id: house.globex.id },
    });
  });

  it('is asked for once a second, and answers at once in between', async () => {
    const { token } = await start();
    await enter(token);
    const asked = { headers: withCookie(token) };
    const gate = house.bulkhead.gate;
    const request = (await import('../testdata/house.ts')).requestOf(asked);
    expect(gate.admit(request)).not.toBeInstanceOf(Promise);
  });

  it('is listed for its user, with the device, and ended one by one or all but one', async () => {
    const { sessions } = house.bulkhead.identity;
    const [one, two, three] = [await start(), await start(), await start()];
    const listed = await sessions.list(ada);
    expect(listed).toHaveLength(3);
    expect(listed[0]).toMatchObject({ device: 'Firefox on Linux', ip: '192.0.2.1' });
    expect(await sessions.revoke(ada, one.id)).toBe(true);
    expect(await sessions.revoke(ada, one.id)).toBe(false);
    await expect(enter(one.token)).rejects.toEqual(invalid);
    expect(await sessions.revokeAll(ada, { except: three.id })).toBe(1);
    await expect(enter(two.token)).rejects.toEqual(invalid);
    expect(await enter(three.token)).toMatchObject({ actor: { id: ada } });
  });

  it('shows a tenant no address from which it came into another one', async () => {
    const both = await house.person('member', house.acme, house.globex);
    const owner = await house.person('owner', house.acme);
    const other = await house.person('owner', house.globex);
    const { token } = await start(both);
    const at = (slug: string, ip: string) =>
      enter(token, { host: `${slug}.app.example`, ip }, house.another());
    const seenBy = (tenant: Tenant, owner: string) =>
      house.as(tenant, owner, async () => {
        const { items } = await house.bulkhead.identity.sessions.ofTenant({ userId: both });
        return items.map(({ ip }) => ip);
      });
    await at('acme', '192.0.2.1');
    await at('globex', '198.51.100.7');
    expect(await seenBy(house.acme, owner)).toEqual(['192.0.2.1']);
    expect(await seenBy(house.globex, other)).toEqual(['198.51.100.7']);
  });

  it('ends when its user signs out', async () => {
    const { token } = await start();
    expect(await house.bulkhead.identity.sessions.end(token)).toBe(true);
    expect(await house.bulkhead.identity.sessions.end(token)).toBe(false);
    await expect(enter(token)).rejects.toEqual(invalid);
    expect((await house.events(house.acme.id)).map(({ action }) => action)).toContain(
      'session.ended',
    );
  });

  it('cannot be ended by another user who knows its id', async () => {
    const { id, token } = await start();
    const eve = await house.person('owner', house.acme);
    expect(await house.bulkhead.identity.sessions.revoke(eve, id)).toBe(false);
    expect(await enter(token)).toMatchObject({ actor: { id: ada } });
  });

  it('is forgotten a month after its end, with its tokens', async () => {
    const { id } = await start();
    await house.bulkhead.identity.sessions.revokeAll(ada, { by: 'operator:boss' });
    // Whoever ends another's session does not sign it with their name.
    expect((await house.events(house.acme.id)).at(-1)).toMatchObject({
      action: 'session.ended',
      actor: 'operator:boss',
    });
    expect(await house.bulkhead.identity.sessions.sweep()).toBe(0);
    await house.admin.query(
      `update bulkhead.session set revoked_at = revoked_at - interval '31 days' where id = $1`,
      [id],
    );
    expect(await house.bulkhead.identity.sessions.sweep()).toBe(1);
    const left = await house.admin.query('select from bulkhead.session_token');
    expect(left.rowCount).toBe(0);
  });
});

describe('within a second, in every process, nobody gets in any more', () => {
  const gone = async (token: string, change: () => Promise<unknown>) => {
    const other = house.another();
    await enter(token, {}, other);
    await change();
    await forget();
    return enter(token, {}, other);
  };

  it('by a session that was ended', async () => {
    const { id, token } = await start();
    const ended = gone(token, () => house.bulkhead.identity.sessions.revoke(ada, id));
    await expect(ended).rejects.toEqual(invalid);
  });

  it('whose membership was suspended', async () => {
    const { token } = await start();
    const suspended = gone(token, () =>
      house.admin.query(`select bulkhead.access_member_suspend($1, 'system:test', 'user', $2)`, [
        house.acme.id,
        ada,
      ]),
    );
    await expect(suspended).rejects.toEqual(refusal('identity.tenant_not_allowed'));
  });

  it('who was disabled, and none of their sessions comes back with them', async () => {
    const { users } = house.bulkhead.identity;
    const { token } = await start();
    await expect(gone(token, () => users.disable(ada, { reason: 'left' }))).rejects.toEqual(
      invalid,
    );
    await expect(start()).rejects.toEqual(refusal('identity.user_disabled'));
    await users.enable(ada);
    await expect(enter(token)).rejects.toEqual(invalid);
  });

  it('whom an administrator shut out of their tenant, and of no other', async () => {
    const both = await house.person('member', house.acme, house.globex);
    const admin = await house.person('admin', house.acme);
    const { id, token } = await start(both);
    await enter(token, { host: 'globex.app.example' });
    const shut = gone(token, () =>
      house.as(house.acme, admin, () => house.bulkhead.identity.sessions.shutOut({ id })),
    );
    await expect(shut).rejects.toEqual(refusal('identity.session_shut_out'));
    expect(await enter(token, { host: 'globex.app.example' })).toMatchObject({
      tenant: { id: house.globex.id },
    });
  });
});

describe('age', () => {
  it.each([
    ['unused for longer than it may', `last_seen_at = last_seen_at - interval '25 hours'`],
    ['past its greatest age', `expires_at = clock_timestamp()`],
  ])('ends a session %s', async (_case, change) => {
    const { id, token } = await start();
    await house.admin.query(`update bulkhead.session set ${change} where id = $1`, [id]);
    await expect(enter(token)).rejects.toEqual(invalid);
    expect(await house.bulkhead.identity.sessions.list(ada)).toEqual([]);
  });

  it('is told by the database’s clock, whatever this process believes', async () => {
    const { id, token } = await start();
    await enter(token);
    await house.admin.query(
      `update bulkhead.session set expires_at = clock_timestamp() + interval '1 second' where id = $1`,
      [id],
    );
    await sleep(2_050);
    await expect(enter(token)).rejects.toEqual(invalid);
  });
});

describe('rotation', () => {
  it('gives the browser a new token, and takes the old one when the new one comes back', async () => {
    const { token } = await start();
    await enter(token);
    const next = await rotated(token);
    expect(next).not.toBe(token);
    // Nobody has seen the new one yet.
    expect(await enter(token, {}, house.another())).toMatchObject({ actor: { id: ada } });
    expect(await enter(next, {}, house.another())).toMatchObject({ actor: { id: ada } });
    // Requests under way still carry the old one.
    expect(await enter(token, {}, house.another())).toMatchObject({ actor: { id: ada } });
  });

  it('is told where the answer cannot carry a cookie, by doing nothing', async () => {
    const { token } = await start();
    await enter(token);
    await age(token, 3_600);
    await enter(token, {}, house.another());
    const { rowCount } = await house.admin.query('select from bulkhead.session_token');
    expect(rowCount).toBe(1);
  });

  it('hands out one token to twenty requests at once', async () => {
    const { token } = await start();
    await enter(token);
    await age(token, 3_600);
    const answers = Array.from({ length: 20 }, () => [] as string[]);
    const processes = [house.another(), house.another(), house.another()];
    await Promise.all(
      answers.map((answer, index) => enter(token, { answer }, processes[index % 3])),
    );
    expect(answers.flat()).toHaveLength(1);
  });

  it('loses nobody’s session with an answer that got lost', async () => {
    const { token } = await start();
    await enter(token);
    await rotated(token);
    // The next day, with the old token: the new one never arrived.
    await house.admin.query(
      `update bulkhead.session_token set created_at = created_at - interval '1 day',
              first_used_at = first_used_at - interval '1 day'`,
    );
    expect(await enter(token, {}, house.another())).toMatchObject({ actor: { id: ada } });
    const next = await rotated(token);
    expect(await enter(next, {}, house.another())).toMatchObject({ actor: { id: ada } });
  });

  it('keeps few tokens for a client that never takes the new one', async () => {
    const { token } = await start();
    await enter(token);
    for (let day = 0; day < 6; day += 1) {
      await rotated(token);
      await house.admin.query(
        `update bulkhead.session_token set created_at = created_at - interval '1 day',
                first_used_at = first_used_at - interval '1 day'`,
      );
    }
    const { rowCount } = await house.admin.query('select from bulkhead.session_token');
    expect(rowCount).toBe(5);
  });

  it('takes a process that is killed in the middle for an answer that got lost', async () => {
    const { token } = await start();
    await enter(token);
    const victim = new pg.Client({ connectionString: house.database.appUrl });
    victim.on('error', () => undefined);
    await victim.connect();
    await victim.query('begin');
    const { hash } = mintSessionToken();
    await victim.query('select bulkhead.session_rotate($1, $2)', [hashSessionToken(token), hash]);
    const { rows } = await victim.query<{ pid: number }>('select pg_backend_pid() as pid');
    await house.admin.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await victim.end().catch(() => undefined);
    const next = await rotated(token);
    expect(await enter(next, {}, house.another())).toMatchObject({ actor: { id: ada } });
  });
});

describe('a stolen token', () => {
  it('that comes back after it was replaced ends the session for both, and is told', async () => {
    const { id, token } = await start();
    await enter(token);
    const next = await rotated(token);
    await enter(next, {}, house.another());
    await age(token, 60);
    await expect(enter(token, {}, house.another())).rejects.toEqual(invalid);
    await expect(enter(next, {}, house.another())).rejects.toEqual(invalid);
    const told = (await house.events(house.acme.id)).filter(
      ({ action }) => action === 'session.theft_suspected',
    );
    expect(told).toMatchObject([
      { actor: 'system:gate', sessionId: id, targets: [{ type: 'user', id: ada }] },
    ]);
  });

  it('used by the thief first is found out when its owner comes', async () => {
    const { token } = await start();
    await enter(token);
    // The thief has the old token too, and gets the new one.
    const thiefs = await rotated(token);
    await enter(thiefs, {}, house.another());
    await age(token, 60);
    await expect(enter(token, {}, house.another())).rejects.toEqual(invalid);
    await expect(enter(thiefs, {}, house.another())).rejects.toEqual(invalid);
  });

  it('is worth nothing once its owner stepped up', async () => {
    const { id, token } = await start();
    await enter(token);
    const raised = await house.bulkhead.identity.sessions.elevate(id, {
      methods: ['totp'],
      mfaAt: new Date(),
    });
    await expect(enter(token, {}, house.another())).rejects.toEqual(invalid);
    expect(await enter(raised.token)).toMatchObject({
      session: { id, methods: ['password', 'totp'], mfaAtMs: expect.any(Number) },
    });
  });
});

describe('refuses', () => {
  it('a token that nobody was given, whatever it looks like', async () => {
    const { token } = await start();
    const guesses = [
      randomBytes(32).toString('base64url'),
      `${token}A`,
      token.slice(0, -1),
      token.toLowerCase(),
      hashSessionToken(token).toString('base64url'),
      `' or true --`,
      '',
    ];
    for (const guess of guesses) await expect(enter(guess)).rejects.toEqual(invalid);
  });

  it('a session’s cookie together with another credential', async () => {
    const { token } = await start();
    for (const more of [{ authorization: 'Bearer a.b.c' }, { 'x-api-key': 'bhkey_x' }]) {
      await expect(house.admit({ headers: { ...withCookie(token), ...more } })).rejects.toEqual(
        refusal('identity.credentials_ambiguous'),
      );
    }
  });

  it('two cookies of the name, of which one was planted', async () => {
    const { token } = await start();
    const cookie = `__Host-bulkhead_session=${token}; a=b; __Host-bulkhead_session=${token}`;
    await expect(house.admit({ headers: { cookie } })).rejects.toEqual(
      refusal('identity.credentials_ambiguous'),
    );
  });

  it('the plain cookie name from anywhere but this machine', async () => {
    const { token } = await start();
    const headers = { cookie: `bulkhead_session=${token}` };
    await expect(house.admit({ headers })).rejects.toEqual(refusal('identity.credentials_missing'));
    expect(await house.admit({ headers, host: 'localhost:3000' })).toMatchObject({
      actor: { id: ada },
    });
  });

  it('a tenant that its user is no member of, in the words of one that is not there', async () => {
    const { token } = await start();
    for (const host of ['globex.app.example', 'nobody.app.example']) {
      await expect(enter(token, { host })).rejects.toEqual(refusal('identity.tenant_not_allowed'));
    }
  });

  it('to let the app’s own role start one, or read an account', async () => {
    const app = new pg.Client({ connectionString: house.database.appUrl });
    await app.connect();
    for (const sql of [
      `select bulkhead.session_open('${ada}', sha256('x'), array['password'], null, null, null)`,
      `select bulkhead.session_elevate('${ada}', array['totp'], now(), sha256('x'))`,
      `select bulkhead.sessions_of('${ada}')`,
      `select bulkhead.user_find('${ada}', null)`,
      'select * from bulkhead.user_account',
      'select * from bulkhead.session',
      'select * from bulkhead.session_token',
    ]) {
      await expect(app.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
    await app.end();
  });

  it('to let the identity role read a table, or act in a tenant', async () => {
    const accounts = new pg.Client({ connectionString: house.database.identityUrl });
    await accounts.connect();
    for (const sql of [
      'select * from bulkhead.user_account',
      'select * from bulkhead.session_token',
      'select * from bulkhead.membership',
      `select bulkhead.api_key_create('user', '${ada}', 'x', null, null, null, sha256('x'), 'x')`,
    ]) {
      await expect(accounts.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
    await accounts.end();
  });
});

describe('the policy of a tenant', () => {
  const policy = (kind: string, body: object) =>
    house.admin.query(
      `insert into bulkhead.tenant_policy (tenant_id, kind, version, body, set_by)
       values ($1, $2, 1, $3, 'system:test')`,
      [house.acme.id, kind, body],
    );

  it('keeps out who comes from elsewhere', async () => {
    await policy('session', { ipAllowlist: ['10.0.0.0/8'] });
    const { token } = await start();
    await expect(enter(token, { ip: '192.0.2.7' })).rejects.toMatchObject({ status: 403 });
    await forget();
    expect(await enter(token, { ip: '::ffff:10.1.2.3' })).toMatchObject({ actor: { id: ada } });
  });

  it('keeps out who has no second factor where one is demanded, of everyone or of a role', async () => {
    await policy('mfa', { required: 'roles', roles: ['admin'] });
    const admin = await house.person('admin', house.acme);
    expect(await enter((await start()).token)).toMatchObject({ actor: { id: ada } });
    await expect(enter((await start(admin)).token)).rejects.toMatchObject({ status: 403 });
  });

  it('ends the older of more sessions than it allows', async () => {
    await policy('session', { concurrentMax: 1 });
    const first = await start();
    await enter(first.token);
    const second = await start();
    await enter(second.token);
    await forget();
    await expect(enter(first.token)).rejects.toMatchObject({ status: 401 });
    expect(await enter(second.token)).toMatchObject({ actor: { id: ada } });
  });
});
