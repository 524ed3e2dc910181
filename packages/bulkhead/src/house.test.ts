import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, it } from 'vitest';

/** From the ground up: a room imports from those before it. The last three stand beside each other. */
const FLOORS = [
  ['kernel'],
  ['isolation'],
  ['audit'],
  ['access'],
  ['policies'],
  ['identity'],
  ['integrations', 'http', 'cli', 'client'],
];
const floorOf = new Map(FLOORS.flatMap((rooms, floor) => rooms.map((room) => [room, floor])));

/** What of a room is small, and wanted where the room itself must not be loaded: commands start quickly by it. */
const LIGHT = ['capability.ts', 'config.ts', 'errors.ts', 'tenant-context.ts'];
/** Opens the room behind it when the first request comes. */
const OPENED_LATE = 'http/open-control-plane.ts';

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

interface Arrow {
  readonly from: string;
  readonly to: string;
}

function arrowsBetweenRooms(): Arrow[] {
  const root = import.meta.dirname;
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return Array.from(text.matchAll(IMPORT), ([, to = '']) => ({
        from: slashed(file),
        to: slashed(relative(root, join(root, dirname(file), to))),
      }));
    })
    .filter(({ from, to }) => roomOf(from) !== roomOf(to));
}

const slashed = (path: string): string => path.split(sep).join('/');
const roomOf = (file: string): string => file.split('/', 1)[0] ?? file;
const told = ({ from, to }: Arrow): string => `${from} -> ${to}`;

it('a room imports from rooms below it alone', () => {
  const arrows = arrowsBetweenRooms().filter(
    ({ from, to }) => floorOf.has(roomOf(from)) && floorOf.has(roomOf(to)),
  );
  expect(arrows.length).toBeGreaterThan(300);
  const upwards = arrows.filter(
    ({ from, to }) => (floorOf.get(roomOf(from)) ?? 0) <= (floorOf.get(roomOf(to)) ?? 0),
  );
  expect(upwards.map(told)).toEqual([]);
});

it('a room is entered by its door', () => {
  const behind = arrowsBetweenRooms().filter(
    ({ to }) =>
      to.includes('/') &&
      // The kernel is no room: everything stands on its parts.
      roomOf(to) !== 'kernel' &&
      to !== OPENED_LATE &&
      // A large part, such as the prover, has a door of its own.
      !to.endsWith('/index.ts') &&
      !LIGHT.includes(to.slice(roomOf(to).length + 1)),
  );
  expect(behind.map(told)).toEqual([]);
});
