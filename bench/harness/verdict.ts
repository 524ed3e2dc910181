/** A target and what came of it. */

export interface Verdict {
  readonly what: string;
  readonly where: string;
  readonly is: number;
  readonly target: number;
  readonly atMost: boolean;
  readonly held: boolean;
}

export function verdict(
  what: string,
  where: string,
  is: number,
  target: number,
  atMost = false,
): Verdict {
  return { what, where, is, target, atMost, held: atMost ? is <= target : is >= target };
}

export function describeVerdict({ what, where, is, target, atMost, held }: Verdict): string[] {
  return [held ? '✔' : '✖', what, where, is.toFixed(2), `${atMost ? '≤' : '≥'} ${target}`];
}
