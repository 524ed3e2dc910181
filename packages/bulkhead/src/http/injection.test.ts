/** What people write is data wherever it comes back: in JSON, in headers, in spreadsheets, in logs. */
import { expect, it } from 'vitest';
import { type ControlGround, createControlGround, PUBLIC_URL } from '#test/control-plane';
import { describedEndpoints } from './openapi/api-document.ts';

const SCRIPT = `=1+1<script>alert(1)</script>"'><img src=x onerror=alert(1)>`;

/** Every field that takes free words, and how it is planted: as whom, where, with what else. */
const PLANTED: Readonly<
  Record<string, readonly [as: string, method: string, path: string, rest: object]>
> = {
  'tenant.create.name': ['operators-admin', 'POST', '/tenants', { slug: 'newco' }],
  'tenant.rename.name': ['operators-admin', 'PATCH', '/tenants/acme', {}],
  'tenant.disable.reason': ['operators-admin', 'POST', '/tenants/newco/disable', {}],
  'tenant.enable.reason': ['operators-admin', 'POST', '/tenants/newco/enable', {}],
  'user.create.name': ['operators-admin', 'POST', '/users', { email: 'x@planted.example' }],
  'member.add.name': [
    'acme-owner',
    'POST',
    '/tenants/acme/members',
    { type: 'user', id: 'planted' },
  ],
  'member.rename.name': ['acme-owner', 'PATCH', '/tenants/acme/members/user/acme-viewer', {}],
  'node.create.name': ['acme-owner', 'POST', '/tenants/acme/nodes', { kind: 'workspace' }],
  'role.create.name': [
    'acme-owner',
    'POST',
    '/tenants/acme/roles',
    { key: 'one', permissions: [] },
  ],
  'role.create.description': [
    'acme-owner',
    'POST',
    '/tenants/acme/roles',
    { key: 'two', name: 'Two', permissions: [] },
  ],
  'role.update.name': ['acme-owner', 'PATCH', '/tenants/acme/roles/one', {}],
  'role.update.description': ['acme-owner', 'PATCH', '/tenants/acme/roles/one', {}],
  'group.create.name': ['acme-owner', 'POST', '/tenants/acme/groups', {}],
  'policy.set.reason': [
    'acme-owner',
    'PUT',
    '/tenants/acme/policies/password',
    { version: 0, body: { lengthMin: 14 } },
  ],
  'service_account.create.name': ['acme-owner', 'POST', '/tenants/acme/service-accounts', {}],
  'service_account.create.description': [
    'acme-owner',
    'POST',
    '/tenants/acme/service-accounts',
    { name: 'robot' },
  ],
  'invitation.create.name': [
    'acme-owner',
    'POST',
    '/tenants/acme/invitations',
    { email: 'y@planted.example', role: 'viewer' },
  ],
};

/** The same words by another door: planted there, read here. */
const SAME_AS: ReadonlySet<string> = new Set([
  'account.rename.name',
  'user.rename.name',
  'user.disable.reason',
  'user.reset_factors.reason',
  'invitation.register.name',
  'account.add_passkey.name',
  'account.rename_passkey.name',
  'node.rename.name',
  'group.rename.name',
  'tenant.close.reason',
  'service_account.update.name',
  'service_account.update.description',
  'api_key.create.name',
  'audit.erase.reason',
]);

const isFreeWords = (name: string): boolean => /^(?:name|description|reason)$/.test(name);

async function plantAll({ ask, settle }: ControlGround): Promise<void> {
  for (const [field, [as, method, path, rest]] of Object.entries(PLANTED)) {
    const name = field.split('.').at(-1) ?? '';
    const done = await ask(path, { as, method, body: { ...rest, [name]: SCRIPT } });
    expect([field, done.status, done.status < 300 ? '' : await done.text()]).toEqual([
      field,
      done.status,
      '',
    ]);
    expectData(done);
  }
  await settle();
}

/** What a browser was told it is, it can't take for a page, and no page may hold it. */
function expectData({ headers }: { headers: Headers }): void {
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('cache-control')).toMatch(/no-store|^private, no-cache$/);
  expect(headers.get('vary')).toMatch(/Cookie, Authorization/);
}

it('knows every field that takes free words', () => {
  const fields = describedEndpoints().flatMap(({ operation, route }) => {
    if (route.method === 'GET' || route.method === 'DELETE') return [];
    const { shape = {} } = operation.input as { shape?: object };
    return Object.keys(shape)
      .filter(isFreeWords)
      .map((name) => `${operation.name}.${name}`);
  });
  expect(fields.filter((field) => !(field in PLANTED) && !SAME_AS.has(field))).toEqual([]);
});

it('gives a script that was written into any field back as data, and a formula as text', async () => {
  const ground = await createControlGround();
  const { ask, askAt } = ground;
  await plantAll(ground);
  const reads: readonly (readonly [as: string, path: string])[] = [
    ['operators-owner', '/tenants'],
    ['operators-owner', '/tenants/acme'],
    ['operators-owner', '/overview'],
    ['operators-owner', '/overview/hull'],
    ['operators-owner', '/users'],
    ['acme-owner', '/me'],
    ['acme-owner', '/tenants/acme/members'],
    ['acme-owner', '/tenants/acme/nodes'],
    ['acme-owner', '/tenants/acme/roles'],
    ['acme-owner', '/tenants/acme/groups'],
    ['acme-owner', '/tenants/acme/service-accounts'],
    ['acme-owner', '/tenants/acme/invitations'],
    ['acme-owner', '/tenants/acme/policies/password/history'],
    ['acme-owner', '/tenants/acme/access/matrix'],
    ['acme-owner', '/tenants/acme/events?limit=100'],
  ];
  const silent: string[] = [];
  for (const [as, path] of reads) {
    const answer = await ask(path, { as });
    const text = await answer.text();
    expect([path, answer.status]).toEqual([path, 200]);
    expectData(answer);
    if (!text.includes(JSON.stringify(SCRIPT).slice(1, -1))) silent.push(path);
  }
  // Counts alone, and a history whose reasons stand in the log.
  expect(silent).toEqual(['/overview', '/tenants/acme/policies/password/history']);

  for (const path of ['/reference', '/openapi.json']) {
    expect(await (await askAt(`${PUBLIC_URL}${path}`)).text()).not.toContain('onerror=alert');
  }
  const csv = await ask('/tenants/acme/events/export?format=csv', { as: 'acme-owner' });
  expect(csv.headers.get('content-disposition')).toBe('attachment; filename="acme.csv"');
  expect(csv.headers.get('x-content-type-options')).toBe('nosniff');
  const cells = (await csv.text()).match(/"(?:[^"]|"")*"/g) ?? [];
  expect(cells.some((cell) => cell.includes('<script>'))).toBe(true);
  // A tab, an equals sign and their like at a cell's beginning make it a formula.
  expect(cells.filter((cell) => /^"[=+\-@\t\r]/.test(cell))).toEqual([]);
  const people = await ask('/tenants/acme/invitations/export', { as: 'acme-owner' });
  const { csv: invited } = (await people.json()) as { csv: string };
  expect(invited).toContain('<script>');
  expect(invited.split(/[\n,]/).filter((cell) => /^"?[=+\-@\t\r]/.test(cell))).toEqual([]);
});

it('lets no header of a request into the headers of an answer, nor into the lines of a log', async () => {
  const { ask, settle } = await createControlGround();
  const odd = 'abc def<script>';
  const answer = await ask('/me', { as: 'acme-owner', headers: { 'x-request-id': odd } });
  expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
  const split = await ask(`/tenants/${encodeURIComponent('acme\r\nset-cookie: a=b')}`, {
    as: 'acme-owner',
  });
  expect(split.status).toBe(404);
  expect(split.headers.get('set-cookie')).toBeNull();
  const forged = await ask('/tenants/acme/events', {
    as: 'operators-owner',
    headers: { 'bulkhead-reason': encodeURIComponent('fine\n<134>1 2026-01-01 forged line') },
  });
  expect([forged.status, (await forged.json()).code]).toEqual([400, 'http.reason_missing']);

  const agent = 'agent\u00e9 \u0085forged';
  await ask('/tenants/acme/groups', {
    as: 'acme-owner',
    method: 'POST',
    body: { name: 'a\u2028b' },
    headers: { 'user-agent': agent },
  });
  await settle();
  for (const format of ['rfc5424', 'cef', 'ndjson', 'csv']) {
    const log = await ask(`/tenants/acme/events/export?format=${format}`, { as: 'acme-owner' });
    // Collectors of syslog break lines at more than these, and what reads JSON does not.
    const ends = format === 'ndjson' || format === 'csv' ? /\r?\n/ : /\r?\n|\u0085|\u2028/;
    const lines = (await log.text()).trimEnd().split(ends);
    const begins = { rfc5424: /^\d+ <|^<\d+>1 /, cef: /CEF:/, ndjson: /^\{/, csv: /^"/ }[format];
    for (const line of lines) expect(line, format).toMatch(begins ?? /^$/);
  }
});

it('makes no answer, link or cookie for a host that a stranger names', async () => {
  const { askAt } = await createControlGround();
  for (const headers of [{ host: 'evil.example' }, { host: 'console.test.example.evil.example' }]) {
    const answer = await askAt(`${PUBLIC_URL}/api/v1/me`, { as: 'acme-owner', headers });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([421, 'no-store']);
  }
  const forwarded = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
  const home = await askAt(`${PUBLIC_URL}/`, { headers: forwarded });
  expect(home.headers.get('location')).toBe('/bulkhead/console/');
  const up = await askAt(`${PUBLIC_URL}//evil.example/`, { headers: forwarded });
  expect([up.status, up.headers.get('location')]).toEqual([404, null]);
});
