/** What strangers send: hosts, headers, bodies, numbers of requests. */
import { type Span, type SpanOptions, trace } from '@opentelemetry/api';
import { expect, it, onTestFinished } from 'vitest';
import { type Asked, createControlGround, PUBLIC_URL } from '#test/control-plane';

const HOST = new URL(PUBLIC_URL).host;
const METRICS_TOKEN = 'a-token-of-a-scraper-with-some-length';

it('answers for its own hosts alone, leads nowhere else and is never framed', async () => {
  const { askAt } = await createControlGround();
  for (const headers of [
    { host: 'evil.example' },
    { host: `${HOST}.evil.example` },
    { host: `evil.example#${HOST}` },
  ]) {
    const answer = await askAt(`${PUBLIC_URL}/api/v1/me`, { headers });
    expect([answer.status, (await answer.json()).code]).toEqual([421, 'http.host_unknown']);
  }
  const forwarded = await askAt(`${PUBLIC_URL}/`, {
    headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' },
  });
  expect(forwarded.headers.get('location')).toBe('/bulkhead/console/');
  for (const path of ['//evil.example', '/\\evil.example', '/console?next=//evil.example']) {
    const { headers } = await askAt(`${PUBLIC_URL}${path}`);
    expect(headers.get('location') ?? '/bulkhead/console/').toBe('/bulkhead/console/');
  }
  for (const path of ['/api/v1/me', '/reference', '/openapi.json', '/nothing', '/healthz']) {
    const { headers } = await askAt(`${PUBLIC_URL}${path}`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('vary')).toContain('Cookie, Authorization');
  }
});

it('puts nothing of a header into an answer that was not asked for in a form that is safe', async () => {
  const { ask } = await createControlGround();
  const named = await ask('/me', { as: 'acme-owner', headers: { 'x-request-id': 'a.b-1' } });
  expect(named.headers.get('x-request-id')).toBe('a.b-1');
  const injected = await ask('/me', {
    as: 'acme-owner',
    headers: { 'x-request-id': 'a, set-cookie' },
  });
  expect(injected.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  const reason = (text: string) =>
    ask('/tenants/acme/members', { as: 'operators-owner', headers: { 'bulkhead-reason': text } });
  expect((await reason('a%0d%0aset-cookie: x')).status).toBe(400);
  expect((await reason('%ff')).status).toBe(400);
  expect((await reason('a%20ticket')).status).toBe(200);
  const missing = await ask('/nothing', { as: 'acme-owner' });
  const problem = await missing.json();
  expect(missing.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(Object.keys(problem).sort()).toEqual(
    ['code', 'next', 'requestId', 'status', 'title', 'type'].sort(),
  );
  const method = await ask('/overview', { as: 'operators-owner', method: 'PUT', body: {} });
  expect([method.status, method.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  // Where a word stands that another method's path would take for somebody's id.
  for (const [path, method] of [
    ['/me/passkeys/options', 'DELETE'],
    ['/tenants/acme/sessions/revoke-all', 'DELETE'],
  ] as const) {
    const answer = await ask(path, { as: 'acme-owner', method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
  }
  const nowhere = await ask('/me?tenant=', { as: 'acme-owner' });
  expect([nowhere.status, (await nowhere.json()).errors]).toEqual([
    400,
    [{ path: 'tenant', message: 'must name a tenant' }],
  ]);
});

it('takes a body as what it says it is, within bounds, and never fails of it', async () => {
  const { ask } = await createControlGround({
    http: { publicUrl: PUBLIC_URL, bodyBytesMax: 4_096 },
  });
  const send = async (body: unknown, more: Partial<Asked> = {}) => {
    const path = '/tenants/acme/groups';
    const answer = await ask(path, { as: 'acme-owner', method: 'POST', body, ...more });
    return [answer.status, (await answer.json()).code];
  };
  const type = (of: string) => ({ headers: { 'content-type': of } });
  expect(await send({ name: 'x'.repeat(5_000) })).toEqual([413, 'http.body_too_large']);
  expect(await send('name=crew', type('application/x-www-form-urlencoded'))).toEqual([
    415,
    'http.media_type_unsupported',
  ]);
  expect(await send('{"name":"crew"}', type('text/plain'))).toEqual([
    415,
    'http.media_type_unsupported',
  ]);
  const invalid = [400, 'http.body_invalid'];
  expect(await send('{"name":')).toEqual(invalid);
  expect(await send('[1]')).toEqual(invalid);
  expect(await send('null')).toEqual(invalid);
  expect(await send('['.repeat(4_000))).toEqual(invalid);
  const wrong = [400, 'http.input_invalid'];
  expect(await send({ name: 'crew', admin: true })).toEqual(wrong);
  expect(await send('{"__proto__":{"name":"crew"}}')).toEqual(wrong);
  expect(await send('{"name":"crew","__proto__":{"x":1}}')).toEqual(wrong);
  expect(await send(`{"name":${'{"a":'.repeat(500)}1${'}'.repeat(500)}}`)).toEqual(wrong);
  for (const name of ['\0', 'a\0b', '\ud800', 'x'.repeat(1_000), '', 17, null, {}, []]) {
    expect([JSON.stringify(name), (await send({ name }))[0]]).toEqual([JSON.stringify(name), 400]);
  }
  const twice = await ask('/tenants?limit=1&limit=2', { as: 'operators-owner' });
  expect((await twice.json()).errors).toEqual([{ path: 'limit', message: 'must be given once' }]);
  const cursor = await ask('/tenants?after=e30', { as: 'operators-owner' });
  expect([cursor.status, (await cursor.json()).code]).toEqual([400, 'http.cursor_invalid']);
  for (const path of ['/tenants/%00', '/tenants/%ff', '/tenants/acme/groups/%00', '/jobs/%2e%2e']) {
    const { status } = await ask(path, { as: 'operators-owner' });
    expect([path, status]).toEqual([path, expect.toBeOneOf([400, 404])]);
  }
});

it('says how much is left, and when to come again', async () => {
  const { ask } = await createControlGround({
    identity: { trustProxy: true },
    http: { publicUrl: PUBLIC_URL, requestsPerMinute: 3, anonymousRequestsPerMinute: 2 },
  });
  const first = await ask('/me', { as: 'acme-owner' });
  expect(first.headers.get('ratelimit-policy')).toBe('"default";q=3;w=60');
  expect(first.headers.get('ratelimit')).toMatch(/^"default";r=2;t=\d+$/);
  await ask('/me', { as: 'acme-owner' });
  await ask('/me', { as: 'acme-owner' });
  const refused = await ask('/me', { as: 'acme-owner' });
  expect([refused.status, (await refused.json()).code]).toEqual([429, 'http.too_many_requests']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await ask('/me', { as: 'acme-admin' })).status).toBe(200);
  const look = async (from: string) => {
    const headers = { origin: new URL(PUBLIC_URL).origin, 'x-forwarded-for': from };
    const body = { token: 'x' };
    return (await ask('/invitations/look', { method: 'POST', body, headers })).status;
  };
  // One network is one stranger, whichever of its addresses is used and whatever the stranger says of others.
  const looks = [
    await look('2001:db8::1'),
    await look('2001:db8::2'),
    await look('1.1.1.1, 2001:db8::3'),
  ];
  expect([looks.at(-1), await look('2001:db8:0:1::1')]).toEqual([429, looks[0]]);
});

it('counts strangers by their network, and keeps nobody out who has valid credentials', async () => {
  const { ask } = await createControlGround({
    identity: { trustProxy: true },
    http: { publicUrl: PUBLIC_URL, requestsPerMinute: 5, anonymousRequestsPerMinute: 2 },
  });
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const headers = { ...from('203.0.113.7'), authorization: 'Bearer wrong' };
  const refused = await ask('/me', { headers: from('203.0.113.7') });
  expect([refused.status, refused.headers.get('ratelimit-policy')]).toEqual([
    401,
    '"default";q=2;w=60',
  ]);
  expect((await ask('/tenants/acme', { headers })).status).toBe(401);
  const limited = await ask('/me/factors', { headers });
  expect([limited.status, (await limited.json()).code]).toEqual([429, 'http.too_many_requests']);
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  // The same address: somebody who is signed in, and somebody who is about to be.
  const same = { headers: from('203.0.113.7') };
  expect((await ask('/me', { as: 'acme-owner', ...same })).status).toBe(200);
  const origin = { origin: new URL(PUBLIC_URL).origin, ...from('203.0.113.7') };
  const look = { method: 'POST', body: { token: 'x' }, headers: origin };
  expect((await ask('/invitations/look', look)).status).not.toBe(429);
  expect((await ask('/me', { headers: from('203.0.113.8') })).status).toBe(401);
  // Who is known counts as themself, also where they are sent away.
  const statuses: number[] = [];
  for (let sent = 0; sent < 5; sent += 1) {
    statuses.push((await ask('/users', { as: 'acme-owner' })).status);
  }
  expect(statuses.slice(-2)).toEqual([403, 429]);
});

it('shows nobody a name that breaks its line or turns around what stands after it', async () => {
  const { ask } = await createControlGround();
  const named: readonly (readonly [string, string, object])[] = [
    ['POST', '/tenants', { slug: 'named' }],
    ['PATCH', '/tenants/acme', {}],
    ['POST', '/users', { email: 'named@test.example' }],
    ['POST', '/tenants/acme/groups', {}],
    ['POST', '/tenants/acme/roles', { key: 'named', permissions: [] }],
    ['POST', '/tenants/acme/service-accounts', {}],
  ];
  for (const [method, path, body] of named) {
    for (const name of ['a\nb', 'a\u202eb', 'a\ud800b']) {
      const answer = await ask(path, { as: 'operators-admin', method, body: { ...body, name } });
      const { code, errors } = await answer.json();
      expect([path, code, errors]).toMatchObject([path, 'http.input_invalid', [{ path: 'name' }]]);
    }
  }
});

it('counts by routes, for a scraper that has the token, and traces what it does', async () => {
  const spans: { name: string; attributes: Record<string, unknown>; ended: boolean }[] = [];
  // Of the tracing of whoever runs this: the edge of the process.
  trace.setGlobalTracerProvider({
    getTracer: () => ({
      startSpan: (name: string, _options?: SpanOptions) => record(spans, name),
      startActiveSpan: () => undefined as never,
    }),
  });
  onTestFinished(() => trace.disable());
  const { ask, askAt } = await createControlGround({
    http: { publicUrl: PUBLIC_URL, metricsToken: METRICS_TOKEN },
  });
  // Whoever asks for the head alone listens to nothing.
  expect((await ask('/stream', { as: 'acme-owner', method: 'HEAD' })).status).toBe(200);
  await ask('/tenants/acme', { as: 'acme-owner' });
  await ask('/tenants/bora', { as: 'acme-owner' });
  const scrape = (token: string) =>
    askAt(`${PUBLIC_URL}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  expect((await scrape('another')).status).toBe(404);
  // As Prometheus finds a pod: by its address.
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const atPod = 'http://10.0.0.7:4600/bulkhead';
  expect((await askAt(`${atPod}/metrics`, { headers })).status).toBe(200);
  expect((await askAt(`${atPod}/openapi.json`, { headers })).status).toBe(421);
  const text = await (await scrape(METRICS_TOKEN)).text();
  const of = (status: number) =>
    `bulkhead_http_request_duration_seconds_count{method="GET",route="/api/v1/tenants/{tenant}",status="${status}"} 1`;
  expect(text).toContain(of(200));
  expect(text).toContain(of(404));
  expect(text).not.toContain('acme');
  expect(text).toContain('bulkhead_stream_listeners 0');
  expect(spans.filter(({ ended }) => !ended)).toEqual([]);
  expect(spans[1]).toMatchObject({
    name: 'GET /api/v1/tenants/{tenant}',
    attributes: { 'http.response.status_code': 200, 'bulkhead.tenant': expect.any(String) },
  });
});

function record(
  spans: { name: string; attributes: Record<string, unknown>; ended: boolean }[],
  name: string,
): Span {
  const kept = { name, attributes: {} as Record<string, unknown>, ended: false };
  spans.push(kept);
  const span = {
    spanContext: () => ({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 }),
    updateName(text: string) {
      kept.name = text;
      return span;
    },
    setAttributes(more: Record<string, unknown>) {
      Object.assign(kept.attributes, more);
      return span;
    },
    setStatus: () => span,
    end() {
      kept.ended = true;
    },
  };
  // What the control plane uses of a span.
  return span as unknown as Span;
}
