/** Processor time of processes, from Linux's own accounts of their threads; zero elsewhere. */
import { readdirSync, readFileSync } from 'node:fs';

const EVERY_MS = 1_000;

/** In microseconds. */
export function cpuUsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce(
      (sum, thread) =>
        sum + Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ', 1)[0]) / 1_000,
      0,
    );
  } catch {
    return 0;
  }
}

/** What this process, the apps' and all others that it has started use from now on: those are PostgreSQL's. */
export function watchCpu(apps) {
  const all = new Map();
  const look = (first) => {
    for (const pid of new Set([...apps, ...descendantsOf(process.pid)])) {
      const us = cpuUsOf(pid);
      const known = all.get(pid);
      if (known !== undefined) known.us = Math.max(known.us, us);
      else all.set(pid, { us, fromUs: first ? us : 0 });
    }
  };
  look(true);
  const own = process.cpuUsage();
  const timer = setInterval(look, EVERY_MS, false);
  return {
    stop() {
      clearInterval(timer);
      look(false);
      const { user, system } = process.cpuUsage(own);
      const used = { load: user + system, app: 0, server: 0 };
      for (const [pid, { us, fromUs }] of all) {
        used[apps.includes(pid) ? 'app' : 'server'] += us - fromUs;
      }
      return used;
    },
  };
}

/** The processes that a process has started, and theirs. */
function descendantsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      read(`/proc/${pid}/task/${thread}/children`)
        .split(' ')
        .filter(Boolean)
        .flatMap((child) => [Number(child), ...descendantsOf(child)]),
    );
  } catch {
    return [];
  }
}

const read = (path) => readFileSync(path, 'latin1');
