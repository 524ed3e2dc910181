/**
 * Interleaved rounds: in each round every contender gets one slot, in an order that rotates, and is compared
 * with what the base did in the same round. What disturbs the machine disturbs all of them, and a median
 * over rounds leaves the rest out.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CpuClock, ownCpu } from './cpu.ts';
import { median, quantile } from './statistics.ts';

export interface Contender {
  readonly key: string;
  /** One request; `caller` and `turn` pick what it asks for. */
  request(caller: number, turn: number): Promise<void>;
}

export interface RoundsOptions {
  readonly rounds: number;
  readonly slotMs: number;
  readonly warmUpMs: number;
  readonly callers: number;
  readonly quick: boolean;
  readonly serverCpu: CpuClock;
}

export interface Measured {
  readonly key: string;
  /** Medians over the rounds. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly clientCpuUs: number;
  readonly serverCpuUs: number | undefined;
  /** Requests per second, one value a round; rounds of all contenders line up. */
  readonly byRound: readonly number[];
  readonly p50ByRound: readonly number[];
}

interface Slot {
  readonly requests: number;
  readonly elapsedMs: number;
  readonly latenciesMs: readonly number[];
  readonly clientCpuUs: number;
  readonly serverCpuUs: number | undefined;
}

export async function measure(
  contenders: readonly Contender[],
  options: RoundsOptions,
): Promise<Measured[]> {
  for (const contender of contenders) await slot(contender, options, options.warmUpMs);
  const slots = new Map<string, Slot[]>(contenders.map(({ key }) => [key, []]));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const contender of inOrderOf(round, contenders)) {
      slots.get(contender.key)?.push(await slot(contender, options, options.slotMs));
    }
  }
  return [...slots].map(([key, taken]) => summarise(key, taken));
}

/** The median over rounds of what `one` did against what `other` did in the same round. */
export function ratio(one: readonly number[], other: readonly number[]): number {
  return median(one.map((value, round) => value / (other[round] ?? Number.NaN)));
}

/** How many times less processor time `one` takes for a request than `other`, app and server together. */
export function cpuRatio(one: Measured, other: Measured): number | undefined {
  if (one.serverCpuUs === undefined || other.serverCpuUs === undefined) return undefined;
  return (other.clientCpuUs + other.serverCpuUs) / (one.clientCpuUs + one.serverCpuUs);
}

/** Starts elsewhere and turns round each time, so that nobody always follows the same neighbour. */
function inOrderOf(round: number, contenders: readonly Contender[]): readonly Contender[] {
  const start = (round * 5) % contenders.length;
  const turned = [...contenders.slice(start), ...contenders.slice(0, start)];
  return round % 2 === 0 ? turned : turned.reverse();
}

async function slot(contender: Contender, options: RoundsOptions, lengthMs: number): Promise<Slot> {
  // One contender's garbage is not collected at the next one's expense.
  if (!options.quick) globalThis.gc?.();
  await sleep(2);
  const latenciesMs: number[] = [];
  const serverBefore = options.serverCpu();
  const clientBefore = ownCpu();
  const startedMs = performance.now();
  const endMs = startedMs + lengthMs;
  const call = async (caller: number): Promise<void> => {
    for (let turn = 0; ; turn += 1) {
      const beganMs = performance.now();
      if (beganMs >= endMs && turn > 0) return;
      await contender.request(caller, turn);
      latenciesMs.push(performance.now() - beganMs);
    }
  };
  await Promise.all(Array.from({ length: options.callers }, (_, caller) => call(caller)));
  const elapsedMs = performance.now() - startedMs;
  const clientCpuUs = ownCpu() - clientBefore;
  const serverAfter = options.serverCpu();
  return {
    requests: latenciesMs.length,
    elapsedMs,
    latenciesMs: latenciesMs.sort((a, b) => a - b),
    clientCpuUs,
    serverCpuUs:
      serverBefore === undefined || serverAfter === undefined
        ? undefined
        : serverAfter - serverBefore,
  };
}

function summarise(key: string, slots: readonly Slot[]): Measured {
  const requests = slots.reduce((sum, taken) => sum + taken.requests, 0);
  const byRound = slots.map((taken) => (taken.requests / taken.elapsedMs) * 1000);
  const p50ByRound = slots.map((taken) => quantile(taken.latenciesMs, 0.5));
  // A tick of the server's clock is 10 ms: only the sum over all rounds says something.
  const server = slots.map((taken) => taken.serverCpuUs).filter((us) => us !== undefined);
  return {
    key,
    perSecond: median(byRound),
    p50Ms: median(p50ByRound),
    p99Ms: median(slots.map((taken) => quantile(taken.latenciesMs, 0.99))),
    clientCpuUs: slots.reduce((sum, taken) => sum + taken.clientCpuUs, 0) / requests,
    serverCpuUs:
      server.length < slots.length ? undefined : server.reduce((sum, us) => sum + us, 0) / requests,
    byRound,
    p50ByRound,
  };
}
