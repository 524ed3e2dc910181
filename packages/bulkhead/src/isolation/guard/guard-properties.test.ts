import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createGuard, type Guard, loadGuard } from './index.ts';
import { type RefusedName, refusedFunctions, refusedRelations } from './refused-names.ts';

let guard: Guard;
beforeAll(async () => {
  await loadGuard();
  guard = createGuard({ functions: [], relations: [], statements: [] });
});

/** A name that the list refuses: whole, or a refused beginning with something after it. */
const oneOf = (names: readonly RefusedName[]) =>
  fc
    .tuple(fc.constantFrom(...names), fc.stringMatching(/^[a-z0-9_]{0,12}$/))
    .map(([{ name }, ending]) => (name.endsWith('*') ? name.slice(0, -1) + ending : name));

/** The same identifier as PostgreSQL reads it, spelled at random: case, quotes, unicode escapes. */
const spelled = (name: string) =>
  fc.oneof(
    fc
      .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
      .map((upper) => [...name].map((c, i) => (upper[i] ? c.toUpperCase() : c)).join('')),
    fc.constant(`"${name}"`),
    fc
      .array(fc.constantFrom(0, 1, 2), { minLength: name.length, maxLength: name.length })
      .map((how) => {
        const hex = (c: string) => c.charCodeAt(0).toString(16);
        const encode = (c: string, i: number) =>
          how[i] === 0
            ? c
            : how[i] === 1
              ? `\\${hex(c).padStart(4, '0')}`
              : `\\+${hex(c).padStart(6, '0')}`;
        return `U&"${[...name].map(encode).join('')}"`;
      }),
  );

const schema = fc.constantFrom(
  '',
  'pg_catalog.',
  'PG_CATALOG . ',
  '"public".',
  'U&"ext" ./**/ ',
  'db.pg_catalog.',
);

/** What may stand between two tokens. */
const gap = fc
  .array(
    fc.constantFrom(
      ' ',
      '\n',
      '\t',
      '\r',
      '\f',
      '/**/',
      '/* a /* b */ */',
      "-- it's\n",
      '/* $$ */',
      '--\r',
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => ` ${parts.join('')} `);

const wrappers = [
  'select $',
  'select (select $)',
  'with x as (select $) table x',
  'values (($))',
  'insert into t values ($)',
  'update t set a = $ where true',
  'delete from t where $',
  'select f(1, $)',
  'select case when $ then 1 end',
  'select 1 from t order by $',
  'select 1 union select $',
  'select array[$]',
  'select 1 limit $',
  'insert into t values (1) on conflict (id) do update set a = $',
  'copy (select $) to stdout',
  'merge into t using s on $ when matched then delete',
];
const wrapped = (inner: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.constantFrom(...wrappers), inner)
    .map(([wrapper, text]) => wrapper.replace('$', () => text));
const nested = (inner: fc.Arbitrary<string>) =>
  fc
    .tuple(
      inner,
      fc.array(fc.constantFrom('(', '(select ', 'coalesce(1, ', 'f(x => ', 'array[', 'not ('), {
        maxLength: 6,
      }),
    )
    .map(([text, opens]) =>
      opens.reduceRight((sql, open) => `${open}${sql}${open.endsWith('[') ? ']' : ')'}`, text),
    );

describe('however a statement is written', () => {
  it('a refused function is refused in any case, quoting, schema and position', () => {
    const call = oneOf(refusedFunctions)
      .chain((name) =>
        fc.tuple(
          schema,
          spelled(name),
          gap,
          fc.constantFrom('', '1', "'a', $1", "variadic array['a']", 'distinct 1'),
        ),
      )
      .map(([qualifier, name, space, args]) => `${qualifier}${name}${space}(${args})`);
    fc.assert(
      fc.property(wrapped(nested(call)), (sql) => {
        expect(guard.inspect(sql)).toMatchObject({
          allowed: false,
          code: 'isolation.statement_refused',
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('a refused relation is refused in any case, quoting, schema and position', () => {
    const relation = oneOf(refusedRelations)
      .chain((name) => fc.tuple(schema, spelled(name), fc.constantFrom('', ' x', ' as x (a, b)')))
      .map(
        ([qualifier, name, alias]) => `(select 1 from t cross join ${qualifier}${name}${alias})`,
      );
    fc.assert(
      fc.property(wrapped(nested(relation)), (sql) => {
        expect(guard.inspect(sql)).toMatchObject({
          allowed: false,
          code: 'isolation.statement_refused',
        });
      }),
      { numRuns: 1500 },
    );
  });

  it("anything of Bulkhead's schema but its two public functions is refused", () => {
    const name = fc
      .stringMatching(/^[a-z_]{1,20}$/)
      .filter((n) => n !== 'tenant_id' && n !== 'actor');
    fc.assert(
      fc.property(
        wrapped(fc.tuple(spelled('bulkhead'), name).map(([s, n]) => `${s}."${n}"()`)),
        (sql) => {
          expect(guard.inspect(sql)).toMatchObject({ allowed: false });
        },
      ),
    );
    fc.assert(
      fc.property(
        wrapped(fc.tuple(spelled('bulkhead'), name).map(([s, n]) => `(table ${s}."${n}")`)),
        (sql) => {
          expect(guard.inspect(sql)).toMatchObject({ allowed: false });
        },
      ),
    );
  });

  it('white space and comments between tokens never change a verdict', () => {
    const corpus = [
      ['select', '1'],
      ['select', 'set_config', '(', "'a'", ',', "'b'", ',', 'false', ')'],
      ['set', 'role', 'x'],
      ['begin', 'isolation', 'level', 'serializable'],
      ['commit', 'and', 'chain'],
      ['select', '1', ';', 'select', '2'],
      ['copy', 't', 'from', 'stdin'],
      ['copy', 't', 'to', "'/x'"],
      ['delete', 'from', '"pg_settings"'],
      ['insert', 'into', 't', 'values', '(', '$1', ')', 'returning', '*'],
      ['reset', 'all'],
      ['table', 'bulkhead', '.', 'x'],
      ['select', 'bulkhead', '.', 'tenant_id', '(', ')'],
      ['declare', 'c', 'cursor', 'for', 'select', '1'],
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...corpus),
        fc.array(gap, { minLength: 20, maxLength: 20 }),
        (tokens, gaps) => {
          const plain = guard.inspect(tokens.join(' '));
          const spread = guard.inspect(
            (gaps[19] ?? '') + tokens.map((t, i) => t + gaps[i]).join(''),
          );
          expect(spread).toEqual(plain);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('any text at all gets a verdict and never an exception', () => {
    const word = fc.constantFrom(
      'select',
      "'",
      '"',
      '$$',
      '$a$',
      '/*',
      '*/',
      '--',
      '\n',
      ';',
      '(',
      ')',
      '\\',
      "E'",
      "U&'",
      'x',
      ',',
      '1',
      '\0',
      '\ud800',
      'é',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(word).map((words) => words.join(' ')),
        ),
        (sql) => {
          expect(guard.inspect(sql)).toHaveProperty('allowed');
        },
      ),
      { numRuns: 2000 },
    );
  });
});
