import { expect, it } from 'vitest';
import { z } from 'zod';
import { configSchema } from '../../config.ts';
import { configReference } from './config-reference.ts';

it('says something of every key of the configuration', () => {
  const lines = configReference(configSchema)
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(lines.length).toBeGreaterThan(30);
  // The cells of a row: key, type, default, words; all but the default must be there.
  for (const line of lines) {
    const [, key, type, , words] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    expect(type, key).not.toBe('');
    expect(words, key).toMatch(/\w{3}/);
  }
});

it('refuses a key without a description, however deep it lies', () => {
  const inUnion = z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('plain') }),
    z.strictObject({ kind: z.literal('named'), name: z.string() }),
  ]);
  const section = z.strictObject({
    told: z.string().describe('Told.'),
    list: z.array(z.strictObject({ silent: z.string() })).describe('A list.'),
    source: z.array(inUnion).describe('A source.'),
  });
  expect(() => configReference(z.strictObject({ room: section }))).toThrow(
    'room: describe the keys list[].silent, source[].name',
  );
});
