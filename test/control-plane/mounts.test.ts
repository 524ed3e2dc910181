/** The control plane below `/bulkhead` of apps in four frameworks, beside the app's own gate, over real sockets. */
import { createServer, request as nodeRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { expect, it, onTestFinished } from 'vitest';
import { createControlGround, PUBLIC_URL } from '#test/control-plane';

type Bulkhead = Awaited<ReturnType<typeof createControlGround>>['bulkhead'];
type Plane = ReturnType<Bulkhead['controlPlane']>;

const HOST = new URL(PUBLIC_URL).host;

const mounts: Readonly<Record<string, (plane: Plane, bulkhead: Bulkhead) => Promise<number>>> = {
  express(plane, bulkhead) {
    const app = express();
    app.use('/bulkhead', plane.node);
    app.use(bulkhead.express());
    app.use(express.json());
    app.get('/own', (_request, response) => {
      response.send('own');
    });
    return listen(createServer(app));
  },
  async fastify(plane, bulkhead) {
    const app = fastify();
    await app.register(plane.fastify);
    await app.register(bulkhead.fastify());
    app.get('/own', () => 'own');
    onTestFinished(() => app.close());
    return Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  },
  async 'fastify, the other way round'(plane, bulkhead) {
    const app = fastify();
    await app.register(bulkhead.fastify());
    await app.register(plane.fastify);
    app.get('/own', () => 'own');
    onTestFinished(() => app.close());
    return Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  },
  hono(plane, bulkhead) {
    const app = new Hono();
    app.all('/bulkhead/*', (c) => plane.fetch(c.req.raw, c.env));
    app.use(bulkhead.hono());
    app.get('/own', (c) => c.text('own'));
    return new Promise((resolve) => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
        resolve(port),
      ) as Server;
      onTestFinished(() => void server.close());
    });
  },
};

it.each(Object.keys(mounts))('runs in %s beside the app’s own gate and routes', async (name) => {
  const { bulkhead } = await createControlGround();
  const plane = bulkhead.controlPlane();
  const port = (await mounts[name]?.(plane, bulkhead)) ?? 0;
  const own = await send(port, '/own', { headers: { authorization: 'Test acme-owner' } });
  expect(own).toMatchObject({ status: 200, text: 'own' });
  expect(await send(port, '/own')).toMatchObject({ status: 401 });
  expect(await send(port, '/bulkhead/healthz')).toMatchObject({ status: 200 });
  expect(await send(port, '/bulkhead')).toMatchObject({
    status: expect.toBeOneOf([308, 404]),
  });
  const as = { authorization: 'Test acme-owner' };
  const me = await send(port, '/bulkhead/api/v1/me', { headers: as });
  expect(JSON.parse(me.text)).toMatchObject({ tenant: { slug: 'acme' } });
  const made = await send(port, '/bulkhead/api/v1/tenants/acme/groups', {
    method: 'POST',
    headers: { ...as, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'crew' }),
  });
  expect([made.status, JSON.parse(made.text)]).toMatchObject([201, { name: 'crew' }]);
  const refused = await send(port, '/bulkhead/api/v1/tenants/acme/groups', {
    method: 'POST',
    headers: { ...as, 'content-type': 'text/xml' },
    body: '<name/>',
  });
  expect(refused.status).toBe(415);
  expect(
    (await send(port, '/bulkhead/api/v1/me', { headers: { host: 'evil.example' } })).status,
  ).toBe(421);
  const stream = await send(port, '/bulkhead/api/v1/stream', { headers: as, untilFirstByte: true });
  expect(stream).toMatchObject({ status: 200, text: 'retry: 2000\n\n' });
});

it('runs as route handlers of Next', async () => {
  const { bulkhead } = await createControlGround();
  const { GET, POST } = bulkhead.controlPlane().next;
  const headers = { authorization: 'Test acme-owner', 'content-type': 'application/json' };
  const me = await GET(new Request(`${PUBLIC_URL}/api/v1/me`, { headers }));
  expect(await me.json()).toMatchObject({ tenant: { slug: 'acme' } });
  const made = await POST(
    new Request(`${PUBLIC_URL}/api/v1/tenants/acme/groups`, {
      method: 'POST',
      headers,
      body: '{"name":"crew"}',
    }),
  );
  expect(made.status).toBe(201);
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly untilFirstByte?: boolean;
}

/** As a proxy in front would: by address, with the host that people see. */
function send(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body, untilFirstByte = false }: Sent = {},
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const request = nodeRequest(
      { host: '127.0.0.1', port, path, method, headers: { host: HOST, ...headers }, agent: false },
      (response) => {
        let text = '';
        const done = () => resolve({ status: response.statusCode, text });
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
          if (!untilFirstByte) return;
          done();
          request.destroy();
        });
        response.on('end', done);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
