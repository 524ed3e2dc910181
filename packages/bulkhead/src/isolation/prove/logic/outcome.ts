/**
 * What a condition may come out as, in SQL's three values, when some of what it depends on is free.
 *
 * Promises: `impossible` is a proof (over everything not known); `attainable` means that rows and values
 * exist that make it so; `open` means neither was shown. An error is none of the three values.
 */

/** 0 impossible, 1 open (not excluded, not shown), 2 attainable. */
export type Chance = 0 | 1 | 2;

export interface Outcome {
  readonly t: Chance;
  readonly f: Chance;
  readonly n: Chance;
  /** Chance that another tenant's rows decide it: what an oracle would tell. */
  readonly foreign: Chance;
  /** What makes it true, or what keeps it from being decided; null when nothing is worth saying. */
  readonly because: string | null;
}

export const TRUE: Outcome = { t: 2, f: 0, n: 0, foreign: 0, because: null };
export const FALSE: Outcome = { t: 0, f: 2, n: 0, foreign: 0, because: null };
export const NULL: Outcome = { t: 0, f: 0, n: 2, foreign: 0, because: null };
/** The condition cannot be evaluated: the statement fails, and shows nothing. */
export const ERROR: Outcome = { t: 0, f: 0, n: 0, foreign: 0, because: null };

export const either = (because: string | null): Outcome => ({
  t: 2,
  f: 2,
  n: 0,
  foreign: 0,
  because,
});
export const undecided = (because: string): Outcome => ({ t: 1, f: 1, n: 1, foreign: 0, because });

export const least = (a: Chance, b: Chance): Chance => (a < b ? a : b);
export const most = (a: Chance, b: Chance): Chance => (a > b ? a : b);

export function and(a: Outcome, b: Outcome): Outcome {
  return {
    t: least(a.t, b.t),
    f: most(a.f, b.f),
    n: most(least(a.n, most(b.t, b.n)), least(b.n, most(a.t, a.n))),
    foreign: most(a.foreign, b.foreign),
    because: a.t <= b.t ? (a.because ?? b.because) : (b.because ?? a.because),
  };
}

export function or(a: Outcome, b: Outcome): Outcome {
  return {
    t: most(a.t, b.t),
    f: least(a.f, b.f),
    n: most(least(a.n, most(b.f, b.n)), least(b.n, most(a.f, a.n))),
    foreign: most(a.foreign, b.foreign),
    because: a.t >= b.t ? (a.because ?? (a.t > b.t ? null : b.because)) : b.because,
  };
}

export const not = (a: Outcome): Outcome => ({ ...a, t: a.f, f: a.t });

/** One or the other happened; nobody knows which. */
export function union(a: Outcome, b: Outcome): Outcome {
  return {
    t: most(a.t, b.t),
    f: most(a.f, b.f),
    n: most(a.n, b.n),
    foreign: most(a.foreign, b.foreign),
    because: a.t >= b.t ? (a.because ?? b.because) : (b.because ?? a.because),
  };
}

/** The outcome in a case that itself has only this chance of arising. */
export function capped(a: Outcome, chance: Chance): Outcome {
  if (chance === 2) return a;
  return {
    t: least(a.t, chance),
    f: least(a.f, chance),
    n: least(a.n, chance),
    foreign: least(a.foreign, chance),
    because: a.because,
  };
}
