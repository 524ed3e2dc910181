/** A target and what came of it. */
import { figure } from './table.ts';

export interface Verdict {
  readonly what: string;
  readonly where: string;
  readonly is: number;
  /**
   * The same ratio by processor time of app and server together: steadier than `is` where others use the
   * machine, and what `is` comes to where processors are the limit. Not judged.
   */
  readonly byCpu: number | undefined;
  readonly target: number;
  readonly atMost: boolean;
  readonly held: boolean;
}

export function verdict(
  what: string,
  where: string,
  is: number,
  target: number,
  { atMost = false, byCpu }: { atMost?: boolean; byCpu?: number | undefined } = {},
): Verdict {
  return { what, where, is, byCpu, target, atMost, held: atMost ? is <= target : is >= target };
}

export const VERDICT_HEAD = ['', 'target', 'where', 'is', 'asked', 'by CPU'];

export function describeVerdict(given: Verdict): string[] {
  const { what, where, is, target, atMost, held, byCpu } = given;
  const asked = `${atMost ? '≤' : '≥'} ${target}`;
  return [held ? '✔' : '✖', what, where, figure(is), asked, figure(byCpu)];
}
