/**
 * A person's own credentials: password, authenticator app, recovery codes, passkeys.
 *
 * Each change asks Bulkhead, which asks how long ago the person proved themselves; who did not of late is led to
 * a page that has them prove it again, and back.
 */
import { isBulkheadError } from 'bulkhead';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FLOW_COOKIE, flowCookie, readCookie } from '../cookies.ts';
import { confirmPage, type Secrets, securityPage } from '../pages/security.ts';
import { baseOf, frameOf, type Services, senderOf, sessionOf } from '../services.ts';

const text = { type: 'string', maxLength: 1_000 } as const;
const body = (...names: string[]) => ({
  type: 'object',
  required: names,
  properties: Object.fromEntries(names.map((name) => [name, text])),
});

export function securityRoutes(app: FastifyInstance, services: Services): void {
  const { identity } = services.bulkhead;
  const { passwords, totp, recoveryCodes, passkeys, signIn, sessions } = identity;
  const ownSession = () => ({ sessionId: sessionOf(services).session.id });

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    more: { status?: number; notice?: string; wrong?: boolean; secrets?: Secrets } = {},
  ) {
    const factors = await identity.factors(ownSession());
    const { personId, session } = sessionOf(services);
    const devices = await sessions.list(personId);
    return reply
      .code(more.status ?? 200)
      .type('text/html')
      .send(
        securityPage(frameOf(services, request), { factors, devices, own: session.id, ...more }),
      );
  }

  /** Does it and shows what came of it; what was refused for want of a fresh proof is asked for first. */
  async function attempt(
    request: FastifyRequest,
    reply: FastifyReply,
    change: () => Promise<{ notice?: string; secrets?: Secrets }>,
  ) {
    try {
      return await show(request, reply, await change());
    } catch (error) {
      if (!isBulkheadError(error) || error.status >= 500) throw error;
      if (error.code === 'identity.step_up_required') {
        return reply.redirect(`${baseOf(request)}/security/confirm`, 303);
      }
      const notice = `${error.message} ${error.next}`;
      return show(request, reply, { status: error.status, notice, wrong: true });
    }
  }

  app.get('/security', (request, reply) => show(request, reply));

  app.post<{ Body: { current: string; password: string } }>(
    '/security/password',
    { schema: { body: body('current', 'password') } },
    (request, reply) =>
      attempt(request, reply, async () => {
        const { current, password } = request.body;
        const input = { ...ownSession(), current, password };
        const { sessionsEnded } = await passwords.change(input, senderOf(request));
        const ended = sessionsEnded === 1 ? 'one other session' : `${sessionsEnded} other sessions`;
        return { notice: `Your password is changed; ${ended} ended.` };
      }),
  );

  app.post('/security/totp', (request, reply) =>
    attempt(request, reply, async () => ({ secrets: { totp: await totp.enrol(ownSession()) } })),
  );

  app.post<{ Body: { code: string } }>(
    '/security/totp/confirm',
    { schema: { body: body('code') } },
    (request, reply) =>
      attempt(request, reply, async () => {
        const input = { ...ownSession(), code: request.body.code };
        const confirmed = await totp.confirm(input, senderOf(request));
        return {
          notice: 'The authenticator app is set up. From now on its code is asked for.',
          secrets: { recoveryCodes: confirmed.recoveryCodes ?? undefined },
        };
      }),
  );

  app.post('/security/totp/remove', (request, reply) =>
    attempt(request, reply, async () => {
      await totp.remove(ownSession(), senderOf(request));
      return { notice: 'The authenticator app is removed.' };
    }),
  );

  app.post('/security/recovery-codes', (request, reply) =>
    attempt(request, reply, async () => ({
      secrets: await recoveryCodes.renew(ownSession(), senderOf(request)),
    })),
  );

  app.post<{ Params: { id: string } }>('/security/passkeys/:id/remove', (request, reply) =>
    attempt(request, reply, async () => {
      await passkeys.remove({ ...ownSession(), id: request.params.id }, senderOf(request));
      return { notice: 'The passkey is removed.' };
    }),
  );

  app.post<{ Params: { id: string }; Body: { name: string } }>(
    '/security/passkeys/:id/rename',
    { schema: { body: body('name') } },
    (request, reply) =>
      attempt(request, reply, async () => {
        const input = { ...ownSession(), id: request.params.id, name: request.body.name };
        await passkeys.rename(input, senderOf(request));
        return { notice: 'The passkey has its new name.' };
      }),
  );

  app.post<{ Params: { id: string } }>('/security/sessions/:id/end', (request, reply) =>
    attempt(request, reply, async () => {
      await sessions.revoke(sessionOf(services).personId, request.params.id);
      return { notice: 'That session is ended.' };
    }),
  );

  // For the script: a passkey is made between two requests.
  app.post('/security/passkeys/options', () => passkeys.begin(ownSession()));
  app.post<{ Body: { flow: string; name: string; response: unknown } }>(
    '/security/passkeys',
    async (request) => {
      const { flow, name } = request.body;
      // Bulkhead checks what it is given; nothing of it is used here.
      const response = request.body.response as Parameters<typeof passkeys.add>[0]['response'];
      const added = await passkeys.add(
        { ...ownSession(), flow, name, response },
        senderOf(request),
      );
      return { recoveryCodes: added.recoveryCodes };
    },
  );

  // Proving oneself again.
  app.get('/security/confirm', async (request, reply) => {
    const { flow, next } = await signIn.stepUp(ownSession(), senderOf(request));
    return reply
      .header('set-cookie', flowCookie(flow))
      .type('text/html')
      .send(confirmPage(frameOf(services, request), { factors: next }));
  });

  app.post<{ Body: { kind: 'totp' | 'recovery_code' | 'password'; code: string } }>(
    '/security/confirm',
    { schema: { body: body('kind', 'code') } },
    async (request, reply) => {
      const flow = readCookie(request, FLOW_COOKIE) ?? '';
      const { kind, code } = request.body;
      const sender = senderOf(request);
      try {
        const step = await (kind === 'totp'
          ? signIn.totp({ flow, code }, sender)
          : kind === 'recovery_code'
            ? signIn.recoveryCode({ flow, code }, sender)
            : signIn.password({ flow, password: code }, sender));
        return reply.redirect(confirmed(request, reply, step), 303);
      } catch (error) {
        if (!isBulkheadError(error) || error.status >= 500) throw error;
        if (error.code === 'identity.flow_invalid') {
          return reply.redirect(`${baseOf(request)}/security/confirm`, 303);
        }
        return reply
          .code(error.status)
          .type('text/html')
          .send(
            confirmPage(frameOf(services, request), { factors: [kind], message: error.message }),
          );
      }
    },
  );

  app.post('/security/confirm/options', (request) =>
    signIn.passkeyOptions({ flow: readCookie(request, FLOW_COOKIE) ?? '' }, senderOf(request)),
  );
  app.post('/security/confirm/passkey', async (request, reply) => {
    const flow = readCookie(request, FLOW_COOKIE) ?? '';
    const response = request.body as Parameters<typeof signIn.passkey>[0]['response'];
    const step = await signIn.passkey({ flow, response }, senderOf(request));
    return { location: confirmed(request, reply, step) };
  });

  function confirmed(
    request: FastifyRequest,
    reply: FastifyReply,
    step: Awaited<ReturnType<typeof signIn.password>>,
  ): string {
    if (!step.done) return `${baseOf(request)}/security/confirm`;
    reply.header('set-cookie', [
      // The same session by a new token: the one from before the proof is worth nothing now.
      sessions.cookie.set(step.sessionToken, request.headers.host),
      flowCookie(''),
    ]);
    return `${baseOf(request)}/security`;
  }
}
