/**
 * The notes app. Two lines make it a protected one; they are marked.
 *
 * Promises: every route below the middleware runs in the verified context of one tenant, or not at all.
 */
import { createBulkhead } from 'bulkhead';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import pg from 'pg';
import type { NotesBulkhead } from './actions.ts';
import { bulkheadConfig, type NotesSecrets, type NotesUrls } from './bulkhead-config.ts';
import { type LandingOrganization, landingPage } from './pages/door.ts';
import { ICON } from './pages/icon.ts';
import { PASSKEY_SCRIPT } from './pages/passkey-script.ts';
import { STYLESHEET } from './pages/stylesheet.ts';
import { notFound, problemAsPage, sendError } from './routes/errors.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { invoiceRoutes } from './routes/invoices.ts';
import { noteApiRoutes } from './routes/note-api.ts';
import { noteRoutes } from './routes/notes.ts';
import { overviewRoutes } from './routes/overview.ts';
import { forgotPasswordRoutes, resetPasswordRoutes } from './routes/password-reset.ts';
import { securityRoutes } from './routes/security.ts';
import { signInRoutes, signOutRoute } from './routes/sign-in.ts';
import { vulnerableRoutes } from './routes/vulnerable.ts';
import { assertOwnForm } from './same-origin.ts';
import { loadPerson, type Services } from './services.ts';

export interface NotesOptions extends NotesSecrets, NotesUrls {
  /** As the app's role. */
  readonly databaseUrl: string;
  /** Who can sign in where: the landing page shows it, together with everyone's password. */
  readonly organizations: readonly LandingOrganization[];
  readonly demoPassword: string;
  readonly connectionsMax?: number;
  /** Told of every answer with a status of 500 or more. */
  readonly onFailure?: (error: Error) => void;
}

export interface NotesApp {
  readonly server: FastifyInstance;
  readonly bulkhead: NotesBulkhead;
  /** The protected pool. */
  readonly pool: pg.Pool;
  /** Counts, proves and verifies by itself once it is started. */
  readonly controlPlane: ReturnType<NotesBulkhead['controlPlane']>;
  close(): Promise<void>;
}

/** The landing page; below a subdomain `/` is the organization's overview. */
const NO_SUBDOMAIN = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;
const BODY_BYTES_MAX = 256 * 1024;

const POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/** Passkeys and the links in mails need a script; no other page may run one. */
const PASSKEY_POLICY = `${POLICY}; script-src 'self'; connect-src 'self'`;
const PASSKEY_PAGE =
  /^(?:(?:\/t\/[^/?]+)?\/(?:sign-in|security)|\/invitation|\/reset-password)(?:[/?]|$)/;

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'private, no-store',
} as const;

const isForPrograms = (request: FastifyRequest): boolean =>
  /^(?:\/t\/[^/?]+)?\/api\//.test(request.url);

export async function buildApp(options: NotesOptions): Promise<NotesApp> {
  const bulkhead = createBulkhead(bulkheadConfig(options, options));
  // The first line: whatever runs on this pool runs as one tenant.
  const pool = bulkhead.protect(
    new pg.Pool({ connectionString: options.databaseUrl, max: options.connectionsMax ?? 8 }),
  );
  const organizations = new Map(options.organizations.map((one) => [one.slug, one.name]));
  const services: Services = { pool, audit: bulkhead.audit, bulkhead, organizations };

  const server = fastify({ bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true });
  server.addHook('onSend', async (request, reply, payload) => {
    const policy = PASSKEY_PAGE.test(request.url) ? PASSKEY_POLICY : POLICY;
    reply.headers({ ...SECURITY_HEADERS, 'content-security-policy': policy });
    return problemAsPage(request, reply, payload, (slug) => organizations.has(slug));
  });
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  server.setErrorHandler((error: Error, _request, reply) => {
    sendError(error, reply, options.onFailure);
  });
  server.setNotFoundHandler((_request, reply) => sendError(notFound(), reply));

  server.get('/style.css', async (_request, reply) => reply.type('text/css').send(STYLESHEET));
  server.get('/passkeys.js', async (_request, reply) =>
    reply.type('text/javascript').send(PASSKEY_SCRIPT),
  );
  // Browsers ask for the second by themselves, whatever the page says.
  for (const path of ['/favicon.svg', '/favicon.ico']) {
    server.get(path, async (_request, reply) => reply.type('image/svg+xml').send(ICON));
  }
  server.get('/', { constraints: { host: NO_SUBDOMAIN } }, async (_request, reply) =>
    reply.type('text/html').send(landingPage(options.organizations, options.demoPassword)),
  );

  await server.register(async (open) => invitationRoutes(open, services));
  await server.register(async (open) => resetPasswordRoutes(open, services));

  // The console, for those who run the product: before the middleware, because its gate is its own.
  const controlPlane = bulkhead.controlPlane();
  await server.register(controlPlane.fastify);

  // Each organization lives at `acme.localhost` and, where that does not resolve, at `/t/acme`.
  for (const prefix of ['', '/t/:tenant']) {
    await server.register(async (open) => signInRoutes(open, services), { prefix });
    await server.register(async (open) => forgotPasswordRoutes(open, services), { prefix });
    await server.register(
      async (scope) => {
        // The second line: no request gets further without a verified tenant.
        await scope.register(bulkhead.fastify());
        scope.addHook('preHandler', async (request) => {
          assertOwnForm(services, request);
          if (!isForPrograms(request)) await loadPerson(services, request);
        });
        overviewRoutes(scope, services);
        noteRoutes(scope, services);
        noteApiRoutes(scope, services);
        invoiceRoutes(scope, services);
        vulnerableRoutes(scope, services);
        securityRoutes(scope, services);
        signOutRoute(scope, services);
      },
      { prefix },
    );
  }

  return {
    server,
    bulkhead,
    pool,
    controlPlane,
    async close() {
      await server.close();
      await bulkhead.close();
    },
  };
}
