/**
 * Coming in by an invitation, and the mailbox that the demo has instead of a mail server.
 *
 * These run before any session: whoever has the link has the mailbox it was sent to. The token stands behind the
 * # of the link, so the page's script sends it, as JSON, which no form of another site can.
 */
import type { FastifyInstance } from 'fastify';
import { INVITATION_SCRIPT, invitationPage, mailboxPage } from '../pages/invitations.ts';
import { type Services, senderOf } from '../services.ts';

const text = { type: 'string', maxLength: 1_000 } as const;
const body = (...names: string[]) => ({
  type: 'object',
  required: names,
  additionalProperties: false,
  properties: Object.fromEntries(names.map((name) => [name, text])),
});

export function invitationRoutes(app: FastifyInstance, services: Services): void {
  const { invitations, mail, sessions, users } = services.bulkhead.identity;

  app.get('/mailbox', async (_request, reply) =>
    reply.type('text/html').send(mailboxPage(await mail.mailbox())),
  );
  app.get('/invitation', async (_request, reply) => reply.type('text/html').send(invitationPage()));
  app.get('/invitation.js', async (_request, reply) =>
    reply.type('text/javascript').send(INVITATION_SCRIPT),
  );
  app.post<{ Body: { token: string } }>(
    '/api/invitation/look',
    { schema: { body: body('token') } },
    async ({ body: { token } }) => invitations.look({ token }),
  );
  app.post<{ Body: { token: string; name: string; password: string } }>(
    '/api/invitation/accept',
    { schema: { body: body('token', 'name', 'password') } },
    async (request, reply) => {
      const { tenantId, userId, slug, sessionToken } = await invitations.register(
        request.body,
        senderOf(request),
      );
      const user = await users.find({ id: userId });
      // The app's own row, under its walls like any other.
      await services.bulkhead.asTenant(
        tenantId,
        () =>
          services.pool.query(`insert into person (id, name, email) values ($1, $2, $3)`, [
            userId,
            user?.name,
            user?.email,
          ]),
        { actor: { type: 'user', id: userId } },
      );
      return reply
        .header('set-cookie', sessions.cookie.set(sessionToken, request.headers.host))
        .send({ location: `/t/${slug}/` });
    },
  );
}
