/** Commands that are gathered: none is lost, and each is found by its first word. */
import { expect, test } from 'vitest';
import { gatherCommands, loadCommands, loadCommandsFor } from './commands.ts';

const none = async () => [];

test('a first word that two rooms claim is an error, also where one of them is the house', () => {
  expect(Object.keys(gatherCommands([{ init: none }, { key: none, audit: none }]))).toEqual([
    'init',
    'key',
    'audit',
  ]);
  expect(() => gatherCommands([{ key: none }, { audit: none }, { key: none }])).toThrow(
    'two claim the command key',
  );
  // A name that every object has is one like any other.
  expect(() => gatherCommands([{ constructor: none }])).not.toThrow();
});

test('every command has a name of its own, and is found by its first word alone', async () => {
  const names = (await loadCommands()).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const word of new Set(names.map((name) => name.split(' ', 1)[0] ?? ''))) {
    const found = (await loadCommandsFor([word])).map(({ name }) => name);
    expect(found).toEqual(names.filter((name) => name.split(' ', 1)[0] === word));
  }
});
