import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface Detour {
  readonly url: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

/** Puts `roundTripMs` between the caller and the server at `url`. */
export async function startDelayProxy(url: string, roundTripMs: number): Promise<Detour> {
  const made = new URL(url);
  const child = fork(join(import.meta.dirname, 'delay-proxy.js'), [made.port, String(roundTripMs)]);
  const [address] = (await once(child, 'message')) as [AddressInfo];
  made.port = String(address.port);
  return {
    url: made.href,
    pid: child.pid,
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
