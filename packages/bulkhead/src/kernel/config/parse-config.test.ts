import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveConfig } from '../../config.ts';
import { generateContextKey } from '../../isolation/index.ts';
import { isBulkheadError } from '../errors.ts';

const valid = () => ({
  database: { appRole: 'notes_app' },
  isolation: { contextKeys: [generateContextKey()] },
  identity: { tenantFrom: [{ from: 'header', name: 'x-tenant' }] },
});

function messageOf(input: unknown): string {
  try {
    resolveConfig(input);
  } catch (error) {
    if (isBulkheadError(error, 'kernel.config_invalid')) {
      return `${error.message} ${error.detail ?? ''} ${JSON.stringify(error)}`;
    }
    throw error;
  }
  return '';
}

test('a valid configuration comes back with its defaults', () => {
  const config = resolveConfig(valid());
  expect(config.isolation).toMatchObject({ tokenLifetimeSeconds: 300, searchPath: ['public'] });
});

test('all faults are told at once, each with its path', () => {
  const message = messageOf({
    database: { appRole: 'Notes App', colour: 'red' },
    isolation: { contextKeys: ['short'], tokenLifetimeSeconds: 901, pooler: 'sometimes' },
    identity: { tenantFrom: [{ from: 'header' }] },
    audit: {},
    colours: {},
  });
  for (const path of [
    'database.appRole: ',
    'database.colour: is not a known key',
    'isolation.contextKeys[0]: ',
    'isolation.tokenLifetimeSeconds: must be at most 900',
    "isolation.pooler: must be 'detect' or 'none' or 'transaction'",
    'identity.tenantFrom[0].name: is required',
    'audit.origin: is required',
    'colours: is not a known key',
  ]) {
    expect(message).toContain(path);
  }
});

test.each([undefined, null, 7, 'text', []])('%j is no configuration', (input) => {
  expect(messageOf(input)).toContain('(the whole)');
});

test('a token that lives longer than the database allows, or no key, refuses to start', () => {
  const { isolation, ...rest } = valid();
  expect(messageOf({ ...rest, isolation: { ...isolation, tokenLifetimeSeconds: 3600 } })).not.toBe(
    '',
  );
  expect(messageOf({ ...rest, isolation: { contextKeys: [] } })).toContain('at least one key');
});

test.each([
  ['no keys', {}, 'isolation.contextKeys: '],
  ['an empty key, as init writes it', { contextKeys: [''] }, 'isolation.contextKeys[0]: '],
  ['an absent key', { contextKeys: [undefined] }, 'isolation.contextKeys[0]: '],
])(
  '%s: the fault names the variable and the file it should come from',
  (_case, isolation, path) => {
    const message = messageOf({ ...valid(), isolation });
    expect(message).toContain(`${path}is missing: set BULKHEAD_CONTEXT_KEY.`);
    expect(message).toContain('.env');
    expect(message).toContain('has a fault:');
  },
);

test('a key of another type or shape is told as such', () => {
  expect(messageOf({ ...valid(), isolation: { contextKeys: [7] } })).toContain('must be a string');
  expect(messageOf({ ...valid(), isolation: { contextKeys: 'x' } })).toContain('must be an array');
  expect(messageOf({ ...valid(), isolation: { contextKeys: ['x'] } })).toContain('43 base64url');
});

test('no value of the input is ever part of the message, wherever a secret was put by mistake', () => {
  const places = [
    (secret: string) => ({ ...valid(), database: { appRole: secret } }),
    (secret: string) => ({ ...valid(), database: { appRole: 'a', adminUrl: secret } }),
    (secret: string) => ({ ...valid(), isolation: { contextKeys: [secret] } }),
    (secret: string) => ({ ...valid(), isolation: { contextKeys: secret } }),
    (secret: string) => ({ ...valid(), isolation: { contextKeys: ['x'], pooler: secret } }),
    (secret: string) => ({ ...valid(), isolation: { contextKeys: ['x'], [secret]: 1 } }),
    (secret: string) => ({ ...valid(), identity: { tenantFrom: [{ from: secret }] } }),
    (secret: string) => ({ ...valid(), identity: { tenantFrom: secret, jwt: secret } }),
    (secret: string) => ({
      ...valid(),
      identity: { tenantFrom: [{ from: 'subdomain', of: secret }] },
    }),
    (secret: string) => ({ ...valid(), [secret]: secret }),
  ];
  // Long and with a sign that no word of a message holds, as passwords, keys and URLs are.
  const secretText = fc
    .string({ minLength: 12, maxLength: 60, unit: 'grapheme-ascii' })
    .map((text) => `bhk1_${text}~7`);
  fc.assert(
    fc.property(fc.constantFrom(...places), secretText, (place, secret) => {
      const message = messageOf(place(secret));
      expect(message).not.toContain(secret);
      expect(message).not.toContain(JSON.stringify(secret).slice(1, -1));
    }),
    { numRuns: 300 },
  );
});
