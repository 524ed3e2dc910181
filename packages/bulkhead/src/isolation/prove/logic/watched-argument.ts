/**
 * Arguments that tell when they are looked at: two calls that differ only in arguments at which nobody looked
 * come out alike, so one of them is enough.
 *
 * Promises: reading what such a value is, by whatever code, is told. How many alternatives it has is not: all
 * that are tried have one.
 */
import type { Alternative, Possible } from './value.ts';

const watched = new WeakSet<Possible>();

/** The same value, which calls `onLook` when somebody asks what it is. */
export function watch(given: Possible, onLook: () => void): Possible {
  const value: Alternative[] = [];
  given.forEach((alternative, at) => {
    Object.defineProperty(value, at, {
      enumerable: true,
      get: () => {
        onLook();
        return alternative;
      },
    });
  });
  watched.add(value);
  return value;
}

export const isWatched = (value: Possible): boolean => watched.has(value);
