/** What the one-row read has to reach, and the one latency that counts across a network. */
import { cpuRatio, type Measured, ratio } from '../harness/rounds.ts';
import { type Verdict, verdict } from '../harness/verdict.ts';
import { CEILING } from './ways/index.ts';

const OF_CEILING = [
  ['bulkhead', 0.6],
  ['bulkhead-in-flight', 0.7],
  ['plain-in-flight', 0.85],
] as const;

const TIMES_AS_FAST = [
  ['bulkhead', 'four-round-trips', 2],
  ['bulkhead', 'drizzle', 2],
  ['bulkhead', 'prisma', 2],
  ['bulkhead', 'kysely', 2],
  ['drizzle-protected', 'drizzle', 1.6],
  ['kysely-protected', 'kysely', 1.6],
  ['prisma-protected', 'prisma', 1.6],
] as const;

const LATENCY_MAX = 1.1;

export function throughputVerdicts(where: string, measured: readonly Measured[]): Verdict[] {
  const of = (key: string) => measured.find((one) => one.key === key);
  const found: Verdict[] = [];
  const compare = (one: string, other: string, target: number, what: string): void => {
    const ours = of(one);
    const theirs = of(other);
    if (ours === undefined || theirs === undefined) return;
    const is = ratio(ours.byRound, theirs.byRound);
    found.push(verdict(what, where, is, target, { byCpu: cpuRatio(ours, theirs) }));
  };
  for (const [key, target] of OF_CEILING) compare(key, CEILING, target, `${key} / ceiling`);
  for (const [one, other, target] of TIMES_AS_FAST) {
    compare(one, other, target, `${one} / ${other}`);
  }
  return found;
}

export function latencyVerdicts(where: string, measured: readonly Measured[]): Verdict[] {
  const p50 = (key: string) => measured.find((one) => one.key === key)?.p50ByRound;
  const ours = p50('bulkhead');
  const ceiling = p50(CEILING);
  if (ours === undefined || ceiling === undefined) return [];
  return [
    verdict('latency: bulkhead / ceiling', where, ratio(ours, ceiling), LATENCY_MAX, {
      atMost: true,
    }),
  ];
}
