/**
 * Requests made from the API's own description: valid, nearly valid and hostile ones, sent as several people of
 * several tenants, and every answer held to its schema.
 *
 * What may shut a tenant out or take its people away is aimed at a tenant of its own, so that the others stay
 * worth attacking.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';

type Json = Record<string, unknown>;
type Parameter = { name: string; in: string; required?: boolean; schema: Json };

export interface DescribedOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Json | undefined;
  readonly bodyRequired: boolean;
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema: Json }> }>>;
}

/** A request before what was learned so far is filled in. */
export interface Plan {
  readonly operation: DescribedOperation;
  readonly actor: number;
  readonly method: string | undefined;
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: readonly (readonly [name: string, value: unknown])[];
  readonly body: unknown;
  readonly rawBody: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

export function describedOperations(document: Json): DescribedOperation[] {
  const paths = document.paths as Record<string, Record<string, Json>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const body = operation.requestBody as
        | { required?: boolean; content: Record<string, { schema: Json }> }
        | undefined;
      return {
        id: String(operation.operationId),
        method: method.toUpperCase(),
        path,
        parameters: (operation.parameters ?? []) as Parameter[],
        body: body?.content['application/json']?.schema,
        bodyRequired: body?.required === true,
        responses: operation.responses as DescribedOperation['responses'],
      };
    }),
  );
}

/** Stands for a value that an answer held under this name. */
interface Learned {
  readonly $learned: string;
  readonly at: number;
}
const learned = (name: string): fc.Arbitrary<Learned> =>
  fc.nat(10_000).map((at) => ({ $learned: name, at }));
const isLearned = (value: unknown): value is Learned =>
  typeof value === 'object' && value !== null && '$learned' in value;

const HOSTILE = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\u202eevil',
  '\ud800',
  '😀'.repeat(40),
  'é'.normalize('NFD'),
  'ı',
  '__proto__',
  'constructor',
  'toString',
  "' or '1'='1",
  "'; drop table bulkhead.tenant; --",
  "1' union select bulkhead.tenant_id()::text --",
  '%27%20or%201=1',
  '$1',
  '#{7*7}',
  '{{7*7}}',
  '../../../etc/passwd',
  '..%2f..%2f',
  '.',
  '..',
  '/',
  '\\',
  'a/b',
  'a?b#c',
  '%',
  '%00',
  '%c3%28',
  '\r\nset-cookie: a=b',
  'a\nb',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '=cmd|" /c calc"!a0',
  'NaN',
  'Infinity',
  '-0',
  '1e400',
  '9223372036854775808',
  '99999999999999999999999999',
  '0x10',
  'null',
  'true',
  '[]',
  '{}',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'x'.repeat(5_000),
  '0000-00-00T00:00:00Z',
  '9999-12-31T23:59:60Z',
  '+999999-01-01T00:00:00Z',
  '294277-01-01T00:00:00Z',
  '-4714-01-01T00:00:00Z',
  'postgres://a:b@127.0.0.1/x',
  'file:///etc/passwd',
  'javascript:alert(1)',
];
const hostileText = fc.constantFrom(...HOSTILE);
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: hostileText, weight: 4 },
  fc.constantFrom<unknown>(null, true, -1, 0, 1.5, 2 ** 31, 2 ** 53, 1e308, -1e308, [], {}, [[]]),
  fc.constantFrom<unknown>({ toString: 1 }, { length: 1e9 }, [null], { __proto__x: {} }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values that the schema takes. */
function valid(schema: Json, name: string, depth = 0): fc.Arbitrary<unknown> {
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  if ('const' in schema) return fc.constant(schema.const);
  const choices = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (choices !== undefined) return fc.oneof(...choices.map((each) => valid(each, name, depth)));
  switch (schema.type) {
    case 'string':
      return validText(schema, name);
    case 'integer':
    case 'number': {
      const min = Math.max(Number(schema.minimum ?? -1e9), -1e15);
      return fc.integer({ min, max: Math.max(min, Math.min(Number(schema.maximum ?? 1e9), 1e15)) });
    }
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valid((schema.items ?? {}) as Json, name, depth + 1), {
        minLength: Number(schema.minItems ?? 0),
        maxLength: Math.max(
          Number(schema.minItems ?? 0),
          Math.min(4, Number(schema.maxItems ?? 4)),
        ),
      });
    case 'object':
      return validObject(schema, depth);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function validText(schema: Json, name: string): fc.Arbitrary<unknown> {
  const { format, pattern, minLength = 0, maxLength = 60 } = schema;
  const known = learned(name);
  if (format === 'uuid') return fc.oneof({ arbitrary: known, weight: 8 }, fc.uuid());
  if (format === 'email') {
    return fc.stringMatching(/^[a-z]{1,8}$/).map((local) => `${local}@fuzz.example`);
  }
  if (format === 'date-time') {
    return fc
      .date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
  }
  const length = { minLength: Number(minLength), maxLength: Math.min(60, Number(maxLength)) };
  const free =
    typeof pattern === 'string' && !pattern.includes('\\p')
      ? fc.stringMatching(new RegExp(pattern, 'u')).map((text) => text.slice(0, Number(maxLength)))
      : fc.oneof(fc.string({ ...length, unit: 'grapheme' }), fc.string(length));
  return fc.oneof({ arbitrary: known, weight: 2 }, { arbitrary: free, weight: 3 });
}

function validObject(schema: Json, depth: number): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>);
  const required = new Set((schema.required ?? []) as string[]);
  const fields = properties.map(([name, of]) => {
    const value = valid(of, name, depth + 1).map((given) => [name, given] as const);
    return required.has(name) ? value : seldom(value, 2);
  });
  return fc
    .tuple(...fields)
    .map((given) => Object.fromEntries(given.filter((field) => field !== undefined)));
}

/** Once in `times`; otherwise undefined. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>, times: number): fc.Arbitrary<T | undefined> =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: times - 1 }, { arbitrary, weight: 1 });

/** A valid object with one thing wrong. */
const spoiled = (object: unknown): fc.Arbitrary<unknown> => {
  const entries = Object.entries((object ?? {}) as Json);
  return fc
    .tuple(
      fc.nat(Math.max(0, entries.length - 1)),
      hostileValue,
      fc.constantFrom('value', 'gone', 'more'),
      hostileText,
    )
    .map(([at, value, how, more]) => {
      if (how === 'more') return { ...(object as Json), [more]: value };
      return Object.fromEntries(
        entries.flatMap(([name, given], n) =>
          n !== at ? [[name, given]] : how === 'gone' ? [] : [[name, value]],
        ),
      );
    });
};

/** Headers carry Latin-1 without line breaks; what else there is, the network refuses before us. */
const headerText = fc.oneof(
  hostileText.map((text) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 4_000)),
  fc.stringMatching(/^[\x20-\xff]{0,40}$/),
);
const oddHeaders: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom(
    'bulkhead-reason',
    'idempotency-key',
    'if-match',
    'if-none-match',
    'accept',
    'x-request-id',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-http-method-override',
    'content-type',
    'origin',
    'sec-fetch-site',
    'cookie',
    'range',
    'last-event-id',
    'x-csrf-token',
    'bulkhead-tenant',
    'user-agent',
    'traceparent',
  ),
  headerText,
  { maxKeys: 3 },
);

/** What shuts out or takes away is done to a tenant that nothing else is asked about. */
export const DESTRUCTIVE: ReadonlySet<string> = new Set([
  'tenant.disable',
  'tenant.close',
  'member.remove',
  'member.suspend',
  'member.leave',
  'ownership.transfer',
  'policy.set',
  'grant.revoke',
  'grant.change_end',
  'service_account.delete',
  'tenant.erase',
]);

/** Stands for the tenant of whoever asks. */
export const OWN = '$own';

export function planOf(
  operation: DescribedOperation,
  actors: number,
  tenants: readonly string[],
): fc.Arbitrary<Plan> {
  const named = operation.parameters.filter(({ in: place }) => place === 'path');
  const asked = operation.parameters.filter(({ in: place }) => place === 'query');
  const segment = ({ name, schema }: Parameter): fc.Arbitrary<unknown> =>
    fc.oneof(
      {
        arbitrary:
          name === 'tenant'
            ? fc.oneof(fc.constant(OWN), fc.constantFrom(...tenants))
            : valid(schema, name),
        weight: name === 'tenant' ? 20 : 4,
      },
      { arbitrary: learned(name), weight: name === 'tenant' ? 0 : 6 },
      { arbitrary: hostileText, weight: 1 },
    );
  const path = fc
    .tuple(
      ...named.map((parameter) =>
        segment(parameter).map((value) => [parameter.name, value] as const),
      ),
    )
    .map((entries) => Object.fromEntries(entries));
  const query = fc
    .tuple(
      ...asked.map(({ name, schema, required }) =>
        fc
          .oneof(
            { arbitrary: fc.constant(undefined), weight: required === true ? 1 : 9 },
            { arbitrary: valid(schema, name), weight: 5 },
            { arbitrary: hostileText, weight: 1 },
          )
          .map((value) => [name, value] as const),
      ),
      seldom(
        fc.tuple(
          fc.oneof(hostileText, fc.constantFrom('after', 'limit', 'tenant', 'id')),
          hostileText,
        ),
        12,
      ).map((odd) => odd ?? (['', undefined] as const)),
    )
    .map((pairs) => pairs.filter(([, value]) => value !== undefined));
  const body =
    operation.body === undefined
      ? seldom(hostileValue, 20)
      : valid(operation.body, 'body').chain((object) =>
          fc.oneof(
            { arbitrary: fc.constant(object), weight: 5 },
            { arbitrary: spoiled(object), weight: 3 },
            { arbitrary: hostileValue, weight: 1 },
          ),
        );
  return fc.record({
    operation: fc.constant(operation),
    actor: fc.nat(actors - 1),
    method: seldom(fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'), 40),
    path,
    query,
    body,
    rawBody: seldom(
      fc.oneof(
        hostileText,
        fc.constantFrom(
          '{',
          '[1]',
          '"x"',
          '{"a":1}{"b":2}',
          '\ufeff{}',
          '{"a":1,"a":2}',
          `{"a":${'['.repeat(3_000)}`,
        ),
      ),
      30,
    ),
    headers: fc.oneof(
      { arbitrary: fc.constant({}), weight: 3 },
      { arbitrary: oddHeaders, weight: 1 },
    ),
  });
}

/** What answers have shown so far, by the name under which they showed it. */
/** @param secrets of one tenant, which the fuzz itself must not carry to another */
export function createMemory(secrets: readonly string[]) {
  const values = new Map<string, unknown[]>();
  const keep = (name: string, value: unknown): void => {
    const known = values.get(name) ?? [];
    if (known.includes(value)) return;
    known.push(value);
    // The newest are the likeliest to be there still.
    if (known.length > 400) known.shift();
    values.set(name, known);
  };
  const learn = (value: unknown, name = ''): void => {
    if (Array.isArray(value)) for (const each of value.slice(0, 50)) learn(each, name);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, each] of Object.entries(value)) learn(each, key);
    } else if (typeof value === 'string' && value.length <= 4_000) {
      if (secrets.some((secret) => value.includes(secret))) return;
      keep(name, value);
      if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value)) keep('id', value);
      if (name === 'next') keep('after', value);
      if (name === 'id')
        for (const other of ['event', 'job', 'user', 'node', 'tenant']) keep(other, value);
    }
  };
  const fill = (value: unknown): unknown => {
    if (isLearned(value)) {
      const known = values.get(value.$learned) ?? values.get('id') ?? ['x'];
      return known[value.at % known.length];
    }
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each)]));
    }
    return value;
  };
  return { learn, fill };
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

/** The request itself; undefined where no client could send it. */
export function requestOf(
  plan: Plan,
  base: string,
  headers: Readonly<Record<string, string>>,
  fill: (value: unknown) => unknown,
): { request: Request; said: string; isItsAddress: boolean } | undefined {
  const { operation } = plan;
  let isItsAddress = plan.method === undefined || plan.method === operation.method;
  const path = operation.path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    const text = textOf(fill(plan.path[name]));
    // A client would not send these: they are another address.
    if (text === '' || text === '.' || text === '..' || text.startsWith('%')) isItsAddress = false;
    // Half of a pair of surrogates has no UTF-8; some percent signs are sent as they are.
    return /^%/.test(text) ? text : encodeURIComponent(Buffer.from(text).toString());
  });
  const search = new URLSearchParams();
  for (const [name, value] of plan.query) {
    const filled = fill(value);
    for (const each of Array.isArray(filled) ? filled : [filled]) search.append(name, textOf(each));
  }
  const method = plan.method ?? operation.method;
  const takesBody = method !== 'GET' && method !== 'HEAD';
  const filled = fill(plan.body);
  const text = plan.rawBody ?? (filled === undefined ? undefined : JSON.stringify(filled));
  const all = {
    ...headers,
    ...(takesBody && text !== undefined && { 'content-type': 'application/json' }),
    ...plan.headers,
  };
  try {
    const request = new Request(`${base}${path}${search.size > 0 ? `?${search}` : ''}`, {
      method,
      headers: all,
      ...(takesBody && text !== undefined && { body: text }),
    });
    return {
      request,
      isItsAddress,
      said: `${method} ${path}?${search}\n${JSON.stringify(all)}\n${text ?? ''}`,
    };
  } catch {
    return undefined;
  }
}

/** Checks answers against the description. */
export function createJudge(document: Json) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
  ajv.addSchema({ ...document, $id: 'api' });
  const checks = new Map<Json, ValidateFunction>();
  const check = (schema: Json): ValidateFunction => {
    let found = checks.get(schema);
    if (found === undefined) {
      found = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')));
      checks.set(schema, found);
    }
    return found;
  };
  const problem = (document.components as { schemas: { Problem: Json } }).schemas.Problem;
  return (
    operation: DescribedOperation,
    isItsMethod: boolean,
    status: number,
    type: string | null,
    text: string,
  ): string[] => {
    if (status === 304 || status === 204) return text === '' ? [] : [`${status} with a body`];
    const mediaType = type?.split(';', 1)[0] ?? '';
    if (status >= 400) {
      if (text === '' && !isItsMethod) return [];
      if (mediaType !== 'application/problem+json') return [`a refusal as ${mediaType}`];
      const body = JSON.parse(text) as { status: number; code: string };
      const holds = check(problem);
      if (!holds(body)) return [`a problem off its schema: ${ajv.errorsText(holds.errors)}`];
      if (body.status !== status) return [`a problem of ${body.status} with status ${status}`];
      if (!isItsMethod) return [];
      const of = operation.responses[String(status)] as { description?: string } | undefined;
      return of?.description?.includes(`\`${body.code}\``) === true
        ? []
        : [`undocumented: ${status} ${body.code}`];
    }
    if (!isItsMethod) return [];
    const of = operation.responses[String(status)];
    if (of === undefined) return [`undocumented: ${status}`];
    const content = of.content ?? {};
    const schema = content[mediaType]?.schema;
    if (schema === undefined) return [`undocumented: ${status} as ${mediaType}`];
    if (mediaType !== 'application/json') return [];
    const holds = check(schema);
    return holds(JSON.parse(text)) ? [] : [`off its schema: ${ajv.errorsText(holds.errors)}`];
  };
}
