/** Changing a password, and setting one by mail. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { SignInConfig } from './config.ts';
import { finished, type Ground, HERE, openGround, PASSWORD, refusal } from './testdata/ground.ts';
import { limits } from './throttle/limits.ts';

const wide = { ...limits.network, attempts: 100_000 };
let ground: Ground;
beforeAll(async () => {
  ground = await openGround({
    limits: { network: wide, reset: wide, factor: wide, account: wide },
  });
});
afterAll(() => ground.close());

async function tokenFor(email: string): Promise<string> {
  await ground.room.passwords.requestReset({ email }, HERE);
  await ground.room.passwords.settled();
  const mail = ground.mails.findLast(({ to }) => to === email);
  return /\/reset-password#(\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
}

describe('a reset by mail', () => {
  it('sets the password once and ends every session, link and known browser', async () => {
    const { room, admin } = ground;
    const ada = await ground.withTotp();
    const device = ada.session.device ?? '';
    const [first, second] = [await tokenFor(ada.email), await tokenFor(ada.email)];
    await room.passwords.reset({ token: first, password: 'a password by mail' }, HERE);
    for (const token of [first, second]) {
      expect(
        await refusal(room.passwords.reset({ token, password: 'yet another one' }, HERE)),
      ).toBe('identity.reset_invalid');
    }
    expect(await refusal(room.factors({ sessionId: ada.session.sessionId }))).toBe(
      'identity.session_invalid',
    );
    const { rows } = await admin.query('select from bulkhead.known_device where user_id = $1', [
      ada.id,
    ]);
    expect([device.length > 0, rows.length]).toEqual([true, 0]);
    // A mailbox is one factor: the second is asked for all the same.
    const { flow } = await room.signIn.start({ email: ada.email }, HERE);
    expect(
      await room.signIn.password({ flow, password: 'a password by mail' }, HERE),
    ).toMatchObject({ done: false, next: ['totp', 'recovery_code'] });
  });

  it('by a hundred at once with one link is done exactly once', async () => {
    const ada = await ground.person();
    const token = await tokenFor(ada.email);
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, index) =>
        ground.room.passwords.reset({ token, password: `the password of try ${index}` }, HERE),
      ),
    );
    const won = results.findIndex(({ status }) => status === 'fulfilled');
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { flow } = await ground.room.signIn.start({ email: ada.email }, HERE);
    const step = ground.room.signIn.password(
      { flow, password: `the password of try ${won}` },
      HERE,
    );
    expect((await step).done).toBe(true);
  }, 60_000);

  it('ends after thirty minutes, and is not what somebody makes up', async () => {
    const ada = await ground.person();
    const token = await tokenFor(ada.email);
    await ground.admin.query(
      "update bulkhead.password_reset set expires_at = expires_at - interval '30 minutes' where user_id = $1",
      [ada.id],
    );
    for (const one of [token, `bhr_${'A'.repeat(43)}`, 'bhr_', "' or 1=1"]) {
      expect(
        await refusal(
          ground.room.passwords.reset({ token: one, password: 'a new password' }, HERE),
        ),
      ).toBe('identity.reset_invalid');
    }
  });

  it('answers alike whether or not somebody has the address, before any mail has left', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = ground.another({}, { sendMail: () => held });
    const ada = await ground.person();
    // It resolves although the mail server has not answered yet.
    expect(await slow.passwords.requestReset({ email: ada.email }, HERE)).toBeUndefined();
    expect(
      await slow.passwords.requestReset({ email: 'nobody@acme.example' }, HERE),
    ).toBeUndefined();
    expect(await slow.passwords.requestReset({ email: 'no address' }, HERE)).toBeUndefined();
    release();
    await slow.passwords.settled();
  });

  it('survives a mail server that fails, and says so to whoever listens', async () => {
    const failures: unknown[] = [];
    const broken = ground.another(
      {},
      {
        sendMail: () => Promise.reject(new Error('no mail server')),
        onFailure: (error) => failures.push(error),
      },
    );
    const ada = await ground.person();
    await broken.passwords.requestReset({ email: ada.email }, HERE);
    await broken.passwords.settled();
    expect(failures).toHaveLength(1);
  });

  it('sends at most three mails an hour to one address, and answers on as before', async () => {
    const strict = ground.another({}, { limits: {} });
    const ada = await ground.person();
    for (let index = 0; index < 6; index += 1) {
      await strict.passwords.requestReset({ email: ada.email }, HERE);
    }
    await strict.passwords.settled();
    expect(ground.mails.filter(({ to }) => to === ada.email)).toHaveLength(3);
  });

  it('comes to who asks in a browser that they have signed in by, however often strangers asked', async () => {
    const strict = ground.another({}, { limits: {} });
    const ada = await ground.withTotp();
    const eve = await ground.withTotp();
    const ask = async (device?: string) => {
      await strict.passwords.requestReset({ email: ada.email }, { ...HERE, device });
      await strict.passwords.settled();
      return ground.mails.filter(({ to }) => to === ada.email).length;
    };
    for (let index = 0; index < 4; index += 1) await ask();
    // Another's browser is a stranger's.
    expect(await ask(eve.session.device)).toBe(3);
    expect(await ask(ada.session.device)).toBe(4);
    for (let index = 0; index < 5; index += 1) await ask(ada.session.device);
    expect(await ask(ada.session.device)).toBe(6);
  });

  it('counts all browsers that somebody has signed in by as one, however many they make', async () => {
    const strict = ground.another({}, { limits: {} });
    const eve = await ground.person();
    const devices: (string | undefined)[] = [undefined];
    for (let index = 0; index < 10; index += 1) {
      devices.push(finished(await ground.signIn(eve)).device);
    }
    expect(new Set(devices).size).toBe(11);
    for (const device of [...devices, ...devices, ...devices]) {
      await strict.passwords.requestReset({ email: eve.email }, { ...HERE, device });
    }
    await strict.passwords.settled();
    expect(ground.mails.filter(({ to }) => to === eve.email)).toHaveLength(6);
  });

  it('carries a name into one line of the mail, whatever it holds', async () => {
    const ada = await ground.person();
    await ground.admin.query('update bulkhead.user_account set name = $2 where id = $1', [
      ada.id,
      'Ada\r\nBcc: all@acme.example\r\n\r\nclick http://evil.example',
    ]);
    await tokenFor(ada.email);
    const mail = ground.mails.findLast(({ to }) => to === ada.email);
    expect(mail?.text.split('\n')[0]).toBe(
      'Hello Ada Bcc: all@acme.example click http://evil.example,',
    );
  });
});

describe('a change', () => {
  it('needs the present password and ends the other sessions', async () => {
    const { room } = ground;
    const ada = await ground.person();
    const [here, there] = [finished(await ground.signIn(ada)), finished(await ground.signIn(ada))];
    const change = (current: string, password: string) =>
      room.passwords.change({ sessionId: here.sessionId, current, password }, HERE);
    expect(await refusal(change('wrong', 'a good new one'))).toBe('identity.password_wrong');
    expect(await change(PASSWORD, 'a good new one')).toEqual({ sessionsEnded: 1 });
    expect(await refusal(room.factors({ sessionId: there.sessionId }))).toBe(
      'identity.session_invalid',
    );
    expect((await room.factors({ sessionId: here.sessionId })).password).not.toBeNull();
  });

  it('of two at once is made by one', async () => {
    const ada = await ground.person();
    const { sessionId } = finished(await ground.signIn(ada));
    const results = await Promise.allSettled(
      ['one good password', 'two good passwords'].map((password) =>
        ground.room.passwords.change({ sessionId, current: PASSWORD, password }, HERE),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('refuses what a policy refuses: short, used before, the account’s own name', async () => {
    const { room } = ground;
    const ada = await ground.person('ada.lovelace.of.acme');
    const { sessionId } = finished(await ground.signIn(ada));
    const change = (password: string) =>
      room.passwords.change({ sessionId, current: PASSWORD, password }, HERE);
    for (const password of ['too short', PASSWORD, 'Ada Lovelace of Acme', ada.email]) {
      expect(await refusal(change(password))).toBe('identity.password_refused');
    }
    // Emoji count as characters, not as the units they are stored in.
    expect(await refusal(change('😀'.repeat(11)))).toBe('identity.password_refused');
    await change('😀'.repeat(12));
  });

  it('obeys the strictest of the tenants that somebody is in', async () => {
    const { room, admin, policy } = ground;
    const ada = await ground.person();
    const other = '7f7f7f7f-0000-4000-8000-00000000000b';
    await admin.query(
      "insert into bulkhead.tenant (id, slug, name) values ($1, 'other', 'Other')",
      [other],
    );
    await admin.query(
      "insert into bulkhead.membership (tenant_id, type, id, name) values ($1, 'user', $2, 'ada')",
      [other, ada.id],
    );
    await policy('password', {
      lengthMin: 20,
      lengthMax: 256,
      reuseHistory: 0,
      ageMaxDays: null,
      breachedCheck: false,
    });
    const { sessionId } = finished(await ground.signIn(ada));
    const change = (password: string) =>
      room.passwords.change({ sessionId, current: PASSWORD, password }, HERE);
    expect(await refusal(change('nineteen characters'))).toBe('identity.password_refused');
    // The other tenant has set nothing, so its default history holds.
    expect(await refusal(change(PASSWORD))).toBe('identity.password_refused');
    await change('twenty characters ok');
    await policy('password', {
      lengthMin: 12,
      lengthMax: 256,
      reuseHistory: 5,
      ageMaxDays: null,
      breachedCheck: false,
    });
  });
});

describe('a list of breached passwords', () => {
  const breached = 'a breached password';
  const digest = createHash('sha1').update(breached).digest('hex').toUpperCase();
  const NO_LIST = { url: 'http://127.0.0.1:9/range/', timeoutMs: 500 };

  /** A server of the range protocol, and what it was asked. */
  async function rangeServer() {
    const asked: string[] = [];
    const padding = createHash('sha1').update('padded away here').digest('hex').toUpperCase();
    const server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers['add-padding']}`);
      response.end(
        [`${'0'.repeat(34)}1:3`, `${digest.slice(5)}:42`, `${padding.slice(5)}:0`].join('\r\n'),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    return { asked, url: `http://127.0.0.1:${port}/range/` };
  }

  async function changer(list: SignInConfig['breachedPasswords']) {
    const room = ground.another({ breachedPasswords: list });
    const { sessionId } = finished(await ground.signIn(await ground.person()));
    let current = PASSWORD;
    return async (password: string) => {
      await room.passwords.change({ sessionId, current, password }, HERE);
      current = password;
    };
  }

  const demand = (breachedCheck: boolean) =>
    ground.policy('password', {
      lengthMin: 12,
      lengthMax: 256,
      reuseHistory: 5,
      ageMaxDays: null,
      breachedCheck,
    });

  it('is asked where a tenant demands it, by five digits of a hash, and refuses what it holds', async () => {
    const { asked, url } = await rangeServer();
    const change = await changer({ url, timeoutMs: 2_000, onFailure: 'allow', always: false });
    await demand(true);
    expect(await refusal(change(breached))).toBe('identity.password_refused');
    expect(asked).toEqual([`/range/${digest.slice(0, 5)} true`]);
    // A count of nought is padding.
    await change('padded away here');
    await demand(false);
    asked.length = 0;
    await change(breached);
    expect(asked).toEqual([]);
  });

  it('is asked for everybody where the app is configured so', async () => {
    const { url } = await rangeServer();
    const change = await changer({ url, timeoutMs: 2_000, onFailure: 'allow', always: true });
    expect(await refusal(change(breached))).toBe('identity.password_refused');
  });

  it('that does not answer lets a password pass or not, as configured', async () => {
    const refusing = await changer({ ...NO_LIST, onFailure: 'refuse', always: true });
    expect(await refusal(refusing('a good new one'))).toBe('identity.breached_list_unavailable');
    const allowing = await changer({ ...NO_LIST, onFailure: 'allow', always: true });
    await allowing('a good new one');
  });
});
