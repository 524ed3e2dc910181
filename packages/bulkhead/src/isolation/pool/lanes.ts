/**
 * Several groups of one tenant in flight on one connection, when every connection is busy.
 *
 * Each group keeps its own Sync, so an error stays with its statement; but neighbours share the fate of the
 * connection, which is why a lane holds one tenant only and takes no transaction control. A lane takes as
 * many waiting statements of its tenant as fit when it opens, and newcomers only while nobody else waits.
 */
import type pg from 'pg';
import { connectionError } from './connection-error.ts';
import type { ScopedClient } from './scoped-client.ts';
import type { Statement } from './scoped-query.ts';

interface Job {
  readonly lane: string;
  readonly statement: Statement;
  readonly resolve: (result: pg.QueryResult) => void;
  readonly reject: (error: Error) => void;
}

interface Lane {
  readonly client: ScopedClient & pg.PoolClient;
  inFlight: number;
  /** Statements taken since the lane opened; bounded, so that it comes back to the pool. */
  taken: number;
}

const TAKEN_MAX = 256;

export class Lanes {
  readonly #inFlightMax: number;
  readonly #acquire: () => Promise<ScopedClient & pg.PoolClient>;
  readonly #hasRoom: () => boolean;
  readonly #open = new Map<string, Set<Lane>>();
  readonly #waiting = new Set<Job>();

  constructor(
    inFlightMax: number,
    acquire: () => Promise<ScopedClient & pg.PoolClient>,
    hasRoom: () => boolean,
  ) {
    this.#inFlightMax = inFlightMax;
    this.#acquire = acquire;
    this.#hasRoom = hasRoom;
  }

  run(lane: string, statement: Statement): Promise<pg.QueryResult> {
    return new Promise((resolve, reject) => {
      const job: Job = { lane, statement, resolve, reject };
      const shared =
        this.#waiting.size === 0 && !this.#hasRoom() ? this.#laneWithRoom(lane) : undefined;
      if (shared !== undefined) this.#dispatch(shared, job);
      else this.#wait(job);
    });
  }

  #wait(job: Job): void {
    this.#waiting.add(job);
    this.#acquire().then(
      (client) => this.#opened(client, job),
      (error) => {
        // A lane may have taken the job in the meantime; then the request for a connection was spare.
        if (this.#waiting.delete(job)) job.reject(error);
      },
    );
  }

  #opened(client: ScopedClient & pg.PoolClient, requester: Job): void {
    const first = this.#waiting.has(requester) ? requester : firstOf(this.#waiting);
    if (first === undefined) {
      client.release();
      return;
    }
    client.share(true);
    const lane: Lane = { client, inFlight: 0, taken: 0 };
    const lanes = this.#open.get(first.lane) ?? new Set();
    this.#open.set(first.lane, lanes.add(lane));
    this.#dispatch(lane, first);
    for (const job of this.#waiting) {
      if (lane.inFlight >= this.#inFlightMax) break;
      if (job.lane === first.lane) this.#dispatch(lane, job);
    }
  }

  #dispatch(lane: Lane, job: Job): void {
    this.#waiting.delete(job);
    lane.inFlight += 1;
    lane.taken += 1;
    lane.client.dispatch(job.statement, (error, result) => {
      lane.inFlight -= 1;
      if (lane.inFlight === 0) this.#close(lane, job.lane);
      error ? job.reject(connectionError(error)) : job.resolve(result as pg.QueryResult);
    });
  }

  #close(lane: Lane, name: string): void {
    const lanes = this.#open.get(name);
    lanes?.delete(lane);
    if (lanes?.size === 0) this.#open.delete(name);
    lane.client.share(false);
    lane.client.release(lane.client.isClean ? undefined : true);
  }

  #laneWithRoom(name: string): Lane | undefined {
    let best: Lane | undefined;
    for (const lane of this.#open.get(name) ?? []) {
      if (lane.inFlight >= this.#inFlightMax || lane.taken >= TAKEN_MAX) continue;
      if (best === undefined || lane.inFlight < best.inFlight) best = lane;
    }
    return best;
  }
}

function firstOf(jobs: Set<Job>): Job | undefined {
  for (const job of jobs) return job;
  return undefined;
}
