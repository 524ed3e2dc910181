/**
 * Guard and server must read a text alike, or one could be shown a harmless statement and run another.
 * Under the settings that the pool pins they do, whatever the encoding of the database.
 */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createGuard, type Guard, loadGuard } from './index.ts';
import { parse } from './parser.ts';

const run = randomBytes(4).toString('hex');
const encodings = ['UTF8', 'SQL_ASCII', 'LATIN1'];
const clients = new Map<string, pg.Client>();
let guard: Guard;

const nameOf = (encoding: string) => `test_guard_${run}_${encoding.toLowerCase()}`;

async function asSuperuser(text: (name: string, encoding: string) => string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('superuserUrl') });
  await client.connect();
  try {
    for (const encoding of encodings) await client.query(text(nameOf(encoding), encoding));
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  await loadGuard();
  guard = createGuard({ functions: [], relations: [], statements: [] });
  await asSuperuser(
    (name, encoding) =>
      `create database ${name} template template0 encoding '${encoding}' locale 'C'`,
  );
  for (const encoding of encodings) {
    const url = new URL(inject('superuserUrl'));
    url.pathname = `/${nameOf(encoding)}`;
    const client = new pg.Client({
      connectionString: url.href,
      options:
        '-c standard_conforming_strings=on -c backslash_quote=safe_encoding -c statement_timeout=5s',
    });
    await client.connect();
    clients.set(encoding, client);
  }
});

afterAll(async () => {
  for (const client of clients.values()) await client.end();
  await asSuperuser((name) => `drop database if exists ${name} with (force)`);
});

function clientFor(encoding: string): pg.Client {
  const client = clients.get(encoding);
  if (client === undefined) throw new Error(`no client for ${encoding}`);
  return client;
}

/** Runs a text over the extended protocol, as the pool does; says how the server took it and whether it set the probe. */
async function serverTakes(client: pg.Client, text: string) {
  let reading: 'read' | 'syntax' | 'unconvertible' = 'read';
  try {
    await client.query({ text, queryMode: 'extended' } as pg.QueryConfig);
  } catch (error) {
    const { file, code } = error as pg.DatabaseError;
    if (['scan.l', 'gram.y', 'scansup.c', 'parser.c'].includes(file ?? '')) reading = 'syntax';
    // A character that the database's encoding lacks: the server refuses the text before or while reading it.
    if (['22P05', '22021', '0A000'].includes(code ?? '')) reading = 'unconvertible';
  }
  const probe = await client.query("select current_setting('guard.probe', true) as probe");
  const hit = probe.rows[0].probe === 'hit';
  if (hit) await client.query("set guard.probe = ''");
  return { reading, hit };
}

/** Pieces out of which a text reads quite differently when one quote, escape or comment is seen otherwise. */
const pieces = fc.constantFrom(
  ...[
    "'",
    "''",
    '"',
    '$$',
    '$a$',
    "E'",
    "e'",
    "U&'",
    'U&"',
    "N'",
    "B'",
    "X'",
    '\\',
    "\\'",
    '\\\\',
    '\\0027',
    '\\x27',
  ],
  ...[
    '/*',
    '*/',
    '--',
    '\n',
    '\r',
    '\t',
    '\f',
    '\v',
    ';',
    ',',
    '(',
    ')',
    ' ',
    ' uescape ',
    "'!'",
    '$1',
    '::text',
  ],
  ...[
    'é',
    'ÿ',
    'İ',
    '\u00a0',
    '\u2028',
    '\ufeff',
    '中',
    '😀',
    '\u0001',
    '\u007f',
    'a',
    '1',
    '.',
    ':',
    '@',
    '|',
    '+',
  ],
  ...[
    'select ',
    ' as ',
    ' null ',
    "set_config('guard.probe', 'hit', false)",
    'set_config($$guard.probe$$,$$hit$$,false)',
  ],
);

describe.each(encodings)('in a database encoded in %s', (encoding) => {
  it('a text is valid for the guard exactly if it is for the server, and what is allowed never sets anything', async () => {
    const client = clientFor(encoding);
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 14 }), async (parts) => {
        const text = `select ${parts.join('')}`;
        const verdict = guard.inspect(text);
        const { reading, hit } = await serverTakes(client, text);
        if (verdict.allowed) expect(hit).toBe(false);
        if (reading === 'unconvertible') return;
        const unparsable = !verdict.allowed && verdict.code === 'isolation.statement_unparsable';
        // The guard's parser also takes a parameter for a name (`$1a`, `a $1`), and PostgreSQL before 16
        // no vertical tab for a space: the server refuses there by itself what the guard lets through.
        const serverIsStricter = reading === 'syntax' && /\$1|\v/.test(text);
        if (serverIsStricter && !unparsable) return;
        expect({ text, syntax: reading === 'syntax' }).toEqual({ text, syntax: unparsable });
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  it.each([
    String.raw`'a\'`,
    String.raw`'a\\b'`,
    String.raw`E'a\'b\\c\x41\101\u0042\n'`,
    String.raw`U&'\0061\+000062'`,
    "U&'!0061' uescape '!'",
    "'a''b'",
    "'a'\n 'b'",
    "'a' /* ' */",
    "/* /* ' */ ' */ $$a'b$$",
    '$x$a$$b$y$c$x$',
    "$é$a'b$é$",
    "'a\u00a0b'",
    "N'abc'",
    "'\u007f\u0001'",
  ])('a literal has the value that the guard reads: %s', async (literal) => {
    const text = `select ${literal}`;
    const result = parse(text);
    if (result.outcome !== 'tree') throw new Error(`unread: ${text}`);
    const value = /"sval":\{"sval":("(?:[^"\\]|\\.)*")\}/.exec(
      JSON.stringify(result.statements).replaceAll(/\{"String":\{"sval":"[^"]*"\}\}/g, ''),
    )?.[1];
    const { rows } = await clientFor(encoding).query({ text, rowMode: 'array' });
    // `char` of N'…' pads nothing here; everything else is text.
    expect(rows[0]?.[0]).toBe(JSON.parse(value ?? 'null'));
  });
});

it('an unpinned session would be read differently, which is why the pool pins it', async () => {
  const text = String.raw`select '\'', set_config($$guard.probe$$,$$hit$$,false) --'`;
  expect(guard.inspect(text).allowed).toBe(true);
  const client = clientFor('UTF8');
  expect(await serverTakes(client, text)).toEqual({ reading: 'read', hit: false });
  await client.query('set standard_conforming_strings = off');
  expect(await serverTakes(client, text)).toEqual({ reading: 'read', hit: true });
  await client.query('reset all');
  expect(await serverTakes(client, text)).toEqual({ reading: 'read', hit: false });
});
