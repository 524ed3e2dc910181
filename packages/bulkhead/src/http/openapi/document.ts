/**
 * The OpenAPI 3.1 document, made from the endpoints that are served: there is no second list to keep.
 */
import { z } from 'zod';
import type { ErrorCatalogue } from '../../kernel/errors.ts';
import type { Endpoint } from '../operation.ts';

type Json = Readonly<Record<string, unknown>>;

/** Refusals that any endpoint may answer with, before its operation is asked. */
const ALWAYS = [
  'http.too_many_requests',
  'http.database_busy',
  'http.host_unknown',
  'http.unexpected',
];
/** What the gate may answer to whoever carries credentials. */
const SIGNED_IN = [
  'identity.credentials_missing',
  'identity.credentials_ambiguous',
  'identity.credentials_unavailable',
  'identity.token_invalid',
  'identity.session_invalid',
  'identity.session_shut_out',
  'identity.api_key_invalid',
  'identity.tenant_disabled',
  'identity.tenant_suspended',
  'identity.tenant_closed',
  'identity.directory_unavailable',
  'policies.address_not_allowed',
  'policies.session_ended',
  'policies.key_too_old',
  'policies.scope_not_allowed',
  'policies.mfa_enrolment_required',
  'policies.mfa_required',
  'policies.step_up_required',
  'policies.password_expired',
  'policies.unavailable',
  'access.unavailable',
  'http.absent',
  // The header is read wherever it is sent.
  'http.reason_missing',
];
const CHANGES = [
  'http.cross_site',
  'http.csrf_token_invalid',
  'http.idempotency_key_invalid',
  'http.idempotency_key_reused',
  'http.idempotency_conflict',
  'http.idempotency_outcome_unknown',
];

const ENTERED = {
  name: 'tenant',
  in: 'query',
  description:
    'By id or slug, the tenant that somebody is in who belongs to several. Operators need none.',
  schema: { type: 'string', minLength: 1, maxLength: 63 },
};
const REASON = {
  name: 'Bulkhead-Reason',
  in: 'header',
  description: 'Why, percent-encoded; operators must say it, members need not.',
  schema: { type: 'string', minLength: 1, maxLength: 3000 },
};
const IDEMPOTENCY = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'A name for this request: sent again under it, it is answered as before and not done again.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
};
const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  description: 'The ETag of what was read: the change is refused when it has changed since.',
  schema: { type: 'string' },
};

/** What the cookie is called unless `identity.sessions.cookieName` says otherwise, or the address is a local one. */
export const SESSION_COOKIE = '__Host-bulkhead_session';

export interface DocumentOptions {
  readonly endpoints: readonly Endpoint[];
  readonly errors: ErrorCatalogue;
  readonly version: string;
  /** Where it is reached, ending with `/api/v1`. */
  readonly serverUrl: string;
  /** The name of the cookie there. */
  readonly sessionCookie: string;
}

export function openApiDocument({
  endpoints,
  errors,
  version,
  serverUrl,
  sessionCookie,
}: DocumentOptions): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const endpoint of endpoints) {
    const { route } = endpoint;
    paths[route.path] ??= {};
    // Just made, where it was not there.
    (paths[route.path] as Record<string, Json>)[route.method.toLowerCase()] = operationObject(
      endpoint,
      errors,
    );
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bulkhead control plane',
      version,
      description:
        'Tenants, people, access, policies, isolation and the audit log of a product that Bulkhead protects. Operators work across tenants; members of a tenant in theirs alone, and what belongs to another tenant answers like what is not there.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: serverUrl }],
    tags: [...new Set(endpoints.map(({ operation }) => tagOf(operation.name)))].map((name) => ({
      name,
    })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or an access token.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookie,
          description: 'Changes also need the header `X-CSRF-Token`, from GET /me.',
        },
      },
      schemas: { Problem: problemSchema(errors) },
      responses: {
        Problem: {
          description: 'Refused, or failed.',
          content: {
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          },
        },
      },
    },
  };
}

export const tagOf = (operation: string): string => operation.split('.', 1)[0] ?? operation;

function operationObject({ route, scope, operation }: Endpoint, errors: ErrorCatalogue): Json {
  const input = schemaOf(operation.input, 'input');
  const properties = (input.properties ?? {}) as Record<string, Json>;
  const required = new Set((input.required ?? []) as string[]);
  const inPath = [...route.path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? '');
  const takesBody = route.method === 'POST' || route.method === 'PUT' || route.method === 'PATCH';
  const rest = Object.keys(properties).filter((name) => !inPath.includes(name));
  const parameters: Json[] = inPath.map((name) => ({
    name,
    in: 'path',
    required: true,
    ...(name === 'tenant'
      ? {
          description: 'The tenant’s id or slug.',
          schema: { type: 'string', minLength: 1, maxLength: 63 },
        }
      : described(properties[name] ?? { type: 'string' })),
  }));
  if (!takesBody) {
    for (const name of rest) {
      parameters.push({
        name,
        in: 'query',
        ...(required.has(name) && { required: true }),
        ...described(properties[name] ?? {}),
      });
    }
  }
  if (scope === 'signed-in') parameters.push(ENTERED);
  if (scope === 'tenant') parameters.push(REASON);
  if (operation.kind === 'change' && scope !== 'public') parameters.push(IDEMPOTENCY);
  if (route.etagOf !== undefined) parameters.push(IF_MATCH);
  const body = takesBody && rest.length > 0 && bodyOf(input, rest, required);
  return {
    operationId: operation.name,
    tags: [tagOf(operation.name)],
    summary: operation.summary,
    description: describe(operation, scope),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: rest.some((name) => required.has(name)),
        content: { 'application/json': { schema: body } },
      },
    }),
    security: scope === 'public' ? [] : [{ bearer: [] }, { session: [] }],
    responses: responses({ route, scope, operation }, errors),
    ...(operation.permission !== null && { 'x-permission': operation.permission }),
    'x-scope': scope,
    ...(operation.event !== undefined && { 'x-event': operation.event }),
  };
}

function describe(
  { description, permission, event }: Endpoint['operation'],
  scope: string,
): string {
  const sentences = [
    description,
    permission === null ? undefined : `Needs the permission \`${permission}\`.`,
    scope === 'operators' ? 'For operators alone.' : undefined,
    event === undefined ? undefined : `Recorded as \`${event}\`.`,
  ];
  return sentences.filter((sentence) => sentence !== undefined).join(' ');
}

function responses({ route, scope, operation }: Endpoint, errors: ErrorCatalogue): Json {
  const status = String(route.status ?? 200);
  const { output } = operation;
  const content =
    'stream' in output
      ? Object.fromEntries(output.stream.map((type) => [type, { schema: { type: 'string' } }]))
      : { 'application/json': { schema: schemaOf(output, 'output') } };
  const codes = [
    ...new Set([
      ...operation.errors,
      ...ALWAYS,
      'http.input_invalid',
      ...(operation.room === 'http' ? [] : ['kernel.input_invalid']),
      ...(scope === 'public' ? [] : SIGNED_IN),
      ...(scope === 'operators' ? ['http.operators_only'] : []),
      ...(operation.kind === 'change' ? CHANGES : []),
      ...(operation.kind === 'change' && route.etagOf === undefined
        ? ['http.precondition_unsupported']
        : []),
      ...(scope === 'public' && route.method !== 'GET' ? ['http.cross_site'] : []),
      ...(operation.permission === null ? [] : ['access.denied']),
      ...(route.etagOf === undefined ? [] : ['http.precondition_failed']),
      ...(['POST', 'PUT', 'PATCH'].includes(route.method)
        ? ['http.body_invalid', 'http.body_too_large', 'http.media_type_unsupported']
        : []),
    ]),
  ];
  const byStatus = new Map<string, string[]>();
  for (const code of codes) {
    const entry = errors[code];
    if (entry === undefined) continue;
    const key = String(entry.status);
    byStatus.set(key, [...(byStatus.get(key) ?? []), `\`${code}\`: ${entry.title}`]);
  }
  const problems = Object.fromEntries(
    [...byStatus].map(([key, lines]) => [
      key,
      {
        description: lines.join('\n\n'),
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
    ]),
  );
  const done: Json =
    status === '204'
      ? { description: 'Done.' }
      : {
          description: operation.summary,
          content,
          ...(operation.kind === 'read' && { headers: ETAG }),
        };
  return { [status]: done, ...problems, default: { $ref: '#/components/responses/Problem' } };
}

const ETAG = {
  ETag: { description: 'Names this state of the answer.', schema: { type: 'string' } },
};

function bodyOf(input: Json, fields: readonly string[], required: ReadonlySet<string>): Json {
  const properties = input.properties as Record<string, Json>;
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((name) => [name, properties[name] ?? {}])),
    ...(fields.some((name) => required.has(name)) && {
      required: fields.filter((name) => required.has(name)),
    }),
    additionalProperties: false,
  };
}

/** A parameter's description stands beside its schema. */
function described(schema: Json): Json {
  const { description, ...rest } = schema;
  return { ...(description !== undefined && { description }), schema: rest };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    reused: 'inline',
  }) as Json & {
    $schema?: unknown;
  };
  return rest;
}

function problemSchema(errors: ErrorCatalogue): Json {
  return {
    type: 'object',
    description: 'Problem details (RFC 9457).',
    properties: {
      type: { type: 'string', description: 'urn:bulkhead:error: and the code.' },
      title: { type: 'string', description: 'One sentence, to be shown to people.' },
      status: { type: 'integer' },
      code: {
        type: 'string',
        description: 'Never changes; compare this.',
        examples: Object.keys(errors).slice(0, 3),
      },
      next: { type: 'string', description: 'What to do about it.' },
      errors: {
        type: 'array',
        items: {
          type: 'object',
          properties: { path: { type: 'string' }, message: { type: 'string' } },
          required: ['path', 'message'],
        },
      },
      requestId: { type: 'string' },
    },
    required: ['type', 'title', 'status', 'code', 'next'],
  };
}
