/** What an operation checks before and after it runs. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineOperation } from './operation.ts';

const rename = defineOperation({
  name: 'thing.rename',
  room: 'test',
  kind: 'change',
  permission: 'thing:manage',
  node: 'root',
  summary: 'Renames a thing.',
  input: z.strictObject({ name: z.string().min(1) }),
  output: z.strictObject({ name: z.string() }),
  errors: [],
  run: async (ports: { given: unknown[] }, { name }) => {
    ports.given.push(name);
    return { name: name.toUpperCase() };
  },
});

it('runs with what its schema made of the input', async () => {
  const ports = { given: [] };
  await expect(rename.run(ports, { name: 'a' })).resolves.toEqual({ name: 'A' });
  expect(ports.given).toEqual(['a']);
});

it('refuses a misspelt field before anything runs', async () => {
  const ports = { given: [] };
  // What comes over the wire has no type.
  const input = { name: 'a', nmae: 'b' } as { name: string };
  await expect(rename.run(ports, input)).rejects.toMatchObject({
    code: 'kernel.input_invalid',
    status: 400,
    message: expect.stringContaining('nmae'),
  });
  expect(ports.given).toEqual([]);
});
