/** Codes are good once, whoever races; secrets at rest are of no use; the last factor stays where it must. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateCredentialKey } from './credential-key.ts';
import {
  finished,
  type Ground,
  HERE,
  openGround,
  PASSWORD,
  type Person,
  refusal,
} from './testdata/ground.ts';
import { limits } from './throttle/limits.ts';

/** Races are about the database: nothing in front of it may thin them out. */
const wide = { ...limits.factor, attempts: 100_000 };
let ground: Ground;
beforeAll(async () => {
  ground = await openGround({
    limits: { factor: wide, network: wide, account: wide, opening: wide },
  });
});
afterAll(() => ground.close());

async function flowsPastPassword(person: Person, count: number): Promise<string[]> {
  const { signIn } = ground.room;
  return Promise.all(
    Array.from({ length: count }, async () => {
      const { flow } = await signIn.start({ email: person.email }, HERE);
      await signIn.password({ flow, password: PASSWORD }, HERE);
      return flow;
    }),
  );
}

const count = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.filter(({ status }) => status === 'fulfilled').length;

async function sessionsOf({ id }: Person): Promise<number> {
  const { rows } = await ground.admin.query(
    'select count(*)::integer as n from bulkhead.session where user_id = $1',
    [id],
  );
  return rows[0].n;
}

describe('one code, a hundred at once', () => {
  it('from an authenticator lets exactly one in', async () => {
    const ada = await ground.withTotp();
    const flows = await flowsPastPassword(ada, 100);
    const results = await Promise.allSettled(
      flows.map((flow) => ground.room.signIn.totp({ flow, code: ada.code() }, HERE)),
    );
    expect(count(results)).toBe(1);
    // The one that set it up, and the one that won.
    expect(await sessionsOf(ada)).toBe(2);
  });

  it('for recovery lets exactly one in', async () => {
    const ada = await ground.withTotp();
    const [code = ''] = ada.recoveryCodes;
    const flows = await flowsPastPassword(ada, 100);
    const results = await Promise.allSettled(
      flows.map((flow) => ground.room.signIn.recoveryCode({ flow, code }, HERE)),
    );
    expect(count(results)).toBe(1);
    expect(await sessionsOf(ada)).toBe(2);
  });

  it('in one flow makes one session', async () => {
    const ada = await ground.withTotp();
    const [flow = ''] = await flowsPastPassword(ada, 1);
    const results = await Promise.allSettled(
      ada.recoveryCodes.map((code) => ground.room.signIn.recoveryCode({ flow, code }, HERE)),
    );
    expect(count(results)).toBe(1);
    const { rows } = await ground.admin.query(
      'select count(*)::integer as n from bulkhead.recovery_code where user_id = $1 and used_at is not null',
      [ada.id],
    );
    expect(rows[0].n).toBe(1);
  });
});

describe('an authenticator’s code', () => {
  it('is good one step early and late, and not two', async () => {
    const answers: string[] = [];
    for (const ahead of [-2, 2, 0, 1]) {
      const ada = await ground.withTotp();
      // Its own set-up used the step before.
      answers.push(
        `${ahead} ${await ground.signIn(ada, { code: ada.code(ahead) }).then(
          () => 'in',
          ({ code }) => code,
        )}`,
      );
    }
    expect(answers).toEqual([
      '-2 identity.code_refused',
      '2 identity.code_refused',
      '0 in',
      '1 in',
    ]);
  });

  it('is refused after a later one was used, and when it is used again', async () => {
    const ada = await ground.withTotp();
    await ground.signIn(ada, { code: ada.code(1) });
    for (const ahead of [1, 0, -1]) {
      expect(await refusal(ground.signIn(ada, { code: ada.code(ahead) }))).toBe(
        'identity.code_refused',
      );
    }
  });

  it('of the set-up cannot sign in', async () => {
    const ada = await ground.withTotp();
    expect(await refusal(ground.signIn(ada, { code: ada.code(-1) }))).toBe('identity.code_refused');
  });

  it('is of one person alone', async () => {
    const [ada, eve] = [await ground.withTotp(), await ground.withTotp()];
    expect(await refusal(ground.signIn(ada, { code: eve.code() }))).toBe('identity.code_refused');
    const [flow = ''] = await flowsPastPassword(ada, 1);
    const [code = ''] = eve.recoveryCodes;
    expect(await refusal(ground.room.signIn.recoveryCode({ flow, code }, HERE))).toBe(
      'identity.code_refused',
    );
  });
});

describe('setting up', () => {
  it('asks for nothing until the first code was right', async () => {
    const ada = await ground.person();
    const { sessionId } = finished(await ground.signIn(ada));
    await ground.room.totp.enrol({ sessionId });
    expect(await refusal(ground.room.totp.confirm({ sessionId, code: '000000' }, HERE))).toBe(
      'identity.code_refused',
    );
    expect((await ground.signIn(ada)).done).toBe(true);
  });

  it('needs a session that proved itself of late, with a second factor where there is one', async () => {
    const { room, admin } = ground;
    const ada = await ground.withTotp();
    const { sessionId } = ada.session;
    await admin.query(
      "update bulkhead.session set mfa_at = now() - interval '11 minutes' where id = $1",
      [sessionId],
    );
    const late = [
      () => room.totp.enrol({ sessionId }),
      () => room.totp.remove({ sessionId }, HERE),
      () => room.recoveryCodes.renew({ sessionId }, HERE),
      () => room.passkeys.begin({ sessionId }),
    ];
    for (const call of late) expect(await refusal(call())).toBe('identity.step_up_required');

    const { flow, next } = await room.signIn.stepUp({ sessionId }, HERE);
    expect(next).toEqual(['totp', 'recovery_code']);
    // The password alone is not enough for who has more.
    expect(await room.signIn.password({ flow, password: PASSWORD }, HERE)).toMatchObject({
      done: false,
    });
    const step = finished(await room.signIn.totp({ flow, code: ada.code() }, HERE));
    expect([step.sessionId, step.mfa]).toEqual([sessionId, true]);
    await room.totp.remove({ sessionId }, HERE);
    expect((await ground.signIn(ada)).done).toBe(true);
  });

  it('is refused to a session that was ended', async () => {
    const ada = await ground.person();
    const { sessionId } = finished(await ground.signIn(ada));
    await ground.accounts.query("select bulkhead.sessions_revoke($1, null, 'revoked')", [ada.id]);
    expect(await refusal(ground.room.totp.enrol({ sessionId }))).toBe('identity.session_invalid');
    expect(await refusal(ground.room.factors({ sessionId }))).toBe('identity.session_invalid');
  });
});

describe('a password that is too old', () => {
  it('is replaced by nobody who has not shown the second factor', async () => {
    const { room, admin } = ground;
    const aged = { lengthMin: 8, lengthMax: 256, reuseHistory: 5, ageMaxDays: 30 };
    await ground.policy('password', { ...aged, breachedCheck: false });
    const ada = await ground.withTotp();
    await admin.query(
      "update bulkhead.password set changed_at = now() - interval '31 days' where user_id = $1",
      [ada.id],
    );
    const { flow } = await room.signIn.start({ email: ada.email }, HERE);
    const step = await room.signIn.password({ flow, password: PASSWORD }, HERE);
    expect(step).toMatchObject({ done: false, next: ['totp', 'recovery_code'] });
    const replace = () =>
      room.signIn.newPassword({ flow, password: 'another horse battery' }, HERE);
    expect(await refusal(replace())).toBe('identity.flow_invalid');
    expect(await room.signIn.totp({ flow, code: ada.code() }, HERE)).toMatchObject({
      next: ['new_password'],
    });
    expect(finished(await replace())).toMatchObject({ methods: ['password', 'totp'], mfa: true });
    await ground.policy('password', { ...aged, ageMaxDays: null, breachedCheck: false });
  });
});

describe('recovery codes', () => {
  it('are ten, are read as people copy them, and end when new ones are made', async () => {
    const ada = await ground.withTotp();
    expect(new Set(ada.recoveryCodes).size).toBe(10);
    const [first = '', second = ''] = ada.recoveryCodes;
    const [flow = ''] = await flowsPastPassword(ada, 1);
    const step = await ground.room.signIn.recoveryCode(
      { flow, code: ` ${first.toUpperCase().replaceAll('-', ' ').replaceAll('0', 'O')}` },
      HERE,
    );
    expect(finished(step)).toMatchObject({ recoveryCodesLeft: 9, mfa: true });
    const { sessionId } = finished(step);
    const { recoveryCodes } = await ground.room.recoveryCodes.renew({ sessionId }, HERE);
    const [again = ''] = await flowsPastPassword(ada, 1);
    expect(
      await refusal(ground.room.signIn.recoveryCode({ flow: again, code: second }, HERE)),
    ).toBe('identity.code_refused');
    const [fresh = ''] = recoveryCodes;
    const last = await ground.room.signIn.recoveryCode({ flow: again, code: fresh }, HERE);
    expect(last.done).toBe(true);
  });
});

describe('the last factor', () => {
  it('stays where a tenant demands one, also of a role', async () => {
    const { room, policy, admin, tenant } = ground;
    const ada = await ground.withTotp();
    const { sessionId } = ada.session;
    const demands = (required: string) =>
      policy('mfa', { required, roles: ['owner'], stepUp: true, stepUpAgeMaxMinutes: 15 });
    await demands('everyone');
    expect(await refusal(room.totp.remove({ sessionId }, HERE))).toBe('identity.last_factor');
    await demands('roles');
    await admin.query(
      "insert into bulkhead.node (tenant_id, id, parent, kind, name, ancestors) values ($1, $1, null, 'tenant', 'Acme', '{}') on conflict do nothing",
      [tenant],
    );
    await admin.query(
      `insert into bulkhead.access_grant (tenant_id, holder_type, holder_id, role, node, granted_by)
       values ($1, 'user', $2, 'owner', $1, 'system:test')`,
      [tenant, ada.id],
    );
    expect(await refusal(room.totp.remove({ sessionId }, HERE))).toBe('identity.last_factor');
    expect(await room.factors({ sessionId })).toMatchObject({ recoveryCodesLeft: 10 });
    await demands('nobody');
    await room.totp.remove({ sessionId }, HERE);
    expect(await room.factors({ sessionId })).toMatchObject({ totp: null, recoveryCodesLeft: 0 });
  });
});

describe('at rest', () => {
  it('a secret is unreadable, and another’s is of no use', async () => {
    const { admin } = ground;
    const [ada, eve] = [await ground.withTotp(), await ground.withTotp()];
    const { rows } = await admin.query<{ sealed: Buffer }>(
      'select sealed from bulkhead.totp where user_id = $1',
      [ada.id],
    );
    expect(rows[0]?.sealed.includes(ada.secret)).toBe(false);
    // Who can write to the table still cannot give somebody a secret they know.
    await admin.query(
      'update bulkhead.totp set sealed = (select sealed from bulkhead.totp where user_id = $2) where user_id = $1',
      [ada.id, eve.id],
    );
    expect(await refusal(ground.signIn(ada, { code: eve.code() }))).toBe(
      'identity.credential_key_absent',
    );
  });

  it('moves to a new key as it is used, and codes made under the old one stay good', async () => {
    const ada = await ground.withTotp();
    const [old = ''] = ground.config.credentialKeys;
    const fresh = generateCredentialKey();
    const both = ground.another({ credentialKeys: [fresh, old] });
    const [flow = '', other = '', third = ''] = await flowsPastPassword(ada, 3);
    expect((await both.signIn.totp({ flow, code: ada.code() }, HERE)).done).toBe(true);
    const [code = ''] = ada.recoveryCodes;
    expect((await both.signIn.recoveryCode({ flow: other, code }, HERE)).done).toBe(true);
    const freshAlone = ground.another({ credentialKeys: [fresh] });
    expect((await freshAlone.signIn.totp({ flow: third, code: ada.code(1) }, HERE)).done).toBe(
      true,
    );
  });

  it('no role but the owner reads any of it', async () => {
    const tables = [
      'password',
      'password_history',
      'password_reset',
      'totp',
      'recovery_code',
      'passkey',
      'sign_in_challenge',
      'known_device',
    ];
    for (const table of tables) {
      await expect(ground.accounts.query(`select * from bulkhead.${table}`)).rejects.toThrow(
        'permission denied',
      );
    }
  });
});
