import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

test('the examples of RFC 8785 come out as the RFC prints them', () => {
  const example = JSON.parse(
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
  );
  expect(canonicalJson(example)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  const sorting = JSON.parse(
    '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
  );
  expect(Object.values(JSON.parse(canonicalJson(sorting)))).toEqual([
    // An object lists whole-number keys first, and so does JSON.parse.
    'One',
    'Carriage Return',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ]);
});

test('numbers are written as RFC 8785 appendix B lists them', () => {
  const numbers: [bits: string, text: string][] = [
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ];
  for (const [bits, text] of numbers) {
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
  }
});

// Any sequence of UTF-16 code units, halves of pairs and NUL included.
const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
const json = fc.jsonValue({ stringUnit: unit });

test('the text says the value, whatever the order of its keys, and saying it again changes nothing', () => {
  const shuffled = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shuffled)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, member]) => [key, shuffled(member)]),
          )
        : value;
  fc.assert(
    fc.property(json, (value) => {
      let text: string;
      try {
        text = canonicalJson(value);
      } catch (error) {
        // Only for text that has no UTF-8.
        expect(JSON.stringify(value)).toMatch(/\\ud[89a-f]/);
        expect(error).toBeInstanceOf(TypeError);
        return;
      }
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(canonicalJson(shuffled(value))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['NaN', Number.NaN],
  ['an infinite number', [Number.POSITIVE_INFINITY]],
  ['undefined in a list', [undefined]],
  ['a hole in a list', new Array(2)],
  ['a big integer', { n: 1n }],
  ['a date', { at: new Date(0) }],
  ['a map', new Map()],
  ['a function', () => 0],
  ['a symbol', Symbol('s')],
  ['half a surrogate pair', '\ud800'],
  ['half a surrogate pair as a key', { '\udc00': 1 }],
])('%s is refused, not turned into something else', (_what, value) => {
  expect(() => canonicalJson(value)).toThrow(TypeError);
});

test('a member named __proto__ is a member like any other', () => {
  const text = '{"__proto__":{"admin":true},"a":1}';
  expect(canonicalJson(JSON.parse(text))).toBe(text);
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
});

test('a text of known content has a known digest', () => {
  const digest = createHash('sha256')
    .update(canonicalJson({ b: [1, 'ü'], a: null }))
    .digest('hex');
  expect(digest).toBe(createHash('sha256').update('{"a":null,"b":[1,"ü"]}').digest('hex'));
});
