/**
 * What has to be done with people's accounts though nobody asks for it: sending mail, looking for the records of
 * domains again, forgetting sessions that ended long ago.
 *
 * Promises: any number of processes may do it; none of it is lost when one of them dies; what fails is tried
 * again at the next turn. Its timers keep no process alive.
 */

export interface HousekeepingPorts {
  /** Absent where no mail is configured. */
  readonly sendMail: (() => void) | undefined;
  /** Looks for the records of domains that were not looked for within a day. */
  verifyDomains(): Promise<unknown>;
  sweepSessions(): Promise<unknown>;
  onFailure(error: unknown): void;
}

export type HousekeepingTask = 'mail' | 'domains' | 'sessions';

export interface Housekeeping {
  /** Begins, and says what it does; again, it does nothing more. */
  start(): readonly HousekeepingTask[];
  /** Finishes what is under way. */
  stop(): Promise<void>;
}

/** Far below a day, so that a process that lives for an hour does its part. */
const EVERY_MS = 15 * 60_000;

export function createHousekeeping(ports: HousekeepingPorts): Housekeeping {
  const timers: NodeJS.Timeout[] = [];
  const underway = new Set<Promise<void>>();
  let begun = false;

  function every(work: () => Promise<unknown>): void {
    const turn = (): void => {
      const done: Promise<void> = work()
        .then(() => undefined, ports.onFailure)
        .finally(() => underway.delete(done));
      underway.add(done);
    };
    turn();
    timers.push(setInterval(turn, EVERY_MS).unref());
  }

  return {
    start() {
      if (!begun) {
        begun = true;
        ports.sendMail?.();
        every(ports.verifyDomains);
        every(ports.sweepSessions);
      }
      return [...(ports.sendMail === undefined ? [] : (['mail'] as const)), 'domains', 'sessions'];
    },
    async stop() {
      timers.forEach(clearInterval);
      await Promise.all(underway);
    },
  };
}
