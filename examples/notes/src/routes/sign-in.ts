/**
 * Signing in and out, by Bulkhead's flow: an address and a password, or a passkey, and then whatever else the
 * person has set up. These run before any session, so the tenant comes from the address alone.
 */
import { type FinishedStep, isBulkheadError, type SignInStep } from 'bulkhead';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { deviceCookie, FLOW_COOKIE, flowCookie, readCookie } from '../cookies.ts';
import { type Door, nextStepPage, signInPage } from '../pages/door.ts';
import { assertOwnDoor } from '../same-origin.ts';
import { baseOf, type Services, senderOf } from '../services.ts';
import { openDoor } from './door.ts';

const text = { type: 'string', maxLength: 1_000 } as const;

interface CodeForm {
  readonly kind: 'totp' | 'recovery_code' | 'new_password';
  readonly code: string;
}

/** What a person who tried in vain is told; any other error is none of theirs. */
function failureOf(error: unknown): { status: number; message: string } {
  if (!isBulkheadError(error)) throw error;
  if (error.code === 'identity.password_unreadable') return { status: 401, message: WRONG };
  if (error.status >= 500) throw error;
  return {
    status: error.status,
    message: error.code === 'identity.sign_in_refused' ? WRONG : error.message,
  };
}
const WRONG = 'That e-mail and password do not belong together.';

export function signInRoutes(app: FastifyInstance, services: Services): void {
  const { bulkhead } = services;
  const { signIn, sessions } = bulkhead.identity;

  const open = (request: FastifyRequest, reply: FastifyReply): Door =>
    openDoor(services, request, reply);

  /** Whose limits and whose log a stranger's attempts belong to. */
  const tenantOf = (slug: string): Promise<string> =>
    bulkhead.asTenant(slug, () => bulkhead.context().tenant.id);

  /** The way on: in, or to the next step, which the browser finds by the cookie of the flow. */
  function goOn(request: FastifyRequest, reply: FastifyReply, step: SignInStep): string {
    const base = baseOf(request);
    if (!step.done) {
      reply.header('set-cookie', flowCookie(step.flow));
      return `${base}/sign-in/next?with=${step.next.join('.')}`;
    }
    admit(request, reply, step);
    return `${base}/`;
  }

  function admit(request: FastifyRequest, reply: FastifyReply, step: FinishedStep): void {
    reply.header('set-cookie', [
      sessions.cookie.set(step.sessionToken, request.headers.host),
      flowCookie(''),
      ...(step.device === undefined ? [] : [deviceCookie(step.device)]),
    ]);
  }

  app.get<{ Querystring: { email?: string } }>(
    '/sign-in',
    { schema: { querystring: { type: 'object', properties: { email: text } } } },
    async (request, reply) =>
      reply
        .type('text/html')
        .send(signInPage(open(request, reply), { email: request.query.email ?? '' })),
  );

  app.post<{ Body: { email: string; password: string } }>(
    '/sign-in',
    {
      schema: {
        body: {
          type: 'object',
          required: ['email', 'password'],
          properties: { email: text, password: text },
        },
      },
    },
    async (request, reply) => {
      const door = open(request, reply);
      assertOwnDoor(services, request);
      const { email, password } = request.body;
      const sender = senderOf(request);
      try {
        const { flow } = await signIn.start({ email, door: await tenantOf(door.slug) }, sender);
        const step = await signIn.password({ flow, password }, sender);
        return reply.redirect(goOn(request, reply, step), 303);
      } catch (error) {
        const { status, message } = failureOf(error);
        return reply.code(status).type('text/html').send(signInPage(door, { email, message }));
      }
    },
  );

  app.get<{ Querystring: { with?: string } }>(
    '/sign-in/next',
    { schema: { querystring: { type: 'object', properties: { with: text } } } },
    async (request, reply) => {
      const factors = (request.query.with ?? '').split('.');
      return reply.type('text/html').send(nextStepPage(open(request, reply), { factors }));
    },
  );

  app.post<{ Body: CodeForm; Querystring: { with?: string } }>(
    '/sign-in/next',
    {
      schema: {
        querystring: { type: 'object', properties: { with: text } },
        body: {
          type: 'object',
          required: ['kind', 'code'],
          properties: {
            kind: { enum: ['totp', 'recovery_code', 'new_password'] },
            code: text,
          },
        },
      },
    },
    async (request, reply) => {
      const door = open(request, reply);
      assertOwnDoor(services, request);
      const { kind, code } = request.body;
      const flow = readCookie(request, FLOW_COOKIE) ?? '';
      const sender = senderOf(request);
      try {
        const step = await (kind === 'totp'
          ? signIn.totp({ flow, code }, sender)
          : kind === 'recovery_code'
            ? signIn.recoveryCode({ flow, code }, sender)
            : signIn.newPassword({ flow, password: code }, sender));
        return reply.redirect(goOn(request, reply, step), 303);
      } catch (error) {
        const { status, message } = failureOf(error);
        if (isBulkheadError(error, 'identity.flow_invalid')) {
          return reply.redirect(`${door.base}/sign-in`, 303);
        }
        const factors = (request.query.with ?? '').split('.');
        return reply.code(status).type('text/html').send(nextStepPage(door, { factors, message }));
      }
    },
  );

  // The browser's side of passkeys is a script, which speaks JSON.
  app.post('/sign-in/passkey/options', async (request, reply) => {
    const { slug } = open(request, reply);
    assertOwnDoor(services, request);
    const sender = senderOf(request);
    const begun = readCookie(request, FLOW_COOKIE);
    if (begun !== undefined) {
      try {
        return await signIn.passkeyOptions({ flow: begun }, sender);
      } catch (error) {
        // The page stood open for too long: begin again.
        if (!isBulkheadError(error, 'identity.flow_invalid')) throw error;
      }
    }
    const { flow } = await signIn.start({ door: await tenantOf(slug) }, sender);
    reply.header('set-cookie', flowCookie(flow));
    return signIn.passkeyOptions({ flow }, sender);
  });

  app.post('/sign-in/passkey', async (request, reply) => {
    open(request, reply);
    assertOwnDoor(services, request);
    const flow = readCookie(request, FLOW_COOKIE) ?? '';
    // Bulkhead checks what it is given; nothing of it is used here.
    const response = request.body as Parameters<typeof signIn.passkey>[0]['response'];
    const step = await signIn.passkey({ flow, response }, senderOf(request));
    return { location: goOn(request, reply, step) };
  });
}

/** Below the middleware, because only who is signed in can sign out (and must have meant to). */
export function signOutRoute(app: FastifyInstance, { bulkhead }: Services): void {
  const { sessions } = bulkhead.identity;
  app.post('/sign-out', async (request, reply) => {
    const { host, cookie } = request.headers;
    const token = sessions.cookie.read(cookie, host);
    if (token !== undefined) await sessions.end(token);
    return reply
      .header('set-cookie', sessions.cookie.clear(host))
      .redirect(`${baseOf(request)}/sign-in`, 303);
  });
}
