import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromBase32 } from '../../../packages/bulkhead/src/identity/sign-in/testdata/ground.ts';
import {
  stepAt,
  totpCode,
} from '../../../packages/bulkhead/src/identity/sign-in/totp/totp-code.ts';
import { cookieOf, openDoor } from './attack/run-attack.ts';
import { qrCode } from './pages/qr-code.ts';
import { ORGANIZATIONS } from './seed/seed.ts';
import { json, type NotesFixture, openNotes } from './testdata/notes-fixture.ts';

let notes: NotesFixture;
beforeAll(async () => {
  notes = await openNotes();
});
afterAll(() => notes.close());

const SLUGS = ['acme', 'borealis', 'cobalt'] as const;
const PATHS = [
  '/',
  '/notes',
  '/notes?q=filed',
  '/projects',
  '/invoices',
  '/activity',
  '/break-out',
  '/break-out?where=true',
  '/api/notes',
  '/api/search',
  '/api/report',
  '/api/invoices',
  '/api/projects',
];

async function firstId(
  table: 'note' | 'invoice' | 'project',
  slug: (typeof SLUGS)[number],
): Promise<string> {
  const found = await notes.admin.query<{ id: string }>(
    `select id from ${table} where tenant_id = $1 order by id limit 1`,
    [notes.people[slug].tenantId],
  );
  return found.rows[0]?.id ?? '';
}

describe.each(SLUGS)('signed in at %s', (slug) => {
  test.each(PATHS)('%s shows its own data and no byte of another’s', async (path) => {
    const reply = await notes.as(slug, path);
    const body = await reply.text();
    expect(reply.status).toBe(200);
    const name = ORGANIZATIONS.find((one) => one.slug === slug)?.name ?? '';
    const mark = slug.toUpperCase();
    expect(body.includes(name) || body.includes(mark) || body.includes(slug)).toBe(true);
    expect((await notes.foreignTo(slug)).filter((text) => body.includes(text))).toEqual([]);
  });

  test('another organization’s note and invoice answer exactly like absent ones', async () => {
    const other = slug === 'acme' ? 'cobalt' : 'acme';
    const absent = '00000000-0000-4000-8000-000000000000';
    for (const [table, paths] of [
      ['note', ['/notes/', '/api/notes/']],
      ['invoice', ['/invoices/', '/api/invoices/']],
    ] as const) {
      for (const path of paths) {
        const foreign = await notes.as(slug, path + (await firstId(table, other)));
        const missing = await notes.as(slug, path + absent);
        expect(foreign.status).toBe(404);
        expect(await foreign.text()).toBe(await missing.text());
        expect((await notes.as(slug, path + (await firstId(table, slug)))).status).toBe(200);
      }
    }
  });
});

test('a note is written, changed, found, commented on and deleted, in one organization alone', async () => {
  const project_id = await firstId('project', 'acme');
  const added = await notes.as(
    'acme',
    '/api/notes',
    json('POST', { title: 'Quicksilver seals', body: 'They leak when cold.', project_id }),
  );
  expect(added.status).toBe(201);
  const { id } = (await added.json()) as { id: string };
  expect(await (await notes.as('acme', '/notes?q=quicksilver')).text()).toContain('1 note about');
  expect(await (await notes.as('borealis', '/notes?q=quicksilver')).text()).toContain(
    '0 notes about',
  );
  expect(
    (await notes.as('borealis', `/api/notes/${id}`, json('PUT', { title: 'mine' }))).status,
  ).toBe(404);
  expect((await notes.as('borealis', `/api/notes/${id}`, { method: 'DELETE' })).status).toBe(404);
  expect((await notes.as('acme', `/api/notes/${id}`, json('PUT', { pinned: true }))).status).toBe(
    200,
  );
  const form = new URLSearchParams({
    body: 'Seen it too',
    form_token: await notes.formToken('acme'),
  });
  expect(
    (await notes.as('acme', `/notes/${id}/comments`, { method: 'POST', body: form })).status,
  ).toBe(303);
  expect(await (await notes.as('acme', `/notes/${id}`)).text()).toContain('Seen it too');
  expect((await notes.as('acme', `/api/notes/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await notes.as('acme', `/api/notes/${id}`)).status).toBe(404);
});

describe('an invoice', () => {
  const lines = [{ description: 'Belt', quantity: 3, unit_cents: 1200 }];
  const invoice = async (change: object) => ({
    number: `T-${Math.random()}`,
    customer: 'Testers',
    project_id: await firstId('project', 'acme'),
    issued_on: '2026-03-01',
    due_on: '2026-03-31',
    total_cents: 3600,
    lines,
    ...change,
  });

  test('is issued when its total is that of its lines', async () => {
    const reply = await notes.as('acme', '/api/invoices', json('POST', await invoice({})));
    expect(reply.status).toBe(201);
    const { id } = (await reply.json()) as { id: string };
    const read = await (await notes.as('acme', `/api/invoices/${id}`)).json();
    expect(read).toMatchObject({
      total_cents: '3600',
      lines: [{ description: 'Belt', quantity: 3 }],
    });
  });

  test('whose total differs is refused at commit, by the deferred trigger under the tenant’s context', async () => {
    const reply = await notes.as(
      'acme',
      '/api/invoices',
      json('POST', await invoice({ number: 'T-wrong', total_cents: 1 })),
    );
    expect(reply.status).toBe(422);
    const left = await notes.admin.query(`select 1 from invoice where number = 'T-wrong'`);
    expect(left.rowCount).toBe(0);
  });

  test('for another organization’s project is refused, and its number stays free', async () => {
    const project_id = await firstId('project', 'cobalt');
    expect(
      (await notes.as('acme', '/api/invoices', json('POST', await invoice({ project_id })))).status,
    ).toBe(409);
  });

  test('may have a number that another organization uses', async () => {
    expect(
      (
        await notes.as(
          'acme',
          '/api/invoices',
          json('POST', await invoice({ number: 'COBALT-0001' })),
        )
      ).status,
    ).toBe(201);
    expect(
      (
        await notes.as(
          'acme',
          '/api/invoices',
          json('POST', await invoice({ number: 'COBALT-0001' })),
        )
      ).status,
    ).toBe(409);
  });
});

test('every page names an icon that is there, and so is the one that browsers ask for unasked', async () => {
  const page = await (await notes.as('acme', '/')).text();
  const href = /<link rel="icon" href="([^"]*)"/.exec(page)?.[1] ?? 'none';
  for (const path of [href, '/favicon.ico']) {
    const icon = await fetch(notes.origin + path);
    expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
  }
});

describe('sign-in', () => {
  const post = async (
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ) => {
    const door = await openDoor(notes.origin, 'acme');
    return fetch(notes.origin + path, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ form_token: door.formToken, ...fields }),
      headers: { cookie: door.cookie, ...headers },
    });
  };

  test('opens the organizations that somebody belongs to, and no other', async () => {
    const { email, password } = notes.people.acme;
    expect((await post('/t/acme/sign-in', { email, password })).status).toBe(303);
    const signedIn = await post('/t/cobalt/sign-in', { email, password });
    const cookie = cookieOf(signedIn, 'notes_session') ?? '';
    const reply = await fetch(`${notes.origin}/t/cobalt/api/notes`, { headers: { cookie } });
    expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([
      403,
      'identity.tenant_not_allowed',
    ]);
    expect((await post('/t/acme/sign-in', { email, password: 'wrong' })).status).toBe(401);
    expect((await post('/t/nobody/sign-in', { email, password })).status).toBe(404);
  });

  test('sets cookies that scripts and other sites do not get', async () => {
    const { email, password } = notes.people.acme;
    const cookies = (await post('/t/acme/sign-in', { email, password })).headers.getSetCookie();
    expect(cookies.map((cookie) => cookie.split('=')[0])).toContain('notes_session');
    for (const cookie of cookies) expect(cookie).toMatch(/HttpOnly; SameSite=(Lax|Strict)/);
  });

  test('is refused when another site sends the form', async () => {
    const { email, password } = notes.people.acme;
    expect(
      (await post('/t/acme/sign-in', { email, password }, { origin: 'https://evil.example' }))
        .status,
    ).toBe(403);
    expect(
      (await post('/t/acme/sign-in', { email, password }, { 'sec-fetch-site': 'cross-site' }))
        .status,
    ).toBe(403);
  });

  test('is refused by a form that was shown to another browser, or to none', async () => {
    const { email, password } = notes.people.acme;
    const theirs = await openDoor(notes.origin, 'acme');
    for (const form_token of ['', 'x', theirs.formToken]) {
      expect((await post('/t/acme/sign-in', { email, password, form_token })).status).toBe(403);
    }
    expect((await post('/t/acme/sign-in', { email, password }, { cookie: '' })).status).toBe(403);
  });

  test('is where a person without a session is sent; a program is told', async () => {
    const page = await fetch(`${notes.origin}/t/acme/notes`, { redirect: 'manual' });
    expect([page.status, page.headers.get('location')]).toEqual([303, '/t/acme/sign-in']);
    const api = await fetch(`${notes.origin}/t/acme/api/notes`);
    expect([api.status, ((await api.json()) as { code: string }).code]).toEqual([
      401,
      'identity.credentials_missing',
    ]);
  });

  test.each([
    ['localhost:3000', '/t/nobody/sign-in', '/'],
    ['nobody.localhost:3000', '/sign-in', '//localhost:3000/'],
    ['localhost:3000', '/nowhere', '/'],
    ['localhost:3000', '/t/acme/nowhere', '/t/acme/'],
    ['acme.localhost:3000', '/nowhere', '/'],
  ])('leads out of an address where nothing is: %s%s', async (host, url, wayOut) => {
    const page = await notes.app.server.inject({ url, headers: { host } });
    expect(page.statusCode).toBe(404);
    const href = /<main class="door">.*<a href="([^"]*)"/s.exec(page.body)?.[1] ?? '';
    expect(href).toBe(wayOut);
  });

  test('holds at the subdomain as at the path', async () => {
    const host = 'cobalt.localhost:3000';
    const { email, password } = notes.people.cobalt;
    const door = await notes.app.server.inject({ url: '/sign-in', headers: { host } });
    const form_token = /name="form_token" value="([^"]+)"/.exec(door.body)?.[1] ?? '';
    const signedIn = await notes.app.server.inject({
      method: 'POST',
      url: '/sign-in',
      headers: {
        host,
        cookie: String(door.headers['set-cookie']).split(';')[0] ?? '',
        'content-type': 'application/x-www-form-urlencoded',
      },
      payload: new URLSearchParams({ email, password, form_token }).toString(),
    });
    expect(signedIn.statusCode).toBe(303);
    const cookie =
      [signedIn.headers['set-cookie']]
        .flat()
        .find((one) => one?.startsWith('notes_session='))
        ?.split(';')[0] ?? '';
    const home = await notes.app.server.inject({ url: '/', headers: { host, cookie } });
    expect(home.statusCode).toBe(200);
    expect(home.body).toContain('Cobalt Architects');
    const elsewhere = await notes.app.server.inject({
      url: '/api/notes',
      headers: { host: 'acme.localhost:3000', cookie },
    });
    expect(elsewhere.statusCode).toBe(403);
    const both = await notes.app.server.inject({
      url: '/t/acme/api/notes',
      headers: { host, cookie },
    });
    expect(both.statusCode).toBeGreaterThanOrEqual(400);
  });

  test('a cookie that was altered is no session', async () => {
    const signedIn = await post('/t/acme/sign-in', {
      email: notes.people.acme.email,
      password: notes.people.acme.password,
    });
    const genuine = cookieOf(signedIn, 'notes_session') ?? '';
    const cookie = `${genuine.slice(0, -1)}${genuine.endsWith('A') ? 'B' : 'A'}`;
    expect((await fetch(`${notes.origin}/t/acme/api/notes`, { headers: { cookie } })).status).toBe(
      401,
    );
  });
});

describe('a form', () => {
  test('without the token of its session changes nothing', async () => {
    const id = await firstId('note', 'acme');
    const before = await notes.admin.query('select count(*) from comment');
    const theirs = await notes.formToken('borealis');
    for (const form_token of ['', 'x', theirs]) {
      const body = new URLSearchParams({ body: 'forged', form_token });
      expect(
        (await notes.as('acme', `/notes/${id}/comments`, { method: 'POST', body })).status,
      ).toBe(403);
    }
    const text = {
      method: 'POST',
      body: '{"title":"x"}',
      headers: { 'content-type': 'text/plain' },
    };
    expect((await notes.as('acme', '/api/notes', text)).status).toBeGreaterThanOrEqual(400);
    expect((await notes.admin.query('select count(*) from comment')).rows).toEqual(before.rows);
  });
});

describe('what people write is shown as they wrote it, and runs nowhere', () => {
  const PAYLOADS = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    `' onmouseover='alert(1)`,
    '</textarea><svg onload=alert(1)>',
    '«<b>bold</b>»',
  ];

  test.each(PAYLOADS)('%s', async (payload) => {
    const project_id = await firstId('project', 'borealis');
    const added = await notes.as(
      'borealis',
      '/api/notes',
      json('POST', { title: payload, body: `${payload} zinnober`, project_id }),
    );
    const { id } = (await added.json()) as { id: string };
    const form = new URLSearchParams({
      body: payload,
      form_token: await notes.formToken('borealis'),
    });
    await notes.as('borealis', `/notes/${id}/comments`, { method: 'POST', body: form });
    for (const path of [
      '/',
      '/notes',
      '/notes?q=zinnober',
      `/notes?q=${encodeURIComponent(payload)}`,
      `/notes/${id}`,
      '/activity',
      `/break-out?where=${encodeURIComponent(payload)}`,
    ]) {
      const reply = await notes.as('borealis', path);
      const page = await reply.text();
      expect(page).not.toContain(payload);
      expect(page).not.toMatch(/<(script|img|svg|b)[\s>]/i);
      expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });
});

test('an operator crosses on purpose, on record, and an app’s person never can', async () => {
  const counted = await notes.app.bulkhead.asOperator({ reason: 'counting' }, () =>
    notes.app.pool.query('select distinct tenant_id from note'),
  );
  expect(counted.rows).toHaveLength(3);
  const record = await notes.admin.query('select reason, outcome from bulkhead.operator_crossing');
  expect(record.rows).toEqual([{ reason: 'counting', outcome: 'completed' }]);
});

describe('security', () => {
  const formOf = async (fields: Record<string, string>): Promise<RequestInit> => ({
    method: 'POST',
    body: new URLSearchParams({ ...fields, form_token: await notes.formToken('cobalt') }),
  });

  test('an authenticator app is set up on its page, and asked for at the next sign-in', async () => {
    const shown = await (await notes.as('cobalt', '/security/totp', await formOf({}))).text();
    const key = /<p class="key">([A-Z2-7 ]+)<\/p>/.exec(shown)?.[1]?.replaceAll(' ', '') ?? '';
    expect(key).toHaveLength(32);
    // The same as a picture, which the page's policy lets be shown: no style and no script in it.
    const [picture = ''] = /<svg class="qr".*?<\/svg>/s.exec(shown) ?? [];
    const [, uri = ''] = /<a href="(otpauth:[^"]+)"/.exec(shown) ?? [];
    expect(uri).toContain(`secret=${key}`);
    expect(picture).toBe(qrCode(uri.replaceAll('&amp;', '&'), 'The key as a QR code').text);
    expect(picture).not.toMatch(/style|script|href/);
    const wrong = await notes.as(
      'cobalt',
      '/security/totp/confirm',
      await formOf({ code: '000000' }),
    );
    expect(wrong.status).toBe(401);
    const code = totpCode(fromBase32(key), stepAt(Date.now()));
    const done = await notes.as('cobalt', '/security/totp/confirm', await formOf({ code }));
    const listed = /<pre class="codes">([^<]+)<\/pre>/.exec(await done.text())?.[1] ?? '';
    const codes = listed.split('\n');
    expect(codes).toHaveLength(10);

    const { email, password } = notes.people.cobalt;
    const door = await openDoor(notes.origin, 'cobalt');
    const send = (path: string, fields: Record<string, string>, cookie = door.cookie) =>
      fetch(`${notes.origin}/t/cobalt${path}`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie },
        body: new URLSearchParams({ ...fields, form_token: door.formToken }),
      });
    const first = await send('/sign-in', { email, password });
    const next = first.headers.get('location') ?? '';
    expect(next).toBe('/t/cobalt/sign-in/next?with=totp.recovery_code');
    expect(cookieOf(first, 'notes_session')).toBeUndefined();
    const cookie = `${door.cookie}; ${cookieOf(first, 'notes_flow')}`;
    // The code that set it up is used up.
    expect((await send('/sign-in/next', { kind: 'totp', code }, cookie)).status).toBe(401);
    const last = await send(
      '/sign-in/next',
      { kind: 'recovery_code', code: codes[0] ?? '' },
      cookie,
    );
    expect([last.status, cookieOf(last, 'notes_session')?.length]).toEqual([303, 57]);
    expect((await notes.as('cobalt', '/security')).status).toBe(200);
  });

  test('is a person’s own: its pages run no script but the app’s, and its forms want their token', async () => {
    const page = await notes.as('acme', '/security');
    expect(page.headers.get('content-security-policy')).toMatch(
      /script-src 'self'; connect-src 'self'$/,
    );
    expect((await page.text()).match(/<script[^>]*>/g)).toEqual([
      '<script src="/passkeys.js" defer>',
    ]);
    const body = new URLSearchParams({
      current: notes.people.acme.password,
      password: 'a new password',
    });
    expect((await notes.as('acme', '/security/password', { method: 'POST', body })).status).toBe(
      403,
    );
  });
});
