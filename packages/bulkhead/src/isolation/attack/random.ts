/** A seeded generator, so that a run can be repeated. Never for secrets. */

export interface Random {
  /** A whole number from 0 to `bound - 1`. */
  below(bound: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** Undefined for an empty list. */
  pickAny<T>(items: readonly T[]): T | undefined;
  shuffle<T>(items: readonly T[]): T[];
  uuid(): string;
  hex(digits: number): string;
}

/** `mulberry32` of a 32-bit seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => below(16).toString(16)).join('');
  return {
    below,
    chance: (probability) => next() < probability,
    // The tuple type says that there is a first item, so the index below always holds one.
    pick: <T>(items: readonly [T, ...T[]]) => items[below(items.length)] ?? items[0],
    pickAny: (items) => items[below(items.length)],
    shuffle(items) {
      const mixed = [...items];
      for (let end = mixed.length - 1; end > 0; end -= 1) {
        const other = below(end + 1);
        const held = mixed[end] as (typeof mixed)[number];
        mixed[end] = mixed[other] as (typeof mixed)[number];
        mixed[other] = held;
      }
      return mixed;
    },
    hex,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
  };
}

/** A generator of its own for each purpose, so that one family's draws never shift another's. */
export function forkRandom(seed: number, purpose: string): Random {
  let hash = seed >>> 0;
  for (const character of purpose) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  }
  return createRandom(hash);
}
