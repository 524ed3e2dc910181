/** Signing in with a password and a second factor, on a real database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finished, type Ground, HERE, openGround, PASSWORD, refusal } from './testdata/ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const open = async (email?: string) =>
  (await ground.room.signIn.start({ ...(email !== undefined && { email }) }, HERE)).flow;

describe('a password', () => {
  it('begins a session and remembers the browser', async () => {
    const ada = await ground.person();
    const step = finished(await ground.signIn(ada));
    expect(step).toMatchObject({ methods: ['password'], mfa: false, mustEnrol: false });
    expect(step.user).toMatchObject({ id: ada.id, email: ada.email });
    expect(step.device).toMatch(/^bhd_/);
    const again = finished(await ground.signIn(ada, { sender: { ...HERE, device: step.device } }));
    expect(again.device).toBeUndefined();
  });

  it('is the same password however its characters were composed', async () => {
    const { room } = ground;
    const ada = await ground.person();
    const { sessionId } = finished(await ground.signIn(ada));
    await room.passwords.change(
      { sessionId, current: PASSWORD, password: 'cafe\u0301 au lait ﬁn' },
      HERE,
    );
    const flow = await open(ada.email);
    const step = await room.signIn.password({ flow, password: 'caf\u00e9 au lait fin' }, HERE);
    expect(step.done).toBe(true);
  });

  it('answers an unknown address, a disabled user and a user without a password like a wrong password', async () => {
    const { room, admin } = ground;
    const ada = await ground.person();
    const disabled = await ground.person();
    await admin.query("update bulkhead.user_account set status = 'disabled' where id = $1", [
      disabled.id,
    ]);
    const without = await ground.person();
    await admin.query('delete from bulkhead.password where user_id = $1', [without.id]);
    const answers: unknown[] = [];
    const hashes: number[] = [];
    for (const [email, password] of [
      [ada.email, 'wrong password'],
      ['nobody@acme.example', PASSWORD],
      [disabled.email, PASSWORD],
      [without.email, PASSWORD],
      ['not an address', PASSWORD],
    ] as const) {
      const started = await room.signIn.start({ email }, HERE);
      const before = room.hashesComputed();
      const answer = await room.signIn
        .password({ flow: started.flow, password }, HERE)
        .catch((error) => JSON.stringify(error));
      hashes.push(room.hashesComputed() - before);
      answers.push([started.next, answer]);
    }
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(JSON.stringify(answers[0])).toContain('identity.sign_in_refused');
    // One argon2 each, whether or not there was something to compare with.
    expect(hashes).toEqual([1, 1, 1, 1, 1]);
  });

  it('is refused above 1,024 bytes, also when it grows by being normalised, and with half a character', async () => {
    const flow = await open('nobody@acme.example');
    for (const password of ['x'.repeat(1_025), 'ﷺ'.repeat(300), 'lone \ud800 half', 'a\0b']) {
      expect(await refusal(ground.room.signIn.password({ flow, password }, HERE))).toBe(
        'identity.password_unreadable',
      );
    }
  });

  it('is hashed anew when the parameters have become stronger', async () => {
    const { admin, another } = ground;
    const ada = await ground.person();
    const stronger = another({
      passwordHashing: { ...ground.config.passwordHashing, passes: 3 },
    });
    const { flow } = await stronger.signIn.start({ email: ada.email }, HERE);
    expect((await stronger.signIn.password({ flow, password: PASSWORD }, HERE)).done).toBe(true);
    const { rows } = await admin.query('select hash from bulkhead.password where user_id = $1', [
      ada.id,
    ]);
    expect(rows[0].hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=3,p=1\$/);
    expect((await ground.signIn(ada)).done).toBe(true);
  });

  it('too old by policy must be replaced before the session begins', async () => {
    const { room, admin } = ground;
    const ada = await ground.person();
    await ground.policy('password', {
      lengthMin: 12,
      lengthMax: 256,
      reuseHistory: 5,
      ageMaxDays: 30,
      breachedCheck: false,
    });
    await admin.query(
      "update bulkhead.password set changed_at = now() - interval '31 days' where user_id = $1",
      [ada.id],
    );
    const flow = await open(ada.email);
    expect(await room.signIn.password({ flow, password: PASSWORD }, HERE)).toEqual({
      done: false,
      flow,
      next: ['new_password'],
    });
    expect(await refusal(room.signIn.newPassword({ flow, password: PASSWORD }, HERE))).toBe(
      'identity.password_refused',
    );
    const step = await room.signIn.newPassword({ flow, password: 'another horse battery' }, HERE);
    expect(finished(step).methods).toEqual(['password']);
  });
});

describe('a flow', () => {
  it('that was never opened, has ended or was made up is refused alike', async () => {
    const { room, admin } = ground;
    const ada = await ground.person();
    const done = await open(ada.email);
    await room.signIn.password({ flow: done, password: PASSWORD }, HERE);
    const late = await open(ada.email);
    await admin.query(
      "update bulkhead.sign_in_challenge set expires_at = now() - interval '1 second' where user_id = $1",
      [ada.id],
    );
    for (const flow of [done, late, `bhf_${'A'.repeat(43)}`, 'nonsense', '']) {
      expect(await refusal(room.signIn.password({ flow, password: PASSWORD }, HERE))).toBe(
        'identity.flow_invalid',
      );
    }
  });

  it('does not get past the password by beginning with the code', async () => {
    const ada = await ground.withTotp();
    const flow = await open(ada.email);
    expect(await refusal(ground.room.signIn.totp({ flow, code: ada.code() }, HERE))).toBe(
      'identity.code_refused',
    );
    const [code = ''] = ada.recoveryCodes;
    expect(await refusal(ground.room.signIn.recoveryCode({ flow, code }, HERE))).toBe(
      'identity.code_refused',
    );
    // Neither was used up.
    expect(finished(await ground.signIn(ada, { code: ada.code() })).mfa).toBe(true);
  });

  it('ends when the password changes under it', async () => {
    const { room } = ground;
    const ada = await ground.withTotp();
    const flow = await open(ada.email);
    await room.signIn.password({ flow, password: PASSWORD }, HERE);
    const { sessionId } = ada.session;
    await room.passwords.change(
      { sessionId, current: PASSWORD, password: 'a wholly new one' },
      HERE,
    );
    expect(await refusal(room.signIn.totp({ flow, code: ada.code() }, HERE))).toBe(
      'identity.flow_invalid',
    );
  });
});

describe('a second factor', () => {
  it('is asked of everyone who has one', async () => {
    const ada = await ground.withTotp();
    const step = await ground.signIn(ada);
    expect(step).toMatchObject({ done: false, next: ['totp', 'recovery_code'] });
    expect(finished(await ground.signIn(ada, { code: ada.code() }))).toMatchObject({
      methods: ['password', 'totp'],
      mfa: true,
    });
  });

  it('a policy demands is named, and enrolling is open to who has none', async () => {
    const ada = await ground.person();
    await ground.policy('mfa', {
      required: 'everyone',
      roles: [],
      stepUp: true,
      stepUpAgeMaxMinutes: 15,
    });
    const { sessionId, mustEnrol, mfa } = finished(await ground.signIn(ada));
    expect([mustEnrol, mfa]).toEqual([true, false]);
    expect((await ground.room.totp.enrol({ sessionId })).uri).toMatch(/^otpauth:\/\/totp\/Notes/);
    await ground.policy('mfa', {
      required: 'nobody',
      roles: [],
      stepUp: true,
      stepUpAgeMaxMinutes: 15,
    });
  });
});
