/**
 * Reads what an operation is asked, from path, query and body, by the operation's own schema.
 *
 * Promises: nothing larger than the bound is held; a body is taken only as what its Content-Type says; a field
 * that the schema does not know is an error, never ignored; no field of the prototype chain is ever set.
 */
import { z } from 'zod';
import { httpError } from '../errors.ts';
import { InputFaults } from './answer.ts';

type Kind = 'text' | 'number' | 'boolean' | 'list';

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}

/** Of each field that a query can hold, how its text is read. */
export function queryKinds(input: z.ZodType): ReadonlyMap<string, Kind> {
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Schema;
  return new Map(Object.entries(schema.properties ?? {}).map(([name, of]) => [name, kindOf(of)]));
}

function kindOf(schema: Schema): Kind {
  const schemas = [schema, ...(schema.anyOf ?? [])];
  const has = (type: string): boolean =>
    schemas.some(
      ({ type: given }) => given === type || (Array.isArray(given) && given.includes(type)),
    );
  if (has('array')) return 'list';
  if (has('string')) return 'text';
  if (has('integer') || has('number')) return 'number';
  return has('boolean') ? 'boolean' : 'text';
}

/** @throws InputFaults for a field that is named twice where one value is meant */
export function readQuery(
  search: URLSearchParams,
  kinds: ReadonlyMap<string, Kind>,
): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const name of new Set(search.keys())) {
    const texts = search.getAll(name);
    const kind = kinds.get(name) ?? 'text';
    if (kind === 'list') {
      fields.set(name, texts);
      continue;
    }
    const [text] = texts;
    if (texts.length > 1 || text === undefined) {
      throw new InputFaults([{ path: name, message: 'must be given once' }]);
    }
    fields.set(name, convert(text, kind));
  }
  return fields;
}

/** What reads as no number or boolean stays text, and the schema says so. */
function convert(text: string, kind: Kind): unknown {
  if (kind === 'number' && /^-?\d{1,15}(?:\.\d{1,10})?$/.test(text)) return Number(text);
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json(?:\s*;\s*charset\s*=\s*"?utf-8"?)?\s*$/i;

/**
 * The fields of a JSON object in the body; none of an empty body.
 *
 * @throws `http.media_type_unsupported`, `http.body_too_large`, `http.body_invalid`
 */
export async function readBody(
  request: Request,
  bytesMax: number,
): Promise<{ readonly text: string; readonly fields: Map<string, unknown> }> {
  const bytes = await readBytes(request, bytesMax);
  if (bytes.length === 0) return { text: '', fields: new Map() };
  const type = request.headers.get('content-type');
  if (type === null || !JSON_TYPE.test(type)) throw httpError('http.media_type_unsupported');
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw httpError('http.body_invalid');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw httpError('http.body_invalid');
  }
  return { text, fields: new Map(Object.entries(value)) };
}

async function readBytes(request: Request, bytesMax: number): Promise<Buffer> {
  const announced = Number(request.headers.get('content-length') ?? '0');
  if (announced > bytesMax) throw tooLarge();
  if (request.body === null) return Buffer.alloc(0);
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(pieces);
    size += value.byteLength;
    if (size > bytesMax) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    pieces.push(value);
  }
}

/** What is left of the body is not read, so nothing more can come on this connection. */
const tooLarge = (): Error =>
  Object.assign(httpError('http.body_too_large'), { headers: { connection: 'close' } });

/** @throws InputFaults */
export function parseInput(schema: z.ZodType, fields: ReadonlyMap<string, unknown>): unknown {
  // Object.fromEntries defines properties, so a field named __proto__ is a field like any other.
  const parsed = schema.safeParse(Object.fromEntries(fields));
  if (parsed.success) return parsed.data;
  throw new InputFaults(
    parsed.error.issues.slice(0, 20).map(({ path, message }) => ({
      path: path.map(String).join('.').slice(0, 200),
      message: message.slice(0, 300),
    })),
  );
}
