/**
 * A forgotten password: a link by mail, and a new password by the link.
 *
 * Promises: whoever asks is told the same whether or not the address is anybody's; the link's token goes from the
 * address into a form at once and is sent nowhere else.
 */
import { isBulkheadError } from 'bulkhead';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DOOR_COOKIE, doorCookie, newDoor, readCookie } from '../cookies.ts';
import {
  forgotPasswordPage,
  linkDeadPage,
  newPasswordPage,
  passwordChangedPage,
  RESET_SCRIPT,
  resetRequestedPage,
} from '../pages/password-reset.ts';
import { assertOwnDoor, doorToken } from '../same-origin.ts';
import { type Services, senderOf } from '../services.ts';
import { openDoor } from './door.ts';

const text = { type: 'string', maxLength: 1_000 } as const;
const body = (...names: string[]) => ({
  type: 'object',
  required: names,
  properties: Object.fromEntries(names.map((name) => [name, text])),
});
const query = (name: string) => ({ type: 'object', properties: { [name]: text } });

/** What a person can do something about; anything else is an error of its own. */
function refusalOf(error: unknown): { status: number; message: string } {
  if (!isBulkheadError(error) || error.status >= 500) throw error;
  return { status: error.status, message: error.message };
}

/** At an organization's door. */
export function forgotPasswordRoutes(app: FastifyInstance, services: Services): void {
  const { passwords } = services.bulkhead.identity;

  app.get<{ Querystring: { email?: string } }>(
    '/forgot-password',
    { schema: { querystring: query('email') } },
    async (request, reply) => {
      const door = openDoor(services, request, reply);
      return reply
        .type('text/html')
        .send(forgotPasswordPage(door, { email: request.query.email ?? '' }));
    },
  );

  app.post<{ Body: { email: string } }>(
    '/forgot-password',
    { schema: { body: body('email') } },
    async (request, reply) => {
      const door = openDoor(services, request, reply);
      assertOwnDoor(services, request);
      const { email } = request.body;
      try {
        await passwords.requestReset({ email }, senderOf(request));
      } catch (error) {
        const { status, message } = refusalOf(error);
        return reply
          .code(status)
          .type('text/html')
          .send(forgotPasswordPage(door, { email, message }));
      }
      return reply.type('text/html').send(resetRequestedPage(door));
    },
  );
}

/** Where the link leads: it is a person's, whichever organizations they are in. */
export function resetPasswordRoutes(app: FastifyInstance, services: Services): void {
  const { passwords } = services.bulkhead.identity;

  const formTokenFor = (request: FastifyRequest, reply: FastifyReply): string => {
    let door = readCookie(request, DOOR_COOKIE);
    if (door === undefined) {
      door = newDoor();
      reply.header('set-cookie', doorCookie(door));
    }
    return doorToken(services, door);
  };

  app.get('/reset-password', async (request, reply) =>
    reply.type('text/html').send(newPasswordPage({ formToken: formTokenFor(request, reply) })),
  );
  app.get('/reset-password.js', async (_request, reply) =>
    reply.type('text/javascript').send(RESET_SCRIPT),
  );

  app.post<{ Body: { token: string; password: string } }>(
    '/reset-password',
    { schema: { body: body('token', 'password') } },
    async (request, reply) => {
      assertOwnDoor(services, request);
      const { token, password } = request.body;
      try {
        await passwords.reset({ token, password }, senderOf(request));
      } catch (error) {
        const { status, message } = refusalOf(error);
        const page = isBulkheadError(error, 'identity.reset_invalid')
          ? linkDeadPage()
          : newPasswordPage({ formToken: formTokenFor(request, reply), token, message });
        return reply.code(status).type('text/html').send(page);
      }
      return reply.type('text/html').send(passwordChangedPage());
    },
  );
}
