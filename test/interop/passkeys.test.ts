/**
 * Passkeys in a real browser: Chromium with a virtual authenticator makes them and signs in with them.
 *
 * What an attacker changes is changed on the way between browser and server. Skipped, by name, where there is no
 * Chromium.
 */
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignInRoom } from '../../packages/bulkhead/src/identity/sign-in/index.ts';
import {
  finished,
  type Ground,
  HERE,
  openGround,
  PASSWORD,
  type Person,
  refusal,
} from '../../packages/bulkhead/src/identity/sign-in/testdata/ground.ts';
import { limits as usual } from '../../packages/bulkhead/src/identity/sign-in/throttle/limits.ts';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const here = existsSync(CHROMIUM);

let ground: Ground;
let server: Server;
let browser: Browser;
let page: Page;
let devtools: CDPSession;
let authenticator: string;
let room: SignInRoom;
let origin: string;

const AUTHENTICATOR = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

beforeAll(async () => {
  if (!here) return;
  // Every test is at the same address, and most of what they try is wrong.
  const limits = { network: { ...usual.network, attempts: 10_000 } };
  ground = await openGround({ limits });
  server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>sign in</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  origin = `http://localhost:${port}`;
  room = ground.another({ publicUrl: origin });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  page = await (await browser.newContext()).newPage();
  await page.goto(origin);
  devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const added = await devtools.send('WebAuthn.addVirtualAuthenticator', { options: AUTHENTICATOR });
  authenticator = added.authenticatorId;
});
afterAll(async () => {
  if (!here) return;
  await browser.close();
  server.close();
  await ground.close();
});

/** What `navigator.credentials` answers, as its own `toJSON` writes it. */
const create = (options: unknown): Promise<never> => inBrowser('create', 'Creation', options);
const get = (options: unknown): Promise<never> => inBrowser('get', 'Request', options);

/** As text, because these names are the browser's. */
function inBrowser(call: string, kind: string, options: unknown): Promise<never> {
  return page.evaluate(`(async () => {
    const publicKey = PublicKeyCredential.parse${kind}OptionsFromJSON(${JSON.stringify(options)});
    return (await navigator.credentials.${call}({ publicKey })).toJSON();
  })()`);
}

interface Registered extends Person {
  readonly sessionId: string;
  readonly passkey: string;
  readonly recoveryCodes: readonly string[];
}

async function register(name = 'laptop'): Promise<Registered> {
  await devtools.send('WebAuthn.clearCredentials', { authenticatorId: authenticator });
  const person = await ground.person();
  const { sessionId } = finished(await ground.signIn(person));
  const { flow, options } = await room.passkeys.begin({ sessionId });
  const added = await room.passkeys.add(
    { sessionId, flow, response: await create(options), name },
    HERE,
  );
  return { ...person, sessionId, passkey: added.id, recoveryCodes: added.recoveryCodes ?? [] };
}

/** A challenge, answered by the browser, and the flow it is for. */
async function answer(email?: string): Promise<{ flow: string; response: never }> {
  const { flow } = await room.signIn.start({ ...(email !== undefined && { email }) }, HERE);
  const options = await room.signIn.passkeyOptions({ flow }, HERE);
  return { flow, response: await get(options) };
}

/** The same answer with something changed. */
function changed(response: never, change: (copy: Answer) => void): never {
  const copy = structuredClone(response) as Answer;
  change(copy);
  return copy as never;
}
interface Answer {
  id: string;
  rawId: string;
  response: Record<string, string>;
}

describe.skipIf(!here)('a passkey, in Chromium', () => {
  it('signs in without an address or a password, as two factors', async () => {
    const ada = await register();
    expect(ada.recoveryCodes).toHaveLength(10);
    const step = finished(await room.signIn.passkey(await answer(), HERE));
    expect(step).toMatchObject({ methods: ['passkey'], mfa: true, user: { id: ada.id } });
  });

  it('is the second factor of who begins with the password', async () => {
    const ada = await register();
    const { flow } = await room.signIn.start({ email: ada.email }, HERE);
    expect(await room.signIn.password({ flow, password: PASSWORD }, HERE)).toMatchObject({
      done: false,
      next: ['passkey', 'recovery_code'],
    });
    const options = await room.signIn.passkeyOptions({ flow }, HERE);
    expect(options.allowCredentials).toHaveLength(1);
    const step = await room.signIn.passkey({ flow, response: await get(options) }, HERE);
    expect(finished(step).methods).toEqual(['password', 'passkey']);
  });

  it('is not named before anything was proven', async () => {
    const ada = await register();
    for (const email of [ada.email, 'nobody@acme.example']) {
      const { flow } = await room.signIn.start({ email }, HERE);
      const { challenge: _, ...options } = await room.signIn.passkeyOptions({ flow }, HERE);
      expect(options).toEqual({
        rpId: 'localhost',
        timeout: 300_000,
        userVerification: 'required',
        allowCredentials: undefined,
        extensions: undefined,
      });
    }
  });

  it('is good for one use of one challenge', async () => {
    await register();
    const one = await answer();
    expect((await room.signIn.passkey(one, HERE)).done).toBe(true);
    expect(await refusal(room.signIn.passkey(one, HERE))).toBe('identity.flow_invalid');
    // Also for another flow whose challenge it did not sign.
    const { flow } = await room.signIn.start({}, HERE);
    await room.signIn.passkeyOptions({ flow }, HERE);
    expect(await refusal(room.signIn.passkey({ flow, response: one.response }, HERE))).toBe(
      'identity.passkey_refused',
    );
    // A wrong answer uses the challenge up: there is no second try at it.
    const right = await answer();
    const wrong = changed(right.response, (copy) => {
      copy.response.signature = (one.response as Answer).response.signature ?? '';
    });
    expect(await refusal(room.signIn.passkey({ ...right, response: wrong }, HERE))).toBe(
      'identity.passkey_refused',
    );
    expect(await refusal(room.signIn.passkey(right, HERE))).toBe('identity.flow_invalid');
  });

  it('used by twenty at once lets one in', async () => {
    await register();
    const one = await answer();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => room.signIn.passkey(one, HERE)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('after five minutes is too late', async () => {
    await register();
    const one = await answer();
    await ground.admin.query(
      "update bulkhead.sign_in_challenge set expires_at = now() - interval '1 second'",
    );
    expect(await refusal(room.signIn.passkey(one, HERE))).toBe('identity.flow_invalid');
  });

  it('whose answer was changed on the way is refused', async () => {
    await register();
    const changes: ((copy: Answer) => void)[] = [
      (copy) => {
        copy.response.clientDataJSON = forged(copy, { origin: 'https://evil.example' });
      },
      (copy) => {
        copy.response.clientDataJSON = forged(copy, { type: 'webauthn.create' });
      },
      (copy) => {
        // The flag that says the person was verified.
        const data = Buffer.from(copy.response.authenticatorData ?? '', 'base64url');
        data[32] = (data[32] ?? 0) & ~0x04;
        copy.response.authenticatorData = data.toString('base64url');
      },
      (copy) => {
        copy.response.userHandle = Buffer.alloc(16, 7).toString('base64url');
      },
      (copy) => {
        copy.id = copy.rawId = Buffer.alloc(32, 9).toString('base64url');
      },
      (copy) => {
        copy.response.signature = '';
      },
    ];
    for (const change of changes) {
      const one = await answer();
      const response = changed(one.response, change);
      expect(await refusal(room.signIn.passkey({ ...one, response }, HERE))).toBe(
        'identity.passkey_refused',
      );
    }
  });

  it('made for another origin is refused, by registration and by sign-in', async () => {
    const ada = await register();
    const elsewhere = ground.another({ publicUrl: 'http://localhost:1' });
    const one = await answer();
    expect(await refusal(elsewhere.signIn.passkey(one, HERE))).toBe('identity.passkey_refused');
    await devtools.send('WebAuthn.clearCredentials', { authenticatorId: authenticator });
    const { sessionId } = ada;
    const { flow, options } = await room.passkeys.begin({ sessionId });
    const response = await create({ ...options, excludeCredentials: [] });
    expect(
      await refusal(elsewhere.passkeys.add({ sessionId, flow, response, name: 'x' }, HERE)),
    ).toBe('identity.passkey_refused');
  });

  it('whose counter went back may have been copied, and is refused and reported', async () => {
    const ada = await register();
    const used = await answer();
    await room.signIn.passkey(used, HERE);
    await ground.admin.query('update bulkhead.passkey set counter = 1000 where id = $1', [
      ada.passkey,
    ]);
    expect(await refusal(room.signIn.passkey(await answer(), HERE))).toBe(
      'identity.passkey_refused',
    );
    const actions = (await ground.events()).map(({ action }) => action);
    expect(actions).toContain('passkey.counter_refused');
  });

  it('of somebody else does not go on with another’s password', async () => {
    const ada = await register();
    const eve = await ground.person();
    const { flow } = await room.signIn.start({ email: eve.email }, HERE);
    const options = await room.signIn.passkeyOptions({ flow }, HERE);
    const response = await get(options);
    // Who has proven nothing yet is whoever the passkey says.
    expect(finished(await room.signIn.passkey({ flow, response }, HERE)).user.id).toBe(ada.id);

    const { sessionId } = finished(await ground.signIn(eve));
    const stepUp = await room.signIn.stepUp({ sessionId }, HERE);
    const asked = await room.signIn.passkeyOptions({ flow: stepUp.flow }, HERE);
    const theirs = await get({ ...asked, allowCredentials: [] });
    expect(await refusal(room.signIn.passkey({ flow: stepUp.flow, response: theirs }, HERE))).toBe(
      'identity.passkey_refused',
    );
  });

  it('is renamed and removed by its owner alone, and not when it is the last way in', async () => {
    const ada = await register('old name');
    const eve = await ground.person();
    const { sessionId } = finished(await ground.signIn(eve));
    const { passkey: id } = ada;
    const theirs = [
      () => room.passkeys.rename({ sessionId, id, name: 'mine' }, HERE),
      () => room.passkeys.remove({ sessionId, id }, HERE),
    ];
    for (const call of theirs) expect(await refusal(call())).toBe('identity.passkey_absent');

    const rename = (name: string) =>
      room.passkeys.rename({ sessionId: ada.sessionId, id, name }, HERE);
    expect(await refusal(rename('new\u202e\nname'))).toBe('kernel.input_invalid');
    await rename(' new name ');
    const { passkeys } = await room.factors({ sessionId: ada.sessionId });
    expect(passkeys.map(({ name }) => name)).toEqual(['new name']);
    await ground.admin.query('delete from bulkhead.password where user_id = $1', [ada.id]);
    const remove = () => room.passkeys.remove({ sessionId: ada.sessionId, id }, HERE);
    expect(await refusal(remove())).toBe('identity.last_factor');
    await room.passwords.establish({ userId: ada.id, password: PASSWORD });
    await remove();
    const left = await room.factors({ sessionId: ada.sessionId });
    expect([left.passkeys, left.recoveryCodesLeft]).toEqual([[], 0]);
  });

  it('is not made where the authenticator cannot verify the person', async () => {
    await devtools.send('WebAuthn.setUserVerified', {
      authenticatorId: authenticator,
      isUserVerified: false,
    });
    const ada = await ground.person();
    const { sessionId } = finished(await ground.signIn(ada));
    const { options } = await room.passkeys.begin({ sessionId });
    await expect(create(options)).rejects.toThrow('NotAllowedError');
    await devtools.send('WebAuthn.setUserVerified', {
      authenticatorId: authenticator,
      isUserVerified: true,
    });
  });
});

function forged(copy: Answer, change: Record<string, string>): string {
  const data = JSON.parse(
    Buffer.from(copy.response.clientDataJSON ?? '', 'base64url').toString(),
  ) as Record<string, string>;
  return Buffer.from(JSON.stringify({ ...data, ...change })).toString('base64url');
}
