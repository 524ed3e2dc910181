/** Guessing is slowed, by account, network, tenant and code; owners at known browsers are not locked out. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sender } from '../index.ts';
import {
  finished,
  type Ground,
  HERE,
  openGround,
  PASSWORD,
  type Person,
  refusal,
} from '../testdata/ground.ts';
import { limits } from './limits.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

function counter(): () => number {
  let count = 0;
  return () => {
    count += 1;
    return count;
  };
}

/** A network of its own for each test. */
const nextNetwork = counter();
const elsewhere = (): Sender => ({ ip: `203.0.113.${nextNetwork()}` });

async function guess(
  email: string,
  sender: Sender,
  more: { password?: string; room?: Ground['room']; door?: string } = {},
): Promise<string> {
  const { password = 'a wrong guess', room = ground.room, door } = more;
  const { flow } = await room.signIn.start({ email, ...(door !== undefined && { door }) }, sender);
  return refusal(room.signIn.password({ flow, password }, sender));
}

async function guesses(count: number, next: () => Promise<string>): Promise<string[]> {
  const answers: string[] = [];
  for (let index = 0; index < count; index += 1) answers.push(await next());
  return answers;
}

const REFUSED = 'identity.sign_in_refused';
const THROTTLED = 'identity.throttled';

/** As if the wait were over: what is counted is forgotten, what was reached is not. */
async function letPass(prefix: string): Promise<void> {
  await ground.admin.query(
    "update bulkhead.sign_in_throttle set expire = 0 where key like $1 || ':%'",
    [prefix],
  );
}

async function waitOf(person: Person, sender: Sender): Promise<number> {
  const { flow } = await ground.room.signIn.start({ email: person.email }, sender);
  const error = await ground.room.signIn.password({ flow, password: PASSWORD }, sender).then(
    () => undefined,
    (thrown: { retryAfterSeconds?: number }) => thrown,
  );
  return error?.retryAfterSeconds ?? 0;
}

describe('an account', () => {
  it('is locked after five wrong guesses, from whatever network, for the right password too', async () => {
    const ada = await ground.person();
    expect(await guesses(5, () => guess(ada.email, elsewhere()))).toEqual(Array(5).fill(REFUSED));
    expect(await guess(ada.email, elsewhere())).toBe(THROTTLED);
    expect(await guess(ada.email, elsewhere(), { password: PASSWORD })).toBe(THROTTLED);
  });

  it('that nobody has is locked in the same way', async () => {
    const email = 'nobody.at.all@acme.example';
    expect(await guesses(6, () => guess(email, elsewhere()))).toEqual([
      ...Array(5).fill(REFUSED),
      THROTTLED,
    ]);
  });

  it('takes no more guesses at once than one after the other', async () => {
    const ada = await ground.person();
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => guess(ada.email, elsewhere())),
    );
    expect(answers.filter((answer) => answer === REFUSED)).toHaveLength(5);
  });

  it('stays locked for another process, and after a restart', async () => {
    const ada = await ground.person();
    await guesses(5, () => guess(ada.email, elsewhere()));
    const room = ground.another();
    expect(await guess(ada.email, elsewhere(), { password: PASSWORD, room })).toBe(THROTTLED);
  });

  it('waits twice as long each time, up to an hour', async () => {
    const ada = await ground.person();
    const waits: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      await guesses(5, () => guess(ada.email, elsewhere()));
      waits.push(await waitOf(ada, elsewhere()));
      await letPass('account');
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
  });

  it('begins anew after the right password', async () => {
    const ada = await ground.person();
    await guesses(4, () => guess(ada.email, elsewhere()));
    expect((await ground.signIn(ada, { sender: elsewhere() })).done).toBe(true);
    expect(await guesses(5, () => guess(ada.email, elsewhere()))).toEqual(Array(5).fill(REFUSED));
  });

  it('locked by strangers still opens to its owner at a browser that has signed them in before', async () => {
    const ada = await ground.person();
    const { device = '' } = finished(await ground.signIn(ada, { sender: elsewhere() }));
    await guesses(8, () => guess(ada.email, elsewhere()));
    const owner = { ...elsewhere(), device };
    expect((await ground.signIn(ada, { sender: owner })).done).toBe(true);
    // The browser is no way round the limit: it has one of its own, and is known for nobody else.
    expect(await guesses(11, () => guess(ada.email, owner))).toEqual([
      ...Array(10).fill(REFUSED),
      THROTTLED,
    ]);
    const eve = await ground.person();
    await guesses(5, () => guess(eve.email, elsewhere()));
    expect(await guess(eve.email, { ...elsewhere(), device }, { password: PASSWORD })).toBe(
      THROTTLED,
    );
  });
});

describe('a network', () => {
  it('is slowed over many accounts, which a success of its own does not undo', async () => {
    const sender = elsewhere();
    const ada = await ground.person();
    const nextName = counter();
    const next = () => guess(`spray${nextName()}.${sender.ip}@acme.example`, sender);
    await guesses(29, next);
    expect((await ground.signIn(ada, { sender })).done).toBe(true);
    expect(await guesses(2, next)).toEqual([REFUSED, THROTTLED]);
    expect(await guess(ada.email, sender, { password: PASSWORD })).toBe(THROTTLED);
  });

  it('of IPv6 is a /64, whichever of its addresses is used', async () => {
    const nextHost = counter();
    const next = () => {
      const host = nextHost().toString(16);
      return guess(`v6.${host}@acme.example`, { ip: `2001:db8:7:7:${host}::${host}` });
    };
    const answers = await guesses(31, next);
    expect(answers.slice(-2)).toEqual([REFUSED, THROTTLED]);
    expect(await guess('v6.other@acme.example', { ip: '2001:db8:7:8::1' })).toBe(REFUSED);
  });
});

describe('a tenant’s door', () => {
  it('is slowed when many accounts are tried from many networks', async () => {
    const door = '9d9d9d9d-0000-4000-8000-00000000000d';
    const strict = ground.another({}, { limits: { tenant: { ...limits.tenant, attempts: 10 } } });
    const nextName = counter();
    const next = () => {
      const name = nextName();
      const sender = { ip: `198.51.100.${name}` };
      return guess(`stuffed${name}@acme.example`, sender, { door, room: strict });
    };
    const answers = await guesses(11, next);
    expect(answers.slice(-2)).toEqual([REFUSED, THROTTLED]);
  });
});

describe('codes', () => {
  it('are guessed five times and no more, over however many sign-ins', async () => {
    const ada = await ground.withTotp();
    const next = async () => {
      const sender = elsewhere();
      const { flow } = await ground.room.signIn.start({ email: ada.email }, sender);
      await ground.room.signIn.password({ flow, password: PASSWORD }, sender);
      return refusal(ground.room.signIn.totp({ flow, code: '000000' }, sender));
    };
    expect(await guesses(6, next)).toEqual([...Array(5).fill('identity.code_refused'), THROTTLED]);
  });
});

describe('what is on record', () => {
  it('is each refusal and one word that it was too many, for the tenant of the account', async () => {
    const ada = await ground.person();
    const sender: Sender = { ip: '198.51.100.250', userAgent: 'curl' };
    const before = (await ground.events()).length;
    await guesses(9, () => guess(ada.email, sender));
    const events = (await ground.events()).slice(before);
    expect(events.map(({ action }) => action)).toEqual([
      ...Array(5).fill('session.refused'),
      'sign_in.throttled',
    ]);
    expect(events[0]).toMatchObject({
      actor: 'system:sign-in',
      outcome: 'denied',
      ip: '198.51.100.250',
      userAgent: 'curl',
      targets: [{ type: 'user', id: ada.id }],
      metadata: { method: 'password' },
    });
    expect(events.at(-1)).toMatchObject({ metadata: { limit: 'account', waitSeconds: 30 } });
  });

  it('of an address that nobody has is in the log of the door, or the operators’, as somebody’s data', async () => {
    const email = 'stranger@elsewhere.example';
    await guess(email, HERE, { door: ground.tenant });
    expect((await ground.events()).at(-1)).toMatchObject({
      action: 'session.refused',
      metadata: { account: email },
      personal: [{ path: '/metadata/account', subject: { type: 'account', id: email } }],
    });
    await guess('another@elsewhere.example', HERE, {
      door: '00000000-0000-4000-8000-000000000404',
    });
    const operators = await ground.events('00000000-0000-0000-0000-000000000000');
    expect(operators.at(-1)).toMatchObject({ metadata: { account: 'another@elsewhere.example' } });
  });

  it('names no account in the table of counts', async () => {
    await guess('counted@acme.example', elsewhere());
    await ground.room.passwords.requestReset({ email: 'counted@acme.example' }, elsewhere());
    const { rows } = await ground.admin.query<{ key: string }>(
      'select key from bulkhead.sign_in_throttle',
    );
    expect(new Set(rows.map(({ key }) => key.split(':')[0]))).toContain('reset');
    expect(rows.filter(({ key }) => key.includes('@'))).toEqual([]);
  });
});
