/** What the framework tests share: twenty tenants, an issuer, a gate, and requests over real HTTP. */
import { request as httpRequest } from 'node:http';
import { setImmediate as tick } from 'node:timers/promises';
import {
  createRequestGate,
  createTenantCache,
  parseIdentityConfig,
  type RequestGate,
  type TenantRecord,
} from '../../packages/bulkhead/src/identity/index.ts';
import {
  currentContext,
  parseTenantId,
  peekContext,
} from '../../packages/bulkhead/src/isolation/tenant-context.ts';
import type { Issuer } from '../support/issuer.ts';

export const TENANTS = 20;

export const tenants: readonly TenantRecord[] = Array.from({ length: TENANTS }, (_, n) => ({
  id: parseTenantId(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`),
  slug: `t${n}`,
  status: 'active',
}));

export function startGate(issuer: Issuer): RequestGate {
  const config = parseIdentityConfig({
    tenantFrom: [{ from: 'subdomain', of: 'app.example' }],
    jwt: [
      {
        issuer: issuer.iss,
        audience: issuer.audience,
        jwksUrl: issuer.jwksUrl,
        tenantClaim: 'tenant',
      },
    ],
    publicPaths: ['/health'],
  });
  const directory = createTenantCache(async (_how, value) => {
    await tick();
    return tenants.find(({ slug }) => slug === value) ?? null;
  });
  return createRequestGate(config, directory);
}

/** The slug a handler sees, the same after several turns of the event loop, or the error it meets. */
export async function seenSlug(): Promise<string> {
  const slug = slugHere();
  for (let turn = 0; turn < 3; turn += 1) {
    await tick();
    if (slugHere() !== slug) return 'changed';
  }
  return slug;
}

/** @throws `isolation.context_missing`, as a query would. */
export function slugHere(): string {
  const context = currentContext();
  return context.kind === 'tenant' ? (context.tenant.slug ?? 'nameless') : 'operator';
}

export const hasContext = (): boolean => peekContext() !== undefined;

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** fetch() can't set Host, and the Host is what this is about. */
export function ask(
  port: number,
  host: string,
  options: {
    path?: string;
    token?: string | undefined;
    cookie?: string | undefined;
    json?: unknown;
  } = {},
): Promise<Answer> {
  const body = options.json === undefined ? undefined : JSON.stringify(options.json);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path: options.path ?? '/slug',
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          host,
          ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
          ...(options.cookie !== undefined && { cookie: options.cookie }),
          ...(body !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          }),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      },
    );
    request.on('error', reject);
    // In two pieces, so that the body arrives after the handler chain has begun.
    if (body !== undefined) {
      request.write(body.slice(0, 3));
      setTimeout(() => request.end(body.slice(3)), 5);
    } else request.end();
  });
}
