import { expect, it } from 'vitest';
import { NodePlaces } from './node-places.ts';

/** Ids whose marks are all alike: they differ only where no mark looks. */
const alike = (n: number) => `00000000-0000-4000-8${n.toString(16).padStart(6, '0')}000000000`;
const each = (n: number) =>
  `00000000-0000-4000-8000-${(n * 2654435761).toString(16).padStart(12, '0')}`;

it.each([
  ['different', each],
  ['chosen to look alike', alike],
])('every node is found at its own place, with ids that are %s', (_, idOf) => {
  const places = new NodePlaces();
  const count = 5_000;
  for (let n = 0; n < count; n += 1) places.set(idOf(n), n);
  for (let n = 0; n < count; n += 7) places.set(idOf(n), n + count);
  for (let n = 0; n < count; n += 1) {
    // A string of its own, as a request's is.
    const id = Buffer.from(idOf(n)).toString('latin1');
    const place = n % 7 === 0 ? n + count : n;
    if (places.get(id) !== place) expect.fail(`${id} is at ${places.get(id)}, not at ${place}`);
  }
  expect(places.size).toBe(count);
  for (const id of [idOf(count), '', 'x'.repeat(36), idOf(1).slice(1), `${idOf(1)} `]) {
    expect(places.get(id)).toBeUndefined();
  }
});
