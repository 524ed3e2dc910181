/** Signing in and out. These run before any session, so the tenant comes from the address alone. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { NotesBulkhead } from '../actions.ts';
import { signInPage } from '../pages/door.ts';
import { passwordMatches } from '../password.ts';
import { assertSameOrigin } from '../same-origin.ts';
import { baseOf, type Services, slugOf } from '../services.ts';
import {
  issueSession,
  SESSION_LIFETIME_SECONDS,
  type Session,
  sessionCookieHeader,
} from '../session.ts';
import { notFound } from './errors.ts';

export interface SignInOptions {
  readonly services: Services;
  readonly bulkhead: NotesBulkhead;
  /** Names by slug: what a product would read from its own directory. */
  readonly organizations: ReadonlyMap<string, string>;
}

interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly password_hash: string;
  readonly tenant_id: string;
}

const credentials = {
  type: 'object',
  required: ['email', 'password'],
  properties: {
    email: { type: 'string', maxLength: 200 },
    password: { type: 'string', maxLength: 200 },
  },
} as const;

/** These routes run before the middleware, which otherwise knows where a request came from. */
function senderOf(request: FastifyRequest): { ip: string; userAgent?: string } {
  const agent = request.headers['user-agent']?.slice(0, 512);
  return { ip: request.ip, ...(agent && { userAgent: agent }) };
}

export function signInRoutes(app: FastifyInstance, options: SignInOptions): void {
  const { services, bulkhead, organizations } = options;

  function door(request: FastifyRequest): { base: string; slug: string; organization: string } {
    const slug = slugOf(request);
    const organization = organizations.get(slug);
    if (organization === undefined) throw notFound();
    return { base: baseOf(request), slug, organization };
  }

  app.get<{ Querystring: { email?: string } }>(
    '/sign-in',
    {
      schema: {
        querystring: { type: 'object', properties: { email: { type: 'string', maxLength: 200 } } },
      },
    },
    async (request, reply) =>
      reply
        .type('text/html')
        .send(signInPage({ ...door(request), email: request.query.email ?? '', failed: false })),
  );

  app.post<{ Body: { email: string; password: string } }>(
    '/sign-in',
    { schema: { body: credentials } },
    async (request, reply) => {
      assertSameOrigin(request);
      const { base, slug, organization } = door(request);
      const { email, password } = request.body;
      // Nobody is signed in yet: the app itself looks the person up, as the tenant of this address.
      const found = await bulkhead.asTenant(
        slug,
        () =>
          services.pool.query<Person>(
            'select id, name, email, password_hash, tenant_id from person where email = lower($1)',
            [email],
          ),
        { actor: { type: 'system', id: 'sign-in' } },
      );
      const person = found.rows[0];
      const matches = await passwordMatches(password, person?.password_hash);
      const sender = senderOf(request);
      if (person === undefined || !matches) {
        await bulkhead.asTenant(
          slug,
          () =>
            services.audit.enqueue({
              action: 'session.refused',
              outcome: 'denied',
              metadata: { method: 'password', account: email },
              ...sender,
            }),
          { actor: { type: 'system', id: 'sign-in' } },
        );
        return reply
          .code(401)
          .type('text/html')
          .send(signInPage({ base, slug, organization, email, failed: true }));
      }
      const session: Session = {
        personId: person.id,
        name: person.name,
        email: person.email,
        tenantId: person.tenant_id,
        tenantSlug: slug,
        organization,
        expiresAtMs: Date.now() + SESSION_LIFETIME_SECONDS * 1000,
      };
      // Acknowledged once it is committed: nobody is in who is not in the log.
      await bulkhead.asTenant(
        slug,
        () =>
          services.audit.enqueue({
            action: 'session.started',
            metadata: { method: 'password' },
            ...sender,
          }),
        { actor: { type: 'user', id: person.id, name: person.name } },
      );
      return reply
        .header(
          'set-cookie',
          sessionCookieHeader(issueSession(services.sessionSecret, session), base || '/'),
        )
        .redirect(`${base}/`, 303);
    },
  );
}

/** Below the middleware, because only who is signed in can sign out (and must have meant to). */
export function signOutRoute(app: FastifyInstance, services: Services): void {
  app.post('/sign-out', async (request, reply) => {
    const base = baseOf(request);
    await services.audit.enqueue({ action: 'session.ended' });
    return reply
      .header('set-cookie', sessionCookieHeader('', base || '/'))
      .redirect(`${base}/sign-in`, 303);
  });
}
