/** Processor time of this process and, where /proc shows it, of a server and all its children. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: the unit of /proc/<pid>/stat on every Linux that Node runs on. */
const TICK_US = 10_000;

export type CpuClock = () => number | undefined;

export function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Microseconds used so far by the processes `roots` and their children; undefined off Linux. */
export function cpuOf(roots: readonly number[]): CpuClock {
  return () => {
    try {
      let ticks = 0;
      for (const name of readdirSync('/proc')) {
        if (!/^\d+$/.test(name)) continue;
        const stat = statOf(name);
        if (stat === undefined) continue;
        if (roots.includes(Number(name)) || roots.includes(stat.parent)) ticks += stat.ticks;
      }
      return ticks * TICK_US;
    } catch {
      return undefined;
    }
  };
}

export function parentOf(pid: number): number | undefined {
  return statOf(String(pid))?.parent;
}

function statOf(pid: string): { parent: number; ticks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name may hold anything; the fields are counted from its closing bracket.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}
